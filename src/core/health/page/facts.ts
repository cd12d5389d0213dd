import { messageOf } from '#core/errors.js'

/** Something that happened on a day, as the status page tells it. */
export interface Story {
  /** The time at which it began, and at which it was over; wall times in ms since 1970. */
  readonly at: number
  readonly until?: number | undefined
  readonly tone: 'good' | 'warn' | 'bad' | 'neutral'
  readonly title: string
  /** How it ended, in a few words. */
  readonly outcome: string
  readonly text: string
}

/** The facts of the status page that are in files of the home. They are read only while somebody looks at it. */
export interface PageFacts {
  /** Returns how the running release is rated; undefined where the bot runs in the working tree. */
  rating(): { readonly rating: string; readonly reason: string } | undefined
  /** Returns the time of the newest good backup; null before the first, undefined where none are set up. */
  backups?(): { readonly at: number | null; readonly tested: number | null; readonly isBad: boolean } | undefined
  /** Returns the number of restarts since a time, and of exits that nobody asked for. */
  restarts(since: number): { readonly restarts: number; readonly unexpected: number }
  /** Returns when the incidents were opened that are kept. */
  incidents(): readonly number[]
  /** Returns what happened between two times, the oldest first. */
  stories(from: number, to: number): readonly Story[]
}

/** The facts of a home without any. */
export const NO_FACTS: PageFacts = {
  rating: () => undefined,
  restarts: () => ({ restarts: 0, unexpected: 0 }),
  incidents: () => [],
  stories: () => [],
}

/** Returns facts that never fail: a file that can't be read leaves the rest of the page as it is. */
export function withoutFailures(facts: PageFacts): PageFacts {
  const or = <T>(read: () => T, other: (error: unknown) => T): T => {
    try {
      return read()
    } catch (error) {
      return other(error)
    }
  }
  return {
    rating: () => or(facts.rating, NO_FACTS.rating),
    backups: () =>
      or(
        () => facts.backups?.(),
        () => undefined,
      ),
    restarts: (since) =>
      or(
        () => facts.restarts(since),
        () => NO_FACTS.restarts(since),
      ),
    incidents: () => or(facts.incidents, NO_FACTS.incidents),
    stories: (from, to) =>
      or(
        () => facts.stories(from, to),
        (error) => [
          { at: from, tone: 'neutral', title: 'What happened is not known', outcome: '', text: messageOf(error) },
        ],
      ),
  }
}
