import { exitOf, isOwnFault } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import type { BotFailure } from './gate.js'

/**
 * The unexpected exits of bots that are started as this release from now on. The previous bot may exit in disorder, and
 * doesn't count.
 */
export class UnexpectedExits {
  readonly #release: string | null
  readonly #journal: JournalTail
  readonly #started = new Set<unknown>()
  #since: number | undefined

  constructor(release: string | null, journal: string) {
    this.#release = release
    this.#journal = new JournalTail(journal)
  }

  /** Returns the first of them. */
  read(): BotFailure | undefined {
    for (const entry of this.#journal.read()) {
      if (entry.kind === 'bot.start' && entry.release === this.#release) {
        this.#started.add(entry.pid)
        this.#since ??= Date.parse(entry.time)
      }
      const words = WORDS[entry.kind]
      if (words === undefined) continue
      if (this.#started.has(entry.pid) || entry.kind === 'bot.refused')
        return { words: exitText(words, entry), byItself: isOwnFault(entry) }
    }
    return undefined
  }

  /** The time at which the first of them was started, a wall time in ms since 1970; undefined before that. */
  get since(): number | undefined {
    return this.#since
  }

  close(): void {
    this.#journal.close()
  }
}

const WORDS: Readonly<Record<string, string>> = {
  'bot.exit': 'it exited by itself',
  'bot.crash': 'it crashed',
  'bot.lost': 'it was killed',
  'bot.refused': 'it would not start',
}

function exitText(words: string, entry: JournalEntry): string {
  const exit = exitOf(entry)
  const { error } = entry
  return `${words}${exit === null ? '' : ` (exit code ${exit})`}${typeof error === 'string' ? `: ${error}` : ''}`
}
