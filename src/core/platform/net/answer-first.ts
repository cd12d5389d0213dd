import { setImmediate as nextTurn } from 'node:timers/promises'

/** A connection is taken in one turn of the event loop, and its request answered in the next; the first one has begun. */
const TURNS = 3

/** Lets whoever asks a listener of this process be answered, before more is done that keeps the event loop busy. */
export async function answerFirst(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await nextTurn()
}
