import { posix } from 'node:path'
import { splitCommand } from '#core/config/command-words.js'
import type { SignalProcess } from '#core/platform/process/linux/caught-signals.js'

/** The value of BOT_STOP_SIGNAL. */
export type StopSignal = 'auto' | NodeJS.Signals

/** A signal, and the process that it goes to. */
export interface StopTarget {
  readonly pid: number
  readonly signal: NodeJS.Signals
}

const PYTHON = /^(python|pypy)[\d.]*[a-z]?$/i
const SHELLS = ['ash', 'bash', 'busybox', 'dash', 'ksh', 'ksh93', 'mksh', 'sh', 'zsh']
/** Programs that run a Python program as their child. */
const PYTHON_LAUNCHERS = ['conda', 'hatch', 'mamba', 'micromamba', 'pdm', 'pipenv', 'poetry', 'rye', 'uv', 'uvx']
/** Programs that run any other as their child, or become it. */
const LAUNCHERS = ['dumb-init', 'env', 'ionice', 'nice', 'nohup', 'setsid', 'stdbuf', 'time', 'timeout', 'tini']

/**
 * Returns what a stop sends to which process of a program's tree, by what the processes really catch. Behind a shell or
 * a launcher it is the bot itself: a shell that waits for it passes no signal on.
 */
export function stopTarget(tree: readonly SignalProcess[], root: number, wanted: StopSignal): StopTarget {
  const bot = botOf(tree, root)
  if (bot === undefined) return { pid: root, signal: wanted === 'auto' ? 'SIGTERM' : wanted }
  return { pid: bot.pid, signal: wanted === 'auto' ? signalFor(bot) : wanted }
}

/**
 * Returns the signal that ends a process in good order. Python turns SIGINT into an exception, so that its cleanup runs,
 * and dies of SIGTERM on the spot unless the bot has a handler for it. A shell catches SIGINT only for its own use.
 */
function signalFor({ name, catches }: SignalProcess): NodeJS.Signals {
  const isAskedByInt = catches.includes('SIGINT') && !catches.includes('SIGTERM') && !SHELLS.includes(name)
  return isAskedByInt ? 'SIGINT' : 'SIGTERM'
}

function botOf(tree: readonly SignalProcess[], root: number): SignalProcess | undefined {
  let bot = tree.find(({ pid }) => pid === root)
  while (bot !== undefined && isLauncher(bot)) {
    const next = launchedBy(bot, tree)
    if (next === undefined) return bot
    bot = next
  }
  return bot
}

/** Returns the one child that a launcher has started as the bot, if that is clear. */
function launchedBy({ pid, catches }: SignalProcess, tree: readonly SignalProcess[]): SignalProcess | undefined {
  const children = tree.filter(({ parent }) => parent === pid)
  const python = children.find((child) => hasPython(child, tree))
  if (python !== undefined || children.length !== 1 || catches.includes('SIGTERM')) return python
  // what has no handler is a tool of a script, such as sleep
  return children.find((child) => isLauncher(child) || child.catches.includes('SIGTERM'))
}

function hasPython(one: SignalProcess, tree: readonly SignalProcess[]): boolean {
  if (!isLauncher(one)) return PYTHON.test(one.name)
  return tree.some((child) => child.parent === one.pid && hasPython(child, tree))
}

function isLauncher({ name, script }: SignalProcess): boolean {
  if (PYTHON.test(name)) return PYTHON_LAUNCHERS.includes(script)
  return [...SHELLS, ...PYTHON_LAUNCHERS, ...LAUNCHERS].includes(name)
}

/**
 * Returns the signal by the words of a command, where nobody can see what a process catches; `firstLine` is that of the
 * program's file. It goes to the whole group, as Ctrl-C does, where the bot is behind a launcher.
 */
export function stopByWords(
  words: readonly string[],
  wanted: StopSignal,
  firstLine = '',
): { signal: NodeJS.Signals; isForGroup: boolean } {
  const [program = '', ...args] = words
  const name = posix.basename(program)
  const isPython = PYTHON.test(name) || /^#!.*\b(python|pypy)/.test(firstLine)
  const isBehind = !isPython && isPythonBehind(name, args)
  if (wanted !== 'auto') return { signal: wanted, isForGroup: false }
  return { signal: isPython || isBehind ? 'SIGINT' : 'SIGTERM', isForGroup: isBehind }
}

function isPythonBehind(name: string, args: readonly string[]): boolean {
  if (PYTHON_LAUNCHERS.includes(name)) return args.includes('run') || name === 'uvx'
  if (![...SHELLS, ...LAUNCHERS].includes(name)) return false
  const inner = SHELLS.includes(name) ? args.flatMap((word) => wordsOf(word)) : args
  return inner.some((word) => PYTHON.test(posix.basename(word)) || PYTHON_LAUNCHERS.includes(posix.basename(word)))
}

function wordsOf(text: string): string[] {
  const words = splitCommand(text)
  return 'fault' in words ? text.split(/\s+/) : words
}
