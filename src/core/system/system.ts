import { type Clock, realClock } from './clock.js'

/** What the program needs of the machine and a test may want to turn by hand. Everything takes it first. */
export interface System {
  readonly clock: Clock
}

export const realSystem: System = { clock: realClock }
