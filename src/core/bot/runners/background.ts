import { EXIT } from '#core/errors.js'

/** The arguments by which programs go into the background. */
const SURE = ['--daemon', '--daemonize', '--background', '--detach', '--fork']
/** The arguments that often mean that, and other things, too: `-d` is also for debugging. */
const LIKELY = ['-d', '-D', '-b', 'nohup', '&']

/** The time in which a program goes into the background, if it does. */
const SOON_MS = 60_000

/** The facts about a program that has exited by itself. */
export interface ProgramExit {
  readonly exit: number
  readonly ranMs: number
  /** True where processes that it had started went on running; not every platform shows those that left its group. */
  readonly hasLeft: boolean
  /** The words of BOT_COMMAND after the program. */
  readonly args: readonly string[]
}

/**
 * Returns what to do about a program that has put itself into the background, where it can't be supervised; undefined
 * for any other.
 */
export function backgroundAdvice({ exit, ranMs, hasLeft, args }: ProgramExit): string | undefined {
  if (exit !== EXIT.done || ranMs > SOON_MS) return undefined
  const sure = args.find((word) => SURE.includes(word))
  if (!hasLeft && sure === undefined) return undefined
  const word = sure ?? args.find((one) => LIKELY.includes(one))
  const how = word === undefined ? 'for example without -d or --daemon' : `without ${word} in BOT_COMMAND`
  return `it put itself into the background: start it in the foreground (${how})`
}
