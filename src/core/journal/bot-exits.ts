import type { JournalEntry } from './journal.js'

const UNEXPECTED = ['bot.exit', 'bot.crash', 'bot.lost']

/** Returns whether this entry records an exit of the bot. */
export function isExit(entry: JournalEntry): boolean {
  return entry.kind === 'bot.stop' || isUnexpectedExit(entry)
}

/** Returns whether it records an exit that nobody asked for. */
export function isUnexpectedExit({ kind }: JournalEntry): boolean {
  return UNEXPECTED.includes(kind)
}

/** Returns the exit code; null if the bot was killed. */
export function exitOf({ exit }: JournalEntry): number | null {
  return typeof exit === 'number' ? exit : null
}

/** Returns how the bot ended, in words, for its exit code or null. */
export function endText(exit: number | null): string {
  return exit === null ? 'the bot was killed' : `the bot exited (exit code ${exit})`
}

/**
 * Exit codes of a program killed by SIGHUP, SIGINT, SIGKILL or SIGTERM: others send these, they are not its own faults.
 */
const BY_OTHERS = [129, 130, 137, 143]
/**
 * Returns whether the bot itself was to blame for this unexpected exit, as far as can be seen: not if it was killed
 * from outside, nor if this machine kept it from starting, by a port that is taken, wrong settings, a full disk, or a
 * runtime that is not the one it was built with.
 */
export function isOwnFault(entry: JournalEntry): boolean {
  const exit = exitOf(entry)
  if (hasOtherRuntime(entry)) return false
  return entry.kind !== 'bot.lost' && entry.kind !== 'bot.refused' && !(exit !== null && BY_OTHERS.includes(exit))
}

/** Returns whether it records a start that was refused since the runtime under the release has changed. */
export function hasOtherRuntime({ kind, code }: JournalEntry): boolean {
  return kind === 'bot.crash' && code === 'RUNTIME_CHANGED'
}
