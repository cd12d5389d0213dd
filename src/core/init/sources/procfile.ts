import type { BotFiles } from '#core/init/bot-files.js'
import { commandOfLine } from '#core/init/command/command-of-line.js'
import type { Candidate } from '#core/init/found-bot.js'

/** The names of a bot's line, the likeliest first; any other may be one, too. */
const ORDER = ['worker', 'bot', 'web']
/** What runs once, and is no bot. */
const ONCE = ['release', 'postdeploy']

/** Finds the bots of a Procfile: a line each. */
export function fromProcfile(files: BotFiles): Candidate[] {
  const lines = [...(files.text('Procfile') ?? '').matchAll(/^([A-Za-z0-9_-]+):[ \t]*(.+?)[ \t]*\r?$/gm)]
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return lines
    .map(([, name = '', line = '']) => ({ name, line }))
    .filter(({ name }) => !ONCE.includes(name))
    .sort((one, other) => rank(one.name) - rank(other.name))
    .map(({ name, line }) => ({ from: `Procfile, "${name}"`, ...commandOfLine(line, files) }))
}
