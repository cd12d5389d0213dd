import { basename, dirname } from 'node:path'
import { messageOf } from '#core/errors.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { failureText, QUERY_TIMEOUT_MS, type RunResult, run } from '#core/platform/process/processes.js'
import { CHECK_SCRIPT, COPY_SCRIPT } from './copy-script.js'
import { nodeSqlite } from './node-sqlite.js'
import { companionsOf } from './sqlite-file.js'
import { type Sqlite, STEP_PAGES } from './sqlite-tool.js'

const PAUSE_SECONDS = 0.002
const COPY_TIMEOUT_MS = 60 * 60_000

/** Finds what can copy a database: node itself, Python, or SQLite's own command line. Returns undefined where none can. */
export async function findSqlite(): Promise<Sqlite | undefined> {
  return nodeSqlite() ?? (await findPython()) ?? (await findCommandLine())
}

const PYTHONS = process.platform === 'win32' ? ['python', 'py', 'python3'] : ['python3', 'python']

async function findPython(): Promise<Sqlite | undefined> {
  for (const python of PYTHONS) {
    const script = (text: string, ...args: string[]) =>
      run(python, ['-I', '-c', text, ...args], { timeoutMs: COPY_TIMEOUT_MS })
    const { exit } = await run(python, ['-I', '-c', 'import sqlite3; sqlite3.Connection.backup'], {
      timeoutMs: QUERY_TIMEOUT_MS,
    })
    if (exit === 0)
      return {
        name: python,
        copy: (source, target) =>
          copied(target, () => script(COPY_SCRIPT, source, target, String(STEP_PAGES), String(PAUSE_SECONDS))),
        check: async (path) => faultIn(await script(CHECK_SCRIPT, path)),
      }
  }
  return undefined
}

async function findCommandLine(): Promise<Sqlite | undefined> {
  const { exit } = await run('sqlite3', ['-version'], { timeoutMs: QUERY_TIMEOUT_MS })
  if (exit !== 0) return undefined
  const sqlite = (cwd: string, ...args: string[]) =>
    run('sqlite3', ['-batch', ...args], { timeoutMs: COPY_TIMEOUT_MS, cwd })
  return {
    name: 'sqlite3',
    // the copy is named within its folder, since the dot-commands have their own rules for quotes
    copy: (source, target) =>
      copied(target, () =>
        sqlite(
          dirname(target),
          source,
          '.timeout 10000',
          'BEGIN',
          'SELECT count(*) FROM sqlite_master',
          `.backup main ${basename(target)}`,
        ),
      ),
    check: async (path) => faultIn(await sqlite(dirname(path), path, 'PRAGMA integrity_check(5)')),
  }
}

/** Runs a copy, and leaves nothing of one that failed. */
async function copied(target: string, work: () => Promise<RunResult>): Promise<void> {
  const result = await work()
  for (const name of companionsOf(target)) removeFile(name)
  // the command line exits with 0 whatever a dot-command has met
  if (result.exit === 0 && result.stderr.trim() === '') return
  removeFile(target)
  throw new Error(lastLine(failureText(result)))
}

function faultIn(result: RunResult): string | undefined {
  const said = result.stdout.trim()
  if (result.exit === 0 && said === 'ok') return undefined
  return result.exit === 0 ? said : lastLine(failureText(result))
}

/** Returns the last line of what a program has said: of Python's traces, the error itself. */
function lastLine(text: string): string {
  return messageOf(
    text
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^sqlite3\.\w+: /, '') ?? text,
  )
}
