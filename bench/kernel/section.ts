import type { Row } from './row.js'
import type { Scratch, Words } from './scratch.js'

/** What a section works with. */
export interface Bench {
  /** Ends with the section. */
  readonly scratch: Scratch
  /** Ends with the whole run: for what several sections use. */
  readonly shared: Scratch
  /** The environment in which the bench was started: npm finds its registry by that. */
  readonly environment: Readonly<Record<string, string>>
  /** The words that begin a command of ours. */
  readonly catalyst: Words
  /** Returns how many rounds there are: those that were asked for, or else the section's own number. */
  rounds(usual: number): number
  /** Says on stderr what goes on. */
  say(text: string): void
  /** Notes a yardstick that this machine doesn't have, and how it gets it. */
  missing(text: string): void
}

/** A part of the bench that can be run alone. */
export interface Section {
  readonly name: string
  /** What it measures, in a few words. */
  readonly about: string
  readonly run: (bench: Bench) => Promise<readonly Row[]>
}
