import { commandLine } from '#core/config/command-words.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { BotFiles } from '#core/init/bot-files.js'
import { pythonOf } from '#core/init/command/python.js'
import { detect } from '#core/init/detect.js'
import type { FoundBot } from '#core/init/found-bot.js'
import type { Pm2App } from '#core/init/pm2/pm2-app.js'
import { takeOver } from '#core/init/pm2/take-over.js'
import { faultOf } from '#core/init/write-settings.js'
import { nearestName } from '#core/service/spec.js'
import { quoteWord } from '#core/text.js'
import type { Asker } from './asker.js'

const BY_HAND = ''

/**
 * Returns the bot to run, by what is found and what is answered. The one that is typed is taken as it is.
 * @throws CatalystError BOT_NOT_FOUND where nothing is found, and nobody can be asked
 */
export async function chooseBot(
  ask: Asker,
  files: BotFiles,
  flags: { command?: string | undefined },
  say: (text: string) => void,
): Promise<FoundBot & { readonly line: string }> {
  const { found, refused } = detect(files)
  const lines = found.map((bot) => commandLine(bot.words))
  const isLost = flags.command === undefined && found.length === 0 && !ask.isPerson
  for (const { from, why, instead } of refused) say(`Not taken from ${from}: ${why}.${isLost ? '' : ` ${instead}.`}`)
  if (isLost) throw nothingFound(files, refused)
  if (flags.command === undefined && !ask.isPerson && lines.length > 1)
    say(`Found as well: ${lines.slice(1).join('; ')}. To take another one: catalyst init --command "…"`)
  const choices = found.map(({ from }, index) => ({
    name: `${lines[index]}   (${from})`,
    value: lines[index] as string,
    short: lines[index] as string,
  }))
  const chosen =
    found.length === 0
      ? (flags.command ?? BY_HAND)
      : await ask.choose(flags.command, 'Which command runs the bot?', [
          ...choices,
          { name: 'another one, to be typed', value: BY_HAND },
        ])
  const line = chosen === BY_HAND ? await typeCommand(ask) : chosen
  const bot = found[lines.indexOf(line)] ?? { from: 'you', words: [], settings: {}, notes: [] }
  return { ...bot, line }
}

function typeCommand(ask: Asker): Promise<string> {
  return ask.word(undefined, 'The command that runs the bot:', '', (text) =>
    text.trim() === '' ? 'Such as: node bot.js' : (faultOf('BOT_COMMAND', text) ?? true),
  )
}

function nothingFound(files: BotFiles, refused: readonly { instead: string }[]): CatalystError {
  const script = files.names('').find((name) => name.endsWith('.py'))
  const example = script === undefined ? 'node bot.js' : commandLine([pythonOf(files), script])
  const instead = refused.map((one) => one.instead)
  return new CatalystError(`No bot was found in ${files.folder}. Nothing was changed.`, {
    code: 'BOT_NOT_FOUND',
    exit: EXIT.usage,
    suggestions: instead.length > 0 ? instead : [`Name its program: catalyst init --command "${example}"`],
  })
}

/**
 * Returns the app of pm2 to take over: the one that is named, else the only one, or the only one of this folder.
 * @throws CatalystError USAGE
 */
export async function choosePm2App(
  ask: Asker,
  apps: readonly Pm2App[],
  files: BotFiles,
  name: string | undefined,
): Promise<FoundBot & { readonly line: string }> {
  const here = apps.filter(({ folder }) => folder === files.folder)
  const named = name === undefined ? undefined : apps.find((app) => app.name === name)
  if (name !== undefined && named === undefined) throw noSuchApp(`pm2 has no app ${name}.`, apps)
  const fitting = here.length > 0 ? here : apps
  const only = fitting.length === 1 ? fitting[0] : undefined
  if (named === undefined && only === undefined && (!ask.isPerson || apps.length === 0))
    throw noSuchApp(apps.length === 0 ? 'pm2 has no apps.' : 'Which app of pm2?', apps)
  const app = named ?? only ?? (await chooseApp(ask, fitting))
  const bot = takeOver(app, files)
  return { ...bot, line: commandLine(bot.words) }
}

async function chooseApp(ask: Asker, apps: readonly Pm2App[]): Promise<Pm2App> {
  const choices = apps.map(({ name, script }) => ({ name: `${name}   (${script})`, value: name, short: name }))
  const chosen = await ask.choose(undefined, 'Which app? Each has a home of its own.', choices)
  return apps.find(({ name }) => name === chosen) as Pm2App
}

function noSuchApp(message: string, apps: readonly Pm2App[]): CatalystError {
  return new CatalystError(`${message} Nothing was changed.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [...new Map(apps.map((app) => [app.name, app])).values()].map(
      (app, _, all) => `Each app has a home of its own: ${takeOverLine(app, all)}`,
    ),
  })
}

/** Returns the command that takes an app over, in its own folder, or in one beside it where apps share a folder. */
function takeOverLine({ name, folder }: Pm2App, all: readonly Pm2App[]): string {
  const isShared = all.some((other) => other.name !== name && other.folder === folder)
  const home = quoteWord(isShared ? `${folder}-${nearestName(name)}` : folder)
  const line = `catalyst init --from-pm2 --app ${quoteWord(name)} --home ${home}`
  return isShared ? `mkdir ${home} && ${line}` : line
}
