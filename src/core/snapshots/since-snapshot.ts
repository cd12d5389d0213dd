import { join } from 'node:path'
import type { Clock } from '#core/platform/clock.js'
import { type TreeItem, treeAt } from '#core/platform/fs/copy-tree.js'
import { findSqlite, type Rows, type SqlitePlace } from '#core/platform/sqlite/sqlite.js'
import { companionsOf, isSqlite } from '#core/platform/sqlite/sqlite-file.js'
import type { Snapshot } from './snapshots.js'

/** The rows of a table in a snapshot, and today. */
interface TableSince {
  readonly file: string
  readonly table: string
  readonly rows_then: number
  readonly rows_now: number
}

/** What has changed since a snapshot: it is lost, but for what is kept, when the snapshot comes back. */
export interface DataSince {
  readonly snapshot: string
  /** The time of the snapshot, in ms since 1970. */
  readonly at: number
  /** The tables whose number of rows differs. */
  readonly tables: readonly TableSince[]
  /** The files that differ, by their path below `data/`; a database counts as one. */
  readonly files: readonly string[]
  readonly bytes_then: number
  readonly bytes_now: number
}

/** Compares a snapshot with today's data, and changes nothing. What can't be read counts as a file that differs. */
export async function dataSince(
  clock: Clock,
  data: string,
  snapshot: Snapshot,
  place: SqlitePlace,
): Promise<DataSince> {
  const now = snapshot.paths.flatMap((path) => treeAt(data, path)).filter(({ kind }) => kind === 'file')
  const counted = await rowsOf(clock, data, now, snapshot, place)
  const tables = snapshot.files.flatMap(({ path, rows: then = {} }) => tablesOf(path, then, counted.get(path)))
  const paths = [...new Set([...now, ...snapshot.files].map(({ path }) => path))].filter((path) => !isSidecar(path))
  return {
    snapshot: snapshot.id,
    at: snapshot.at,
    tables,
    files: paths.filter((path) => isChanged(snapshot, now, path)).sort(),
    bytes_then: snapshot.bytes,
    bytes_now: now.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

async function rowsOf(
  clock: Clock,
  data: string,
  now: readonly TreeItem[],
  { files }: Snapshot,
  place: SqlitePlace,
): Promise<Map<string, Rows>> {
  const known = files.filter(({ path, rows }) => rows !== undefined && now.some((one) => one.path === path))
  const found = new Map<string, Rows>()
  const databases = known.filter(({ path }) => isSqlite(join(data, path)))
  if (databases.length === 0) return found
  const { signal } = new AbortController()
  const tool = await findSqlite(clock, place)
  for (const { path } of databases) {
    const rows = await tool?.rows(join(data, path), signal).catch(() => undefined)
    if (rows !== undefined) found.set(path, rows)
  }
  return found
}

function tablesOf(file: string, then: Rows, now: Rows | undefined): TableSince[] {
  if (now === undefined) return []
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])].sort()
  const counts = names.map((table) => ({ file, table, rows_then: then[table] ?? 0, rows_now: now[table] ?? 0 }))
  return counts.filter((one) => one.rows_then !== one.rows_now)
}

/** Returns whether a file differs, or what SQLite keeps beside it is younger. */
function isChanged({ files, at }: Snapshot, now: readonly TreeItem[], path: string): boolean {
  const [then, today] = [files.find((one) => one.path === path), now.find((one) => one.path === path)]
  if (then === undefined || today === undefined || today.changed_at !== then.changed_at) return true
  if (then.rows === undefined) return then.bytes !== today.bytes
  return now.some((one) => companionsOf(path).includes(one.path) && one.changed_at > at)
}

function isSidecar(path: string): boolean {
  return companionsOf('').some((end) => path.endsWith(end))
}
