import { basename } from 'node:path'
import { SCHEMA } from '#core/config/schema.js'
import { isSecretName } from '#core/config/secrets.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { BotFiles } from '#core/init/bot-files.js'
import { commandOfLine } from '#core/init/command/command-of-line.js'
import { installCommand } from '#core/init/command/install-command.js'
import type { Existing } from '#core/init/existing.js'
import type { FirstVersion } from '#core/init/first-version.js'
import { type FoundBot, isRefused } from '#core/init/found-bot.js'
import { frameworkOf } from '#core/init/framework.js'
import { missingNames } from '#core/init/missing-names.js'
import { proposedProof, telegramTokenIn } from '#core/init/proposed-proof.js'
import type { Steps } from '#core/init/steps.js'
import { faultOf } from '#core/init/write-settings.js'
import type { Asker } from './asker.js'
import { chooseProof } from './choose-proof.js'

/** The flags that answer questions. */
export interface InitAnswers {
  readonly module?: string | undefined
  readonly name?: string | undefined
  readonly proof?: string | undefined
  readonly port?: number | undefined
  readonly set?: readonly string[] | undefined
  readonly alert?: boolean | undefined
  readonly 'alert-channel'?: readonly string[] | undefined
  readonly service?: boolean | undefined
  readonly watchdog?: boolean | undefined
  readonly deploy?: boolean | undefined
  readonly tag?: string | undefined
  readonly drill?: boolean | undefined
}

/** The facts that the questions depend on. */
export interface InitFacts {
  readonly existing: Existing
  readonly files: BotFiles
  readonly freePort: number
  readonly seesConnections: boolean
  /** Why no service can be installed here, if so. */
  readonly serviceFault: string | undefined
  readonly version: FirstVersion
}

/** The settings to write into `.env`; the names in `asked` may replace values that are there. */
export interface NewSettings {
  readonly settings: Readonly<Record<string, string>>
  readonly asked: ReadonlySet<string>
}

/**
 * Returns the settings of `--set NAME=VALUE`.
 * @throws CatalystError USAGE
 */
function settingsOfFlags(pairs: readonly string[] = []): Record<string, string> {
  const found = pairs.map((pair) => {
    const [, name, value] = /^([A-Za-z_][\w.]*)=([\s\S]*)$/.exec(pair) ?? []
    if (name !== undefined && value !== undefined) return [name, value] as const
    throw new CatalystError(`--set takes NAME=VALUE. Nothing was changed.`, {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Such as: catalyst init --set BOT_LOG_PROOF=polled'],
    })
  })
  return Object.fromEntries(found)
}

/** Asks for what the settings of a bot lack: its name, its proof, a port, and settings of its own. */
export async function askSettings(
  ask: Asker,
  bot: (FoundBot & { readonly line: string }) | undefined,
  answers: InitAnswers,
  facts: InitFacts,
): Promise<NewSettings> {
  const { existing, files } = facts
  const given = settingsOfFlags(answers.set)
  const asked: Record<string, string> = { ...given }
  const known = () => ({ ...existing.settings, ...bot?.settings, ...asked })
  const lacks = (name: string) => !existing.settings[name]
  if (answers.module !== undefined) asked.BOT_MODULE = answers.module
  else if (bot?.module !== undefined) asked.BOT_MODULE = bot.module
  else if (bot !== undefined) asked.BOT_COMMAND = bot.line
  if (answers.name !== undefined || !known().BOT_NAME)
    asked.BOT_NAME = await ask.word(answers.name, 'Its name, also that of the service:', basename(files.folder))
  if (answers.port !== undefined) asked.HEALTH_CHECK_PORT = String(answers.port)
  else if (lacks('HEALTH_CHECK_PORT') && !given.HEALTH_CHECK_PORT && !existing.hasService)
    await askPort(ask, asked, facts)
  const isProven = Object.keys(known()).some((name) => PROOF_SETTINGS.includes(name)) && answers.proof === undefined
  const isModule = asked.BOT_MODULE !== undefined // proven by its cycles
  if (!isProven && !isModule && (bot !== undefined || answers.proof !== undefined))
    Object.assign(asked, await askProof(ask, bot, answers.proof, facts, known()))
  await askOwnSettings(ask, asked, facts, known())
  const install = installCommand(files)
  const settings = { ...bot?.settings, ...(install !== undefined && { DEPLOY_INSTALL_COMMAND: install }), ...asked }
  return { settings, asked: new Set(Object.keys(asked)) }
}

