import { type Clock, every } from '#core/platform/clock.js'
import type { ServerResponse } from '#core/platform/net/http.js'

/** The limit of viewers at once. */
export const MAXIMUM_VIEWERS = 50
/** The interval of updates. */
export const UPDATE_MS = 5000
/** The bytes that may wait for a viewer: one that takes them more slowly is dropped, and comes again. */
const MAXIMUM_WAITING = 64 * 1024
/** The time after which a browser comes again that was cut off. */
const RETRY_MS = 3000

/** An update: its name, and what it is. */
export interface Update {
  readonly event: string
  readonly data: unknown
}

/**
 * The viewers of a page, who are told what has changed, by server-sent events. One timer serves them all, and it runs
 * only while somebody looks.
 */
export class Live {
  readonly #clock: Clock
  readonly #options: LiveOptions
  readonly #viewers = new Set<ServerResponse>()
  #stop: (() => void) | undefined
  #isOver = false

  constructor(clock: Clock, options: LiveOptions) {
    this.#clock = clock
    this.#options = options
  }

  get viewers(): number {
    return this.#viewers.size
  }

  /** Returns whether another viewer is welcome. */
  get hasRoom(): boolean {
    return !this.#isOver && this.#viewers.size < MAXIMUM_VIEWERS
  }

  /** Adds a viewer, whose answer has been begun. */
  add(viewer: ServerResponse): void {
    this.#viewers.add(viewer)
    viewer.once('close', () => this.#remove(viewer))
    viewer.on('error', () => this.#remove(viewer))
    viewer.write(`retry: ${RETRY_MS}\n\n${textOf(this.#options.first())}`)
    this.#stop ??= every(this.#clock, UPDATE_MS, () => this.#tell(this.#options.next()))
  }

  /** Tells all that it is over, and ends their answers. */
  close(): void {
    this.#isOver = true
    if (this.#viewers.size > 0) this.#tell([...this.#options.next(), { event: 'over', data: {} }])
    for (const viewer of [...this.#viewers]) {
      viewer.end()
      this.#remove(viewer)
    }
  }

  #tell(updates: readonly Update[]): void {
    const text = updates.map(textOf).join('')
    for (const viewer of [...this.#viewers]) {
      if (viewer.writableLength > MAXIMUM_WAITING) viewer.destroy()
      else viewer.write(text === '' ? ': still here\n\n' : text)
    }
  }

  #remove(viewer: ServerResponse): void {
    this.#viewers.delete(viewer)
    if (this.#viewers.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }
}

export interface LiveOptions {
  /** Returns all that a new viewer must know. */
  readonly first: () => Update
  /** Returns what has changed since the last time. */
  readonly next: () => readonly Update[]
}

function textOf({ event, data }: Update): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
