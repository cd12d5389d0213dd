import { setImmediate as nextTurn } from 'node:timers/promises'

/**
 * Does heavy synchronous work piece by piece, one in each turn of the event loop: forty feeds that arrive together
 * neither block the health endpoint for seconds nor need their memory all at once.
 */
export class Lane {
  #tail: Promise<unknown> = Promise.resolve()

  /** Runs `work` when its turn comes. Rejects with what it throws. */
  run<T>(work: () => T): Promise<T> {
    const turn = this.#tail.then(() => nextTurn()).then(work)
    this.#tail = turn.catch(() => {})
    return turn
  }
}
