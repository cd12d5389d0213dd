import { shellSyntax, splitCommand } from '#core/config/command-words.js'
import type { BotFiles } from '#core/init/bot-files.js'
import { type Command, isRefused } from '#core/init/found-bot.js'
import { npmScripts } from '#core/init/npm-package.js'
import { isPython, pythonOf, pythonProgram } from './python.js'

/** The maximum number of scripts that name each other. */
const DEEPEST = 6

/**
 * Returns the command that a line of a shell means, as a program with its arguments: a package manager's script is
 * replaced by what it runs, so that signals reach the bot, and a development tool by the bot alone. A line that only a
 * shell understands is refused.
 */
export function commandOfLine(line: string, files: BotFiles, depth = 0): Command {
  const { settings, rest } = withoutAssignments(line.trim().replace(/^exec\s+/, ''))
  const { faults } = shellSyntax(rest, files.platform)
  const words = splitCommand(rest)
  if ('fault' in words) return refused(`it can't be split into words: ${words.fault}`)
  if (faults.length > 0 || /\$\w/.test(rest)) return refusedShell(rest)
  const command = commandOfWords(words, files, depth)
  return isRefused(command) ? command : { ...command, settings: { ...settings, ...command.settings } }
}

/** Returns the command that these words mean; see {@link commandOfLine}. */
export function commandOfWords(words: readonly string[], files: BotFiles, depth = 0): Command {
  const [program = '', ...args] = words
  if (depth > DEEPEST) return refused('its scripts name each other')
  const again = (rest: readonly string[]) => commandOfWords(rest, files, depth + 1)
  const script = scriptName(program, args)
  if (script !== undefined) return commandOfScript(script, program, files, depth)
  if (WRAPPERS.test(program)) return again(args.filter((word, index) => !(index === 0 && word === '--')))
  if (program === 'npx' || program === 'bunx') return again(args.filter((word) => word !== '-y' && word !== '--yes'))
  if (['poetry', 'uv', 'pipenv', 'pdm'].includes(program) && args[0] === 'run') return again(args.slice(1))
  if (program === 'cross-env' || program === 'env') return withLeading(args, again)
  const tool = DEV_TOOLS[program]
  if (tool !== undefined) return noted(again([tool, ...args]), `${program} restarts on every change: left out`)
  if (program === 'tsx') return plain(['node', '--import', 'tsx', ...args.filter((word) => word !== 'watch')])
  if (program === 'ts-node') return plain(['node', 'node_modules/ts-node/dist/bin.js', ...args])
  if (isPython(program)) return plain([pythonOf(files), ...args])
  if (PYTHON_PROGRAMS.has(program)) return plain([pythonProgram(files, program), ...args])
  const own = `node_modules/.bin/${program}`
  if (!program.includes('/') && files.has(own)) return ownProgram(own, program, args, files)
  return plain(words)
}

/** Programs that start another and pass signals on, which a service manager and `bot start` do themselves. */
const WRAPPERS = /^(?:\/(?:usr\/)?s?bin\/)?(?:tini|dumb-init|catatonit)$|^dotenv$/
/** Tools that restart a program while it is written, with the program that does without. */
const DEV_TOOLS: Readonly<Record<string, string>> = {
  nodemon: 'node',
  'node-dev': 'node',
  'ts-node-dev': 'ts-node',
  tsnd: 'ts-node',
}
const PYTHON_PROGRAMS = new Set(['uvicorn', 'gunicorn', 'hypercorn', 'flask', 'celery', 'watchfiles'])

function plain(words: readonly string[]): Command {
  return { words, settings: {}, notes: [] }
}

function noted(command: Command, note: string): Command {
  return isRefused(command) ? command : { ...command, notes: [...command.notes, note] }
}

function ownProgram(path: string, program: string, args: readonly string[], { platform }: BotFiles): Command {
  if (platform !== 'win32') return plain([path, ...args])
  return refused(`Windows starts ${program} only through a shell`, `--command "node node_modules/${program}/…"`)
}

function refused(why: string, instead = '--command "…" with the program itself'): Command {
  return { why, instead: `Name the program itself: ${instead}` }
}

/** Refuses a line for a shell, and names the program in it where that is simple: the last of several. */
function refusedShell(line: string): Command {
  const parts = line.split('&&').map((part) => part.trim())
  const last = parts.at(-1) as string
  const isSimple = parts.length > 1 && shellSyntax(last).faults.length === 0 && !last.includes('$')
  const why = isSimple
    ? `it runs several programs through a shell (${line}), and a bot is one`
    : `only a shell understands it (${line})`
  return isSimple
    ? refused(why, `--command "${last.replaceAll('"', '\\"')}", and build it beforehand`)
    : refused(why, '--command "…" without operators and variables')
}

/** Takes `NAME=value` from the beginning of a line: each is a line of `.env`. */
function withoutAssignments(line: string): { settings: Record<string, string>; rest: string } {
  const settings: Record<string, string> = {}
  let rest = line
  for (;;) {
    const found = /^(?:cross-env\s+)?([A-Za-z_]\w*)=("[^"$`]*"|'[^']*'|[^\s"'$`&|;]*)\s+/.exec(rest)
    if (found === null) return { settings, rest }
    settings[found[1] as string] = (found[2] as string).replace(/^(["'])(.*)\1$/, '$2')
    rest = rest.slice(found[0].length)
  }
}

function withLeading(args: readonly string[], again: (rest: readonly string[]) => Command): Command {
  const end = args.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
  const count = end === -1 ? args.length : end
  const pairs = args.slice(0, count).map((word) => [word.split('=', 1)[0] as string, word.slice(word.indexOf('=') + 1)])
  const command = again(args.slice(count))
  return isRefused(command) ? command : { ...command, settings: { ...Object.fromEntries(pairs), ...command.settings } }
}

/** Returns the script of package.json that a package manager is to run. */
function scriptName(program: string, args: readonly string[]): string | undefined {
  if (!['npm', 'yarn', 'pnpm', 'bun'].includes(program)) return undefined
  const [first, second] = args.filter((word) => !word.startsWith('-'))
  if (first === 'run' || first === 'run-script') return second ?? ''
  return program === 'yarn' || program === 'pnpm' || first === 'start' ? first : undefined
}

function commandOfScript(name: string, manager: string, files: BotFiles, depth: number): Command {
  const scripts = npmScripts(files)
  const line = scripts[name]
  if (typeof line !== 'string') return refused(`package.json has no script "${name}"`)
  const command = commandOfLine(line, files, depth + 1)
  const before = scripts[`pre${name}`]
  const unwrapped = noted(command, `${manager} is left out, so that signals reach the bot: ${name} is "${line}"`)
  return typeof before === 'string' ? noted(unwrapped, `"pre${name}" is not run: ${before}`) : unwrapped
}
