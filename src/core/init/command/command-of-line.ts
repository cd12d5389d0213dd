import { commandLine, commandWords, shellSyntax, splitCommand } from '#core/config/command-words.js'
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
  if (faults.length > 0 || /\$\w/.test(rest)) return refusedShell(rest, files, depth)
  const command = commandOfWords(words, files, depth)
  return isRefused(command) ? command : { ...command, settings: { ...settings, ...command.settings } }
}

/** Returns the command that these words mean; see {@link commandOfLine}. */
export function commandOfWords(words: readonly string[], files: BotFiles, depth = 0): Command {
  const [program, ...args] = words
  if (program === undefined) return refused('it names no program')
  if (depth > DEEPEST) return refused('its scripts name each other')
  const again = (rest: readonly string[]) => commandOfWords(rest, files, depth + 1)
  const script = scriptName(program, args, files)
  if (script !== undefined) return commandOfScript(script, program, files, depth)
  if (WRAPPERS.test(program)) return again(behindOptions(args))
  if (program === 'dotenv') return withOtherFiles(args, again)
  if (KEEPERS.has(program)) return refusedKeeper(program, args)
  if (program === 'nodemon') return noted(again(behindNodemon(args)), restarts(program))
  if (program === 'npx' || program === 'bunx') return again(args.filter((word) => word !== '-y' && word !== '--yes'))
  if (['poetry', 'uv', 'pipenv', 'pdm'].includes(program) && args[0] === 'run') return again(args.slice(1))
  if (program === 'cross-env' || program === 'env') return withLeading(args, again)
  const tool = DEV_TOOLS[program]
  if (tool !== undefined) return noted(again([tool, ...args]), restarts(program))
  if (program === 'tsx') return plain(['node', '--import', 'tsx', ...args.filter((word) => word !== 'watch')])
  if (program === 'ts-node') return plain(['node', 'node_modules/ts-node/dist/bin.js', ...args])
  if (isPython(program)) return plain([pythonOf(files), ...args])
  if (PYTHON_PROGRAMS.has(program)) return plain([pythonProgram(files, program), ...args])
  const own = `node_modules/.bin/${program}`
  if (!program.includes('/') && files.has(own)) return ownProgram(own, program, args, files)
  return plain(words)
}

/** Programs that start another and pass signals on, which a service manager and `bot start` do themselves. */
const WRAPPERS = /^(?:\/(?:usr\/)?s?bin\/)?(?:tini|dumb-init|catatonit)$/
/** Programs that keep another running, which is the service manager's part here. */
const KEEPERS = new Set(['pm2', 'pm2-runtime', 'pm2-docker', 'forever'])
/** Tools that restart a program while it is written, with the program that does without. */
const DEV_TOOLS: Readonly<Record<string, string>> = {
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

function restarts(tool: string): string {
  return `${tool} restarts on every change: left out`
}

/** Options of tini, dumb-init and dotenv that take a value. */
const WITH_VALUE = new Set(['-e', '-p', '-v', '--rewrite'])

/** Returns the words behind a wrapper's own options. */
function behindOptions(args: readonly string[]): readonly string[] {
  const [first = ''] = args
  if (first === '--') return args.slice(1)
  return first.startsWith('-') ? behindOptions(args.slice(WITH_VALUE.has(first) ? 2 : 1)) : args
}

/** Takes the command of dotenv; only `.env` itself is read here. */
function withOtherFiles(args: readonly string[], again: (rest: readonly string[]) => Command): Command {
  const rest = behindOptions(args)
  const others = args.slice(0, args.length - rest.length).flatMap((word, index, own) => {
    const file = own[index - 1] === '-e' ? word : undefined
    return file === undefined || file === '.env' ? [] : [file]
  })
  return others.reduce(
    (command, file) => noted(command, `${file} is not read here: put its lines into .env`),
    again(rest),
  )
}

/** Options of nodemon's own: those with a value, and those without. */
const NODEMON_VALUES = new Set('-w --watch -e --ext -i --ignore -d --delay -s --signal --cwd --config'.split(' '))
const NODEMON_FLAGS = new Set(
  '-q --quiet -V --verbose -L --legacy-watch -C --on-change-only -I --no-stdin --no-update-notifier'.split(' '),
)
/** Options of node that take a value. */
const NODE_VALUES = new Set(['-r', '--require', '--import', '--loader'])

/** Returns the command that nodemon runs: node, or that of `--exec`, without nodemon's own options. */
function behindNodemon(args: readonly string[]): readonly string[] {
  const options: string[] = []
  let program: readonly string[] = ['node']
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string
    if (!word.startsWith('-')) return [...program, ...options, ...args.slice(at)]
    const [name = '', joined] = word.split(/=(.*)/s)
    if (name === '-x' || name === '--exec') program = commandWords(joined ?? args[++at] ?? '')
    else if (NODEMON_VALUES.has(name)) at += joined === undefined ? 1 : 0
    else if (!NODEMON_FLAGS.has(word)) options.push(...(NODE_VALUES.has(word) ? [word, args[++at] ?? ''] : [word]))
  }
  return [...program, ...options, ...(program[0] === 'node' && program.length === 1 ? ['.'] : [])]
}

