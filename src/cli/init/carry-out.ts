import { checkBot } from '#core/bot/runners/check-bot.js'
import { readConfig } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { ASK_TIMEOUT_MS, askHealth } from '#core/health/client.js'
import { waitForHealthy } from '#core/health/wait.js'
import type { Home } from '#core/home/home.js'
import type { BotFiles } from '#core/init/bot-files.js'
import { installLines } from '#core/init/command/install-command.js'
import type { Runner } from '#core/init/found-bot.js'
import { commandsOf, type Steps } from '#core/init/steps.js'
import { readText } from '#core/platform/fs/files.js'
import { identify } from '#core/platform/process/process-id.js'
import { QUERY_TIMEOUT_MS, run } from '#core/platform/process/processes.js'
import { quoteWord } from '#core/text.js'
import type { ChosenBot } from './find-bot.js'

/** Runs a command of ours in this process, such as `service:install` with its words. */
export type RunCommand = (id: string, words: readonly string[]) => Promise<unknown>

/**
 * Carries out the steps, each by its command: the version is deployed before anything of the bot starts, so that its
 * packages are there.
 */
export async function carryOut(
  steps: Steps,
  { home, runCommand, onWait }: { home: Home; runCommand: RunCommand; onWait: () => void },
): Promise<void> {
  for (const [id, words] of commandsOf(steps)) {
    if (id === 'drill') await waitUntilHealthy(home, onWait)
    await runCommand(id, words)
  }
}

/** Waits for the bot's first proof: a drill needs a bot that works. */
async function waitUntilHealthy({ clock, paths, asOwner }: Home, onWait: () => void): Promise<void> {
  const settings: Settings = asOwner(() => readConfig(paths.home, {})).settings
  const health = await waitForHealthy(clock, {
    ms: settings.BOT_START_TIMEOUT * 1000,
    longestAnswerMs: ASK_TIMEOUT_MS,
    ask: (timeoutMs) => askHealth(paths, settings, timeoutMs),
    onWait,
  })
  if (health.status === 'healthy' || health.status === 'degraded') return
  throw new CatalystError(
    `The bot is installed, and does not work: ${[health.status, ...health.reasons].join(': ')}.`,
    {
      code: 'SERVICE_NOT_RUNNING',
      exit: EXIT.failed,
      suggestions: ['See what it says: catalyst logs', 'Once it works: catalyst init'],
    },
  )
}

/**
 * Checks that the bot can be started as it is written in `.env`.
 * @throws CatalystError BOT_NOT_FOUND with what to type, such as for packages that are missing
 */
export async function checkStart(home: Home, files: BotFiles, isDeployed: boolean): Promise<void> {
  if (isDeployed) return // its release has its packages
  const config = home.asOwner(() => readConfig(home.paths.home, {}))
  const { faults } = await checkBot(home.clock, home.paths, config, { servicePath: undefined })
  const lines = installLines(files)
  if (faults.length === 0 && lines.length === 0) return
  const why = lines.length > 0 ? ["The bot's packages are not installed."] : faults // its program may come with them
  throw new CatalystError([...why, '.env is written.'].join('\n'), {
    code: 'BOT_NOT_FOUND',
    exit: EXIT.failed,
    suggestions: [...lines.map((line) => `Install them: ${line}`), 'Then go on: catalyst init'],
  })
}

/**
 * Refuses to start a bot that something else still runs: two of one answer twice, or shut each other out.
 * @throws CatalystError BOT_RUNNING
 */
export async function refuseTwice({ runner }: Pick<ChosenBot, 'runner'>): Promise<void> {
  if (runner === undefined || !(await isAtWork(runner))) return
  const name = quoteWord(runner.name)
  const where = runner.kind === 'pm2' ? 'under pm2' : 'as a unit of systemd'
  throw new CatalystError(`${runner.name} still runs ${where}, so it is not started here. .env is written.`, {
    code: 'BOT_RUNNING',
    exit: EXIT.failed,
    suggestions: [
      runner.kind === 'pm2'
        ? `Take it out of pm2: pm2 delete ${name} && pm2 save`
        : `Stop it: systemctl ${isOfUser(runner.path) ? '--user ' : ''}disable --now ${name}`,
      'Then go on: catalyst init',
    ],
  })
}

async function isAtWork(runner: Runner): Promise<boolean> {
  if (runner.kind === 'pm2') {
    const pid = Number(runner.pidFile === undefined ? undefined : readText(runner.pidFile))
    return pid > 0 && (await identify(pid)) !== undefined
  }
  const words = [...(isOfUser(runner.path) ? ['--user'] : []), 'is-active', '--quiet', runner.name]
  return (await run('systemctl', words, { timeoutMs: QUERY_TIMEOUT_MS })).exit === 0
}

function isOfUser(path: string): boolean {
  return path.includes('/.config/systemd/user/')
}
