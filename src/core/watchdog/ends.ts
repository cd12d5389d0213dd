import type { JournalEntry } from '#core/journal/journal.js'
import { FileTail } from '#core/system/file-tail.js'

/** An end that nobody asked for. The exit code is null where it was killed. */
export interface UnexpectedEnd {
  readonly exit: number | null
  readonly at: string
}

/** The ends of the bot that come into the journal from now on. */
export class Ends {
  readonly #path: string
  #tail: FileTail

  constructor(journal: string) {
    this.#path = journal
    this.#tail = new FileTail(journal)
  }

  /** Those since the last call. */
  read(): UnexpectedEnd[] {
    const lines = this.#tail.read()
    if (!this.#tail.isOpen || this.#tail.wasReplaced()) {
      const next = new FileTail(this.#path, 'from its beginning') // all of it came since
      this.#tail.close()
      this.#tail = next
      lines.push(...next.read())
    }
    return lines.flatMap(unexpectedEnd)
  }

  close(): void {
    this.#tail.close()
  }
}

const UNEXPECTED = ['bot.exit', 'bot.crash', 'bot.lost']

function unexpectedEnd(line: string): UnexpectedEnd[] {
  try {
    const { kind, time, exit } = JSON.parse(line) as JournalEntry
    if (!UNEXPECTED.includes(kind)) return []
    return [{ at: time, exit: typeof exit === 'number' ? exit : null }]
  } catch {
    return []
  }
}
