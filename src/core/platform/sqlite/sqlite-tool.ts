/**
 * What copies SQLite databases that are being written to, by SQLite's online backup.
 *
 * A database in WAL mode is copied from one snapshot of it, a few pages at a time: no writer ever waits. Any other is
 * copied a few pages at a time, too, and each write of another process lets SQLite begin anew; after the third time it is
 * copied in one step, during which writers wait (https://sqlite.org/backup.html).
 */
export interface Sqlite {
  /** The program, for people. */
  readonly name: string
  /** Copies a database to a path where nothing is. Throws an error with SQLite's own words. */
  copy(source: string, target: string): Promise<void>
  /** Returns what is wrong with a database, by SQLite's integrity check; undefined where nothing is. */
  check(path: string): Promise<string | undefined>
}

/** The pages of a step: with the usual 4 KiB each it takes about a millisecond. */
export const STEP_PAGES = 256
