import { FileTail } from '#core/system/file-tail.js'
import { type JournalEntry, parseEntry } from './journal.js'

/** The entries that come into a journal from now on, also after another file took its name. */
export class JournalTail {
  readonly #path: string
  #tail: FileTail

  /** @throws the system's error where the journal is there and may not be read */
  constructor(journal: string) {
    this.#path = journal
    this.#tail = new FileTail(journal)
  }

  /** Those since the last call. */
  read(): JournalEntry[] {
    const lines = this.#tail.read()
    if (!this.#tail.isOpen || this.#tail.wasReplaced()) {
      const next = new FileTail(this.#path, 'from its beginning') // all of it came since
      this.#tail.close()
      this.#tail = next
      lines.push(...next.read())
    }
    return lines.flatMap((line) => parseEntry(line) ?? [])
  }

  close(): void {
    this.#tail.close()
  }
}
