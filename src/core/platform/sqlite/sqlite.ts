import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { messageOf } from '#core/errors.js'
import { isObject } from '#core/json.js'
import type { Clock } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { movePath, removeFile } from '#core/platform/fs/write-files.js'
import { QUERY_TIMEOUT_MS, run } from '#core/platform/process/processes.js'
import { runUntilAborted } from '#core/platform/process/run-until-aborted.js'
import { companionsOf } from './sqlite-file.js'
import { NODE_PROGRAM, PYTHON_PROGRAM } from './sqlite-programs.js'

/** The rows of each table of a database. */
export type Rows = Readonly<Record<string, number>>

/** A program of this machine that works on SQLite databases. Its errors have SQLite's own words. */
export interface Sqlite {
  /** The program and its version or place, for people. */
  readonly name: string
  /** Copies a database that may be in use to a path where nothing is, and leaves nothing of a copy that failed. */
  copy(source: string, target: string, signal: AbortSignal): Promise<void>
  /** Returns what is wrong with a database that nobody uses, by SQLite's integrity check; undefined where nothing is. */
  check(path: string, signal: AbortSignal): Promise<string | undefined>
  /** Returns the rows of a database, which may be in use. */
  rows(path: string, signal: AbortSignal): Promise<Rows>
}

/** Returns whether SQLite's words say that a database is damaged, so that no other try would read it. */
export function isDamage(words: string): boolean {
  return /malformed|not a database|corrupt/i.test(words)
}

/** The user as whom the program runs, and the folders whose virtual environment may hold it. */
export interface SqlitePlace {
  readonly as?: { readonly uid: number; readonly gid: number }
  readonly folders: readonly string[]
}

/**
 * Finds a program for SQLite databases: our own node, where it has SQLite; a Python of these folders or of the machine;
 * the command line of SQLite. Returns undefined where there is none.
 */
export async function findSqlite(clock: Clock, place: SqlitePlace): Promise<Sqlite | undefined> {
  return nodeSqlite(clock, place) ?? (await pythonSqlite(clock, place)) ?? (await commandLineSqlite(clock, place))
}

export function nodeSqlite(clock: Clock, place: SqlitePlace): Sqlite | undefined {
  const node = process.versions.node
  if (!nodeHasBackup(node)) return undefined
  return interpreter(clock, place, `node ${node}`, [process.execPath, '--no-warnings', '-e', NODE_PROGRAM])
}

/** Returns whether this node has SQLite with its online backup, without a flag. */
export function nodeHasBackup(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 24 || (major === 23 && minor >= 8) || (major === 22 && minor >= 16)
}

export async function pythonSqlite(clock: Clock, place: SqlitePlace): Promise<Sqlite | undefined> {
  for (const python of pythons(place.folders)) {
    const probe = ['-I', '-c', 'import sqlite3; sqlite3.Connection.backup']
    if ((await run(python, probe, { timeoutMs: QUERY_TIMEOUT_MS, ...place })).exit === 0)
      return interpreter(clock, place, python, [python, '-I', '-c', PYTHON_PROGRAM])
  }
  return undefined
}

function pythons(folders: readonly string[], platform = process.platform): string[] {
  const inVenv = platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']
  const own = folders.flatMap((folder) => ['.venv', 'venv'].map((venv) => join(folder, venv, ...inVenv)))
  return [...own.filter(exists), ...(platform === 'win32' ? ['python', 'py'] : ['python3', '/usr/bin/python3'])]
}

function interpreter(clock: Clock, place: SqlitePlace, name: string, argv: readonly string[]): Sqlite {
  const ask = async (words: readonly string[], path: string, signal: AbortSignal): Promise<unknown> =>
    JSON.parse(await output(clock, place, [...argv, ...words], { cwd: dirname(path), signal }))
  return {
    name,
    copy: (source, target, signal) => whole(target, () => ask(['copy', source, target], source, signal)),
    check: (path, signal) =>
      checked(path, signal, async () => {
        const found = await ask(['check', path], path, signal)
        return Array.isArray(found) ? found.join('; ') : 'its check gave no answer'
      }),
    async rows(path, signal) {
      const found = await ask(['rows', path], path, signal)
      if (isObject(found) && Object.values(found).every((count) => typeof count === 'number')) return found as Rows
      throw new Error('its rows were not counted')
    },
  }
}

/** Names of tables come out of it one a line: what holds a line end is left out. */
const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND instr(name, char(10)) = 0"
const TIMEOUT = '.timeout 30000'

/** The command line copies in one step, in one read transaction: in WAL mode nobody waits for it, else writers do. */
export async function commandLineSqlite(clock: Clock, place: SqlitePlace): Promise<Sqlite | undefined> {
  if ((await run('sqlite3', ['-version'], { timeoutMs: QUERY_TIMEOUT_MS, ...place })).exit !== 0) return undefined
  const ask = (signal: AbortSignal, path: string, words: readonly string[], cwd = dirname(path)) =>
    output(clock, place, ['sqlite3', '-batch', '-bail', '-init', NO_FILE, path, TIMEOUT, ...words], { cwd, signal })
  return {
    name: 'sqlite3',
    copy: (source, target, signal) =>
      whole(target, async () => {
        if (!exists(source)) throw new Error('it is gone') // else it would make one
        const folder = dirname(target)
        // what is in a path must not be read as a word of the command
        const name = `${randomUUID()}.tmp`
        try {
          await ask(signal, source, ['BEGIN', 'SELECT count(*) FROM sqlite_master', `.backup main ${name}`], folder)
          movePath(join(folder, name), target)
        } finally {
          for (const one of [name, ...companionsOf(name)]) removeFile(join(folder, one))
        }
      }),
    check: (path, signal) => checked(path, signal, () => ask(signal, path, ['PRAGMA integrity_check(5)'])),
    async rows(path, signal) {
      const names = (await ask(signal, path, [TABLES])).split(/\r?\n/).filter((name) => name !== '')
      if (names.length === 0) return {}
      const counts = names.map((name) => `SELECT count(*) FROM "${name.replaceAll('"', '""')}"`).join('; ')
      const lines = (await ask(signal, path, [counts])).trim().split(/\r?\n/)
      return Object.fromEntries(names.map((name, index) => [name, Number(lines[index])]))
    },
  }
}

const NO_FILE = process.platform === 'win32' ? 'NUL' : '/dev/null'

/** Makes a copy, and leaves nothing of one that failed, nor of what SQLite keeps beside a database. */
async function whole(target: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    removeFile(target)
    throw error
  } finally {
    for (const name of companionsOf(target)) removeFile(name)
  }
}

async function checked(path: string, signal: AbortSignal, work: () => Promise<string>): Promise<string | undefined> {
  try {
    const found = (await work()).trim()
    return found === 'ok' ? undefined : found.replaceAll(/\r?\n/g, '; ')
  } catch (error) {
    if (signal.aborted) throw error
    return messageOf(error)
  } finally {
    for (const name of companionsOf(path)) removeFile(name)
  }
}

async function output(
  clock: Clock,
  { as }: SqlitePlace,
  [program = '', ...args]: readonly string[],
  { cwd, signal }: { cwd: string; signal: AbortSignal },
): Promise<string> {
  const { exit, stdout, stderr } = await runUntilAborted(clock, program, args, { cwd, signal, ...(as && { as }) })
  if (signal.aborted) throw new Error('it was cancelled')
  // the command line exits with 0 whatever a dot-command has met
  const words = stderr.trim()
  if (exit === 0 && (words === '' || program !== 'sqlite3')) return stdout
  throw new Error(words.split('\n').at(-1) || `exit code ${exit}`)
}
