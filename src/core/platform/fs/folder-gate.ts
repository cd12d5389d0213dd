import { type Clock, sleep } from '#core/platform/clock.js'
import { isThere } from './files.js'

/** Whether a folder's content is there. `silent`: its disk gives no answer, as that of a server that is gone. */
export type FolderState = 'there' | 'gone' | 'silent'

/** The time for which an answer of the disk counts: each question costs a thread a moment. */
const FRESH_MS = 500
/** The time after which a disk counts as silent. */
const SILENT_MS = 5000

/**
 * What keeps the work in a folder from a disk that hangs, which would stop this whole process: nothing else in the
 * process touches such a disk before it has answered a question that blocks nobody.
 */
export class FolderGate {
  readonly #clock: Clock
  readonly #marks: readonly string[]
  readonly #ask: (path: string) => Promise<boolean>
  readonly #onChange: (state: FolderState) => void
  #state: FolderState | undefined
  #answeredAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  /**
   * The folder is there where one of these paths in it is: a disk that is unplugged may leave an empty one. `onChange` is
   * called with the first state, and with each other one. `ask` returns whether a path exists.
   */
  constructor(
    clock: Clock,
    marks: readonly string[],
    onChange: (state: FolderState) => void,
    ask: (path: string) => Promise<boolean> = isThere,
  ) {
    this.#clock = clock
    this.#marks = marks
    this.#ask = ask
    this.#onChange = onChange
  }

  /** Returns whether the folder was there a moment ago. */
  get isOpen(): boolean {
    return this.#state === 'there' && this.#clock.monotonic() - this.#answeredAt < FRESH_MS
  }

  get state(): FolderState | undefined {
    return this.#state
  }

  /** Asks the disk. Resolves once it has answered, however long that takes. */
  answered(): Promise<void> {
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #askNow(): Promise<void> {
    const cancel = this.#clock.after(SILENT_MS, () => this.#set('silent'))
    try {
      this.#set((await this.#isThere()) ? 'there' : 'gone')
    } catch {
      this.#set('there') // whatever it says, it has answered: whoever goes on finds out
    } finally {
      cancel()
      this.#answeredAt = this.#clock.monotonic()
    }
  }

  /** Asks twice before it says no: an editor that saves a file may take it away for a moment. */
  async #isThere(): Promise<boolean> {
    if (await this.#hasMark()) return true
    await sleep(this.#clock, FRESH_MS)
    return this.#hasMark()
  }

  async #hasMark(): Promise<boolean> {
    for (const mark of this.#marks) if (await this.#ask(mark)) return true
    return false
  }

  #set(state: FolderState): void {
    if (state === this.#state) return
    this.#state = state
    this.#onChange(state)
  }

  /**
   * Returns a clock whose timers wait until the folder is there: so all that is done by it leaves a silent disk alone.
   * Where `isFree` returns true they don't wait, as for closing what is in a folder that is gone.
   */
  clock(isFree: () => boolean): Clock {
    const clock = this.#clock
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, run) => {
        let isCancelled = false
        const isWaiting = () => !isCancelled && !this.isOpen && !isFree()
        const cancel = clock.after(ms, async () => {
          while (isWaiting()) {
            await this.answered()
            if (isWaiting()) await sleep(clock, FRESH_MS)
          }
          if (!isCancelled) run()
        })
        return () => {
          isCancelled = true
          cancel()
        }
      },
    }
  }
}
