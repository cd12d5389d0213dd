import type { JournalEntry } from './journal.js'

const UNEXPECTED = ['bot.exit', 'bot.crash', 'bot.lost']

/** Whether the bot ended here without being asked to. */
export function isUnexpectedEnd({ kind }: JournalEntry): boolean {
  return UNEXPECTED.includes(kind)
}

/** Its exit code; null where it was killed. */
export function exitOf({ exit }: JournalEntry): number | null {
  return typeof exit === 'number' ? exit : null
}