/** Settings of which any one says how the bot is proven. */
const PROOF_SETTINGS = ['BOT_PROOF', 'BOT_HEALTH_URL', 'BOT_HEALTH_COMMAND', 'BOT_LOG_PROOF', 'BOT_PROOF_FILE']

async function askPort(ask: Asker, asked: Record<string, string>, { freePort }: InitFacts): Promise<void> {
  if (String(freePort) === SCHEMA.HEALTH_CHECK_PORT.default) return
  const question = `Port ${SCHEMA.HEALTH_CHECK_PORT.default} is taken. The port of its health endpoint:`
  const check = (text: string) => faultOf('HEALTH_CHECK_PORT', text) ?? true
  asked.HEALTH_CHECK_PORT = await ask.word(undefined, question, String(freePort), check)
}

function askProof(
  ask: Asker,
  bot: (FoundBot & { readonly line: string }) | undefined,
  flag: string | undefined,
  { files, seesConnections }: InitFacts,
  known: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const command = commandOfLine(bot?.line ?? known.BOT_COMMAND ?? '', files)
  const words = isRefused(command) ? [] : command.words
  const proposed = proposedProof(frameworkOf(files, words), files, words, {
    seesConnections,
    telegramToken: known.BOT_TELEGRAM_TOKEN ?? telegramTokenIn(known),
    port: known.PORT,
  })
  return chooseProof(ask, proposed, flag, known)
}

/** Asks for the settings of the bot's own that its example names. One that is left out is left out of `.env`. */
async function askOwnSettings(
  ask: Asker,
  asked: Record<string, string>,
  { files }: InitFacts,
  known: Readonly<Record<string, string>>,
): Promise<void> {
  const missing = missingNames(files, known)
  if (missing === undefined || !ask.isPerson) return
  for (const [name, example] of Object.entries(missing.names)) {
    const isOffered = example !== '' && !isSecretName(name)
    const question = `${name}, which ${missing.from} names (Enter ${isOffered ? 'takes its value, a blank leaves it out' : 'leaves it out'}):`
    const answer = isSecretName(name)
      ? await ask.secret(undefined, question)
      : await ask.word(undefined, question, example)
    if (answer !== '') asked[name] = answer
  }
}

/**
 * Asks what is to be done beside writing the settings, where it is not done yet and can be done.
 * @throws CatalystError SERVICE_MANAGER_MISSING for a service that was asked for by a flag
 */
export async function askSteps(
  ask: Asker,
  answers: InitAnswers,
  { existing, serviceFault, version }: InitFacts,
  isElsewhere: boolean,
): Promise<Steps> {
  if (answers.service === true && serviceFault !== undefined && !existing.hasService) throw noService(serviceFault)
  const canInstall = serviceFault === undefined && !existing.hasService
  const installs =
    canInstall && (await ask.decide(answers.service, 'Install it as a service, which starts with the machine?'))
  const runs = installs || existing.hasService
  const watchdog =
    runs &&
    !existing.hasWatchdog &&
    (await ask.decide(answers.watchdog, 'A watchdog beside it, which restarts it when it freezes, and alerts you?'))
  const canDeploy = runs && existing.release === undefined && version.is === 'ready' && !isElsewhere
  const ref = canDeploy ? (answers.tag ?? version.ref) : undefined
  const isWanted =
    ref !== undefined &&
    (await ask.decide(answers.deploy, `Deploy the commit that is here as its first version, ${ref}?`))
  const makesTag = canDeploy && (version.makesTag || answers.tag !== undefined)
  const deploy = isWanted ? { ref, makesTag } : undefined
  const drill =
    runs &&
    !existing.wasDrilled &&
    (await ask.decide(answers.drill, 'At the end a drill: bring it down, and see it come back by itself?'))
  // one that was installed and has never run: what was to come before its start failed
  const service = installs || (existing.hasService && !existing.hasStarted && deploy === undefined)
  return { service, watchdog, hasWatchdog: existing.hasWatchdog, deploy, drill }
}

function noService(why: string): CatalystError {
  return new CatalystError(`It can't be installed as a service: ${why} Nothing was changed.`, {
    code: 'SERVICE_MANAGER_MISSING',
    exit: EXIT.failed,
    suggestions: ['Go on without one: catalyst init --no-service'],
  })
}
