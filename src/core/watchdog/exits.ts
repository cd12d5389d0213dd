import { exitOf, isUnexpectedExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'

/** An exit that nobody asked for. */
export interface UnexpectedExit {
  readonly exit: number | null
  /** True where only the next bot has found it: by then the desired state of before is cleared. */
  readonly isFoundLater: boolean
  /** The release that exited; null: the working tree. Undefined where its start was not seen. */
  readonly release: string | null | undefined
  /** The error that it printed last, or that ended it, in one line, where the journal has it. */
  readonly error?: string
}

const EXIT_KINDS = ['bot.stop', 'bot.exit', 'bot.crash', 'bot.lost']
/**
 * The number of processes whose exits are remembered: the next bot reports the last ones, at most some that were killed
 * in a row.
 */
const REMEMBERED = 50

/**
 * The exits of the bots, each taken in once, from the first that reports it: the bot itself, which knows best, its
 * parent process, or the next bot, which finds that the last one was killed.
 */
export class Exits {
  #reported: readonly number[]
  /** The release of each process that was seen to start. */
  readonly #releases = new Map<unknown, string | null>()

  /** Begins with the processes whose exits an earlier watchdog has reported already. */
  constructor(reported: readonly number[] = []) {
    this.#reported = reported
  }

  /** The processes whose exits were reported last. */
  get reported(): readonly number[] {
    return this.#reported
  }

  /**
   * Returns the unexpected exits among new entries of the journal. Those before the end of a deployment belong to it.
   */
  unexpectedIn(entries: readonly JournalEntry[]): UnexpectedExit[] {
    const deployed = entries.findLastIndex(({ kind }) => kind === 'deploy.end')
    return entries.flatMap((entry, index) => {
      const isNew = this.#isNew(entry)
      if (!isNew || index <= deployed || !isUnexpectedExit(entry)) return []
      const release = this.releaseOf(entry.pid)
      const { error } = entry
      const known = { exit: exitOf(entry), isFoundLater: entry.kind === 'bot.lost', release }
      return [typeof error === 'string' ? { ...known, error } : known]
    })
  }

  /** Returns whether nobody has reported the exit of this child yet, and remembers it. */
  isNewChildExit(pid: number | undefined): boolean {
    if (pid === undefined) return true
    const isNew = !this.#reported.includes(pid)
    this.#rememberExit(pid)
    return isNew
  }

  /** Returns the release that ran as this process; undefined where its start was not seen. */
  releaseOf(pid: unknown): UnexpectedExit['release'] {
    return this.#releases.get(pid)
  }

  #isNew({ kind, pid, release }: JournalEntry): boolean {
    if (typeof pid !== 'number') return true
    if (kind === 'bot.start') {
      this.#reported = this.#reported.filter((one) => one !== pid) // the number is used again
      this.#rememberStart(pid, typeof release === 'string' ? release : null)
    }
    if (!EXIT_KINDS.includes(kind)) return true
    const isNew = !this.#reported.includes(pid)
    this.#rememberExit(pid)
    return isNew
  }

  #rememberStart(pid: number, release: string | null): void {
    this.#releases.delete(pid)
    this.#releases.set(pid, release)
    const [oldest] = this.#releases.keys()
    if (this.#releases.size > REMEMBERED) this.#releases.delete(oldest)
  }

  #rememberExit(pid: number): void {
    this.#reported = [...this.#reported.filter((one) => one !== pid), pid].slice(-REMEMBERED)
  }
}
