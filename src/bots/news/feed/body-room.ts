const SMALL = 256 * 1024
const LARGE_AT_ONCE = 12

/** One answer's share of the memory for bodies. */
export interface Room {
  /** Resolves when a body of `size` bytes may be held. */
  grow(size: number): Promise<void> | undefined
  /** Releases the memory, or stops waiting for it. Safe to call twice. */
  leave(): void
}

/**
 * The limit for the memory that bodies take while they are read. Small ones, as nearly all feeds are, never wait; of
 * those that grow beyond 256 kB only twelve do so at once, and the others stop reading meanwhile.
 */
export class BodyRoom {
  #free = LARGE_AT_ONCE
  readonly #waiting = new Set<() => void>()

  enter(): Room {
    let held = false
    let waiter: (() => void) | undefined
    return {
      grow: (size) => {
        if (held || size <= SMALL) return undefined
        return new Promise((resolve) => {
          waiter = () => {
            held = true
            resolve()
          }
          if (this.#free > 0) {
            this.#free--
            waiter()
          } else this.#waiting.add(waiter)
        })
      },
      leave: () => {
        if (waiter) this.#waiting.delete(waiter)
        if (held) this.#passOn()
        held = false
      },
    }
  }

  #passOn(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next)
      next()
      return
    }
    this.#free++
  }
}
