import { FileTail } from '#core/platform/fs/file-tail.js'
import { type JournalEntry, parseEntry } from './journal.js'

/** Reads the entries that are appended to a journal from now on, also after another file took its name. */
export class JournalTail {
  readonly #path: string
  #tail: FileTail

  /**
   * Opens the journal.
   * @throws the system's error if the journal exists and is not readable
   */
  constructor(journal: string) {
    this.#path = journal
    this.#tail = new FileTail(journal)
  }

  /** Returns the entries since the last call. */
  read(): JournalEntry[] {
    const lines = this.#tail.read()
    if (!this.#tail.isOpen || this.#tail.wasReplaced()) {
      const next = new FileTail(this.#path, 'from its beginning') // all of it is new
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
