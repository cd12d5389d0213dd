/**
 * A queue of log lines in memory that two threads share. The bot's thread puts lines in, even if its event loop blocks
 * a moment later; the writer's thread takes them out. Bounded: a full queue makes the bot wait for the disk.
 */

import { realClock } from '#core/platform/clock.js'

/** Flags of a line: where it goes, and whether the bot waits until it is written. */
export const LINE = { bot: 1, errors: 2, health: 4, sync: 8 } as const

const CAPACITY = 1024 * 1024
/** The maximum length of a line; the caller shortens longer ones: the queue must hold several. */
export const LONGEST_LINE_BYTES = CAPACITY / 8

const HEAD = 0 // where the next line goes
const TAIL = 1 // where the oldest line begins
const PUT = 2 // lines put in, wrapping
const WRITTEN = 3 // lines written, wrapping
const ASLEEP = 4 // 1: the writer waits for a message
const DROPPED = 5 // lines that found no room, until the writer has counted them
const SLOTS = 8
const HEADER_BYTES = SLOTS * 4
const WRAP = -1
const FRAME_BYTES = 8

export function newRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + CAPACITY)
}

function views(ring: SharedArrayBuffer) {
  return {
    header: new Int32Array(ring, 0, SLOTS),
    words: new Int32Array(ring, HEADER_BYTES),
    bytes: Buffer.from(ring, HEADER_BYTES),
  }
}

/** Opens the bot's side. `wake` reaches the writer's thread even if this thread blocks right after. */
export function ringProducer(ring: SharedArrayBuffer, wake: () => void) {
  const { header, words, bytes } = views(ring)

  /**
   * Returns where `need` bytes fit in one piece, or undefined. An empty queue has head = tail, so it is never filled
   * completely.
   */
  function room(need: number): number | undefined {
    const head = Atomics.load(header, HEAD)
    const tail = Atomics.load(header, TAIL)
    if (head < tail) return tail - head > need ? head : undefined
    if (CAPACITY - head > need) return head
    if (tail <= need) return undefined
    words[head >> 2] = WRAP
    return 0
  }

  function waitFor(ready: () => boolean, slot: number, ms: number): boolean {
    if (ready()) return true
    const until = realClock.monotonic() + ms
    while (!ready()) {
      const seen = Atomics.load(header, slot)
      if (ready()) return true
      const left = until - realClock.monotonic()
      if (left <= 0) return false
      Atomics.wait(header, slot, seen, Math.min(left, 50))
    }
    return true
  }

  return {
    /**
     * Puts a line in; returns false when the writer made no space within `ms`: then the line is dropped, and counted.
     */
    put(flags: number, line: string, ms: number): boolean {
      const length = Buffer.byteLength(line)
      const need = FRAME_BYTES + ((length + 3) & ~3)
      if (!waitFor(() => room(need) !== undefined, TAIL, ms)) {
        Atomics.add(header, DROPPED, 1)
        return false
      }
      const at = room(need) as number
      words[at >> 2] = length
      words[(at >> 2) + 1] = flags
      bytes.write(line, at + FRAME_BYTES, length, 'utf8')
      Atomics.add(header, PUT, 1)
      Atomics.store(header, HEAD, at + need)
      if (Atomics.exchange(header, ASLEEP, 0) === 1) wake()
      return true
    },
    /** Waits until all that was put in is written; returns false after `ms`. It blocks the thread. */
    flush(ms: number): boolean {
      const target = Atomics.load(header, PUT)
      return waitFor(() => ((target - Atomics.load(header, WRITTEN)) | 0) <= 0, WRITTEN, ms)
    },
    /** Returns how many lines the writer has finished, wrapping: it shows whether it moves at all. */
    written(): number {
      return Atomics.load(header, WRITTEN)
    },
  }
}

export interface Line {
  readonly flags: number
  readonly bytes: Buffer
}

/** Opens the writer's side. */
export function ringConsumer(ring: SharedArrayBuffer) {
  const { header, words, bytes } = views(ring)
  return {
    /** Returns the waiting lines, oldest first, up to `most` bytes. They stay in the queue until {@link done}. */
    take(most: number): { lines: Line[]; tail: number } {
      const head = Atomics.load(header, HEAD)
      let tail = Atomics.load(header, TAIL)
      const lines: Line[] = []
      let size = 0
      while (tail !== head && size < most) {
        const length = words[tail >> 2] as number
        if (length === WRAP) {
          tail = 0
          continue
        }
        const start = tail + FRAME_BYTES
        lines.push({ flags: words[(tail >> 2) + 1] as number, bytes: bytes.subarray(start, start + length) })
        size += length
        tail = start + ((length + 3) & ~3)
      }
      return { lines, tail }
    },
    done(batch: { lines: readonly Line[]; tail: number }): void {
      Atomics.store(header, TAIL, batch.tail)
      Atomics.add(header, WRITTEN, batch.lines.length)
      Atomics.notify(header, TAIL)
      Atomics.notify(header, WRITTEN)
    },
    /** Returns how many lines were dropped since the last call. */
    dropped(): number {
      return Atomics.exchange(header, DROPPED, 0)
    },
    /** Announces that the next line must wake this thread; returns false if one came in meanwhile. */
    fallAsleep(): boolean {
      Atomics.store(header, ASLEEP, 1)
      if (Atomics.load(header, HEAD) === Atomics.load(header, TAIL)) return true
      return Atomics.exchange(header, ASLEEP, 0) === 0
    },
  }
}
