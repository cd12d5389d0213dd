import { basename, dirname, join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { isObject } from '#core/json.js'
import type { Clock } from '#core/platform/clock.js'
import { exists, readBeginning } from '#core/platform/fs/files.js'
import { QUERY_TIMEOUT_MS, run } from '#core/platform/process/processes.js'
import { runUntilAborted } from '#core/platform/process/run-until-aborted.js'
import { NODE_PROGRAM, PYTHON_PROGRAM } from './sqlite-programs.js'

/** The rows of each table of a database. */
export type Rows = Readonly<Record<string, number>>

/** A program of this machine that copies SQLite databases. */
export interface SqliteTool {
  /** The program and its version or place, for people. */
  readonly name: string
  /** Copies a database that may be in use, checks the copy, and returns its rows. */
  copy(source: string, target: string, signal: AbortSignal): Promise<Rows>
  /** Returns the rows of a database. */
  rows(source: string, signal: AbortSignal): Promise<Rows>
}

/** The user as whom the tool runs, and the folders whose virtual environment may hold it. */
export interface ToolPlace {
  readonly as?: { readonly uid: number; readonly gid: number }
  readonly folders: readonly string[]
}

const MAGIC = 'SQLite format 3\0'

/** Returns whether a file is an SQLite database, by its first bytes. */
export function isSqlite(path: string): boolean {
  return readBeginning(path, MAGIC.length) === MAGIC
}

/** The files that SQLite keeps beside a database. */
export const SIDECARS = ['-wal', '-shm', '-journal'] as const

/**
 * Finds a program for SQLite databases: our own node, where it has SQLite; a Python of the release or of the machine; the
 * command line of SQLite.
 * @throws CatalystError SNAPSHOT_FAILED where there is none
 */
export async function findSqliteTool(clock: Clock, place: ToolPlace): Promise<SqliteTool> {
  const node = process.versions.node
  if (nodeHasBackup(node))
    return interpreter(clock, place, `node ${node}`, [process.execPath, '--no-warnings', '-e', NODE_PROGRAM])
  for (const python of pythons(place.folders)) {
    const probe = ['-I', '-c', 'import sqlite3; sqlite3.Connection.backup']
    if ((await run(python, probe, { timeoutMs: QUERY_TIMEOUT_MS, ...place })).exit === 0)
      return interpreter(clock, place, python, [python, '-I', '-c', PYTHON_PROGRAM])
  }
  if ((await run('sqlite3', ['-version'], { timeoutMs: QUERY_TIMEOUT_MS, ...place })).exit === 0)
    return commandLine(clock, place)
  throw new CatalystError(
    'Nothing here can copy a SQLite database: neither node 24, nor python3, nor sqlite3 is found.',
    {
      code: 'SNAPSHOT_FAILED',
      exit: EXIT.failed,
      suggestions: [
        process.platform === 'win32'
          ? 'Install Python, for all users: winget install Python.Python.3.13 --scope machine'
          : 'Install one, on Debian: apt-get install sqlite3',
        'Or run Catalyst with node 24 or later',
      ],
    },
  )
}

/** Returns whether this node has SQLite with its online backup, without a flag. */
export function nodeHasBackup(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major >= 24 || (major === 23 && minor >= 8) || (major === 22 && minor >= 16)
}

function pythons(folders: readonly string[], platform = process.platform): string[] {
  const inVenv = platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']
  const own = folders.flatMap((folder) => ['.venv', 'venv'].map((venv) => join(folder, venv, ...inVenv)))
  return [...own.filter(exists), ...(platform === 'win32' ? ['python'] : ['python3', '/usr/bin/python3'])]
}

function interpreter(clock: Clock, place: ToolPlace, name: string, argv: readonly string[]): SqliteTool {
  const [program = '', ...args] = argv
  const ask = async (words: readonly string[], path: string, signal: AbortSignal) =>
    rowsIn(await output(clock, place, [program, ...args, ...words], path, signal), path)
  return {
    name,
    copy: (source, target, signal) => ask(['copy', source, target], source, signal),
    rows: (source, signal) => ask(['rows', source], source, signal),
  }
}

/** Names of tables come out of it one a line: what holds a line end is left out. */
const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND instr(name, char(10)) = 0"

function commandLine(clock: Clock, place: ToolPlace): SqliteTool {
  const argv = (path: string, ...words: string[]) => ['sqlite3', '-batch', '-bail', '-init', NO_FILE, path, ...words]
  const ask = (signal: AbortSignal, path: string, words: readonly string[], cwd?: string) =>
    output(clock, place, argv(path, ...words), path, signal, cwd)
  const rows = async (path: string, signal: AbortSignal): Promise<Rows> => {
    const names = (await ask(signal, path, ['.timeout 30000', TABLES])).split(/\r?\n/).filter((name) => name !== '')
    if (names.length === 0) return {}
    const counts = names.map((name) => `SELECT count(*) FROM "${name.replaceAll('"', '""')}"`).join('; ')
    const lines = (await ask(signal, path, ['.timeout 30000', counts])).trim().split(/\r?\n/)
    return Object.fromEntries(names.map((name, index) => [name, Number(lines[index])]))
  }
  return {
    name: 'sqlite3',
    rows: (source, signal) => rows(source, signal),
    async copy(source, target, signal) {
      // the target's name is ours: what is in a path must not be read as a command
      await ask(signal, source, ['.timeout 30000', `.backup main ${basename(target)}`], dirname(target))
      const found = (await ask(signal, target, ['PRAGMA integrity_check(5)'])).trim()
      if (found !== 'ok') throw failed(source, `the copy is damaged: ${found}`)
      return rows(target, signal)
    },
  }
}

const NO_FILE = process.platform === 'win32' ? 'NUL' : '/dev/null'

async function output(
  clock: Clock,
  { as }: ToolPlace,
  [program = '', ...args]: readonly string[],
  path: string,
  signal: AbortSignal,
  cwd = dirname(path),
): Promise<string> {
  const { exit, stdout, stderr } = await runUntilAborted(clock, program, args, { cwd, signal, ...(as && { as }) })
  if (signal.aborted) throw failed(path, 'it was cancelled')
  if (exit !== 0) throw failed(path, stderr.trim().split('\n').at(-1) || `exit code ${exit}`)
  return stdout
}

function rowsIn(text: string, path: string): Rows {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value) && Object.values(value).every((count) => typeof count === 'number')) return value as Rows
  } catch {
    // said below
  }
  throw failed(path, 'its copy gave no answer')
}

function failed(path: string, why: string): CatalystError {
  const isFull = /disk (image )?is full|database or disk is full|ENOSPC/i.test(why)
  return new CatalystError(`${path} could not be copied: ${why}.`, {
    code: 'SNAPSHOT_FAILED',
    exit: EXIT.failed,
    suggestions: isFull
      ? ['Make room on the disk: catalyst deploy prune']
      : ['See whether the database is sound: sqlite3 FILE "PRAGMA integrity_check"'],
  })
}