function ownProgram(path: string, program: string, args: readonly string[], { platform }: BotFiles): Command {
  if (platform !== 'win32') return plain([path, ...args])
  return refused(`Windows starts ${program} only through a shell`, nameInstead(`node node_modules/${program}/…`))
}

function refused(why: string, instead = 'Name the program itself: catalyst init --command "…"'): Command {
  return { why, instead }
}

function nameInstead(command: string): string {
  return `Name the program itself: catalyst init --command "${command.replaceAll('"', '\\"')}"`
}

/** Refuses a program that keeps the bot running, and names the bot's own where that is simple. */
function refusedKeeper(keeper: string, args: readonly string[]): Command {
  const file = args.find((word) => /\.[cm]?js$/.test(word) && !/\.config\.[cm]?js$/.test(word))
  const why = `${keeper} keeps it running, which a service does here`
  return file === undefined ? refused(why) : refused(why, nameInstead(`node ${file}`))
}

/** Refuses a line for a shell, and names the program in it where that is simple: the last of several. */
function refusedShell(line: string, files: BotFiles, depth: number): Command {
  const parts = line.split('&&').map((part) => part.trim())
  const last = parts.at(-1) as string
  const isSimple = parts.length > 1 && shellSyntax(last).faults.length === 0 && !last.includes('$')
  if (!isSimple)
    return refused(
      `only a shell understands it (${withoutValues(line)})`,
      'Name the program itself, without operators and variables: catalyst init --command "…"',
    )
  const why = `it runs several programs through a shell (${withoutValues(line)}), and a bot is one`
  if (parts.some((part) => /^(?:cd|pushd)\s/.test(part)))
    return refused(why, nameInstead(inPlace(parts, files.platform)))
  const command = commandOfLine(last, files, depth + 1)
  return refused(why, `${nameInstead(isRefused(command) ? last : commandLine(command.words))}; build it beforehand`)
}

/** Returns the command with which a shell goes to the folders of these parts, and then is the last one's program. */
function inPlace(parts: readonly string[], platform: NodeJS.Platform): string {
  if (platform === 'win32') return `cmd /c "${parts.join(' && ')}"`
  const line = [...parts.slice(0, -1), `exec ${parts.at(-1)}`].join(' && ')
  return `sh -c '${line.replaceAll("'", '"')}'`
}

/** Returns a line without the values that are given in it by name: they may be secrets. */
function withoutValues(line: string): string {
  return line.replace(/\b([A-Za-z_]\w*)=(?:"[^"]*"|'[^']*'|[^\s"']+)/g, '$1=…')
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
function scriptName(program: string, args: readonly string[], files: BotFiles): string | undefined {
  if (!['npm', 'yarn', 'pnpm', 'bun'].includes(program)) return undefined
  const [first, second] = args.filter((word) => !word.startsWith('-'))
  const isFile = program === 'bun' && second !== undefined && files.has(second)
  if (first === 'run' || first === 'run-script') return isFile ? undefined : (second ?? '')
  return program === 'yarn' || program === 'pnpm' || first === 'start' ? first : undefined
}

function commandOfScript(name: string, manager: string, files: BotFiles, depth: number): Command {
  const scripts = npmScripts(files)
  const line = scripts[name]
  if (typeof line !== 'string') return refused(`package.json has no script "${name}"`)
  const command = commandOfLine(line, files, depth + 1)
  const before = scripts[`pre${name}`]
  const unwrapped = noted(
    command,
    `${manager} is left out, so that signals reach the bot: ${name} is "${withoutValues(line)}"`,
  )
  return typeof before === 'string' ? noted(unwrapped, `"pre${name}" is not run: ${withoutValues(before)}`) : unwrapped
}
