/** What became of one process's numbered lines. */
export interface LineFault {
  /** The process that logged them. */
  readonly run: string
  readonly what: string
}

/** What a run of the bot has said of itself: how many lines it had handed to the log. */
export interface Written {
  /** Lines that must be in the files, whatever happened since. */
  readonly sure: number
}

/**
 * Counts numbered lines, in the order in which they are in the files. A process that is killed may lose the end of what it
 * has just handed over, but nothing before that, and nothing may come twice.
 */
export class LineLedger {
  readonly #next = new Map<string, number>()
  readonly #faults: LineFault[] = []
  #count = 0

  /** The number of lines found. */
  get count(): number {
    return this.#count
  }

  /** Takes a line `line RUN NUMBER;` of a log; any other is skipped. */
  take(text: string): void {
    const [, run, number] = /line ([\w-]+) (\d+);/.exec(text) ?? []
    if (run === undefined) return
    this.#count++
    const expected = this.#next.get(run) ?? 0
    const found = Number(number)
    if (found > expected) this.#faults.push({ run, what: `lines ${expected} to ${found - 1} are missing` })
    if (found < expected) this.#faults.push({ run, what: `line ${found} came again, or late` })
    this.#next.set(run, Math.max(expected, found + 1))
  }

  /** Returns what is wrong, once all files have been read. `written` has each process that has logged. */
  faults(written: ReadonlyMap<string, Written>): LineFault[] {
    const ends = [...written].flatMap(([run, { sure }]) => {
      const found = this.#next.get(run) ?? 0
      return found < sure ? [{ run, what: `lines ${found} to ${sure - 1} are missing at its end` }] : []
    })
    return [...this.#faults, ...ends]
  }
}
