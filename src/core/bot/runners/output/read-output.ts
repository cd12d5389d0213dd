import type { Readable } from 'node:stream'
import type { Clock } from '#core/platform/clock.js'
import { onLines } from '#core/platform/process/lines.js'
import { type Entry, entriesOf, joinLines, type OpenEntry } from './join-lines.js'
import type { OutputStream } from './levels.js'

/** The time after the last line after which an entry is complete, though the next line might have belonged to it. */
export const COMPLETE_MS = 200

/** Joins the lines of a stream to entries; one that is open is passed on after {@link COMPLETE_MS} without a line. */
export class EntryReader {
  readonly #clock: Clock
  readonly #stream: OutputStream
  readonly #onEntry: (entry: Entry, stream: OutputStream) => void
  #open: OpenEntry | undefined
  #lastLineAt = 0
  #cancel: (() => void) | undefined

  constructor(clock: Clock, stream: OutputStream, onEntry: (entry: Entry, stream: OutputStream) => void) {
    this.#clock = clock
    this.#stream = stream
    this.#onEntry = onEntry
  }

  push(line: string): void {
    const { done, open } = joinLines(this.#open, line, this.#stream)
    this.#open = open
    for (const entry of done) this.#onEntry(entry, this.#stream)
    if (open === undefined) return
    this.#lastLineAt = this.#clock.monotonic()
    // one timer for a flood of lines, not one for each
    this.#cancel ??= this.#clock.after(COMPLETE_MS, () => this.#complete())
  }

  /** Passes on what is open. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    const entries = entriesOf(this.#open, this.#stream)
    this.#open = undefined
    for (const entry of entries) this.#onEntry(entry, this.#stream)
  }

  #complete(): void {
    const leftMs = this.#lastLineAt + COMPLETE_MS - this.#clock.monotonic()
    if (this.#open !== undefined && leftMs > 0) this.#cancel = this.#clock.after(leftMs, () => this.#complete())
    else this.flush()
  }
}

/** Passes on the output of a program's stream, entry by entry, and where it is wanted line by line. */
export function readOutput(
  clock: Clock,
  from: Readable | null,
  stream: OutputStream,
  onEntry: (entry: Entry, stream: OutputStream) => void,
  onLine?: (line: string) => void,
): void {
  const reader = new EntryReader(clock, stream, onEntry)
  onLines(from, (line) => {
    reader.push(line)
    onLine?.(line)
  })
  from?.on('end', () => reader.flush())
}
