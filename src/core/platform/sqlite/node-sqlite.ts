import { messageOf } from '#core/errors.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { companionsOf } from './sqlite-file.js'
import { type Sqlite, STEP_PAGES } from './sqlite-tool.js'

/** The parts of `node:sqlite` that are used here; the oldest node that runs us has none of it. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options?: { readonly timeout?: number }) => Database
  /** Added in node 22.16 and 23.8. */
  readonly backup?: (
    source: Database,
    path: string,
    options: { rate: number; progress?: (state: { remainingPages: number }) => void },
  ) => Promise<number>
}

interface Database {
  exec(sql: string): void
  prepare(sql: string): { all(): Record<string, unknown>[] }
  close(): void
}

/** Returns what copies databases by node's own SQLite; undefined where this node can't. */
export function nodeSqlite(): Sqlite | undefined {
  const found = load()
  if (found?.backup === undefined) return undefined
  const { DatabaseSync, backup } = found
  return {
    name: 'node:sqlite',
    async copy(source, target) {
      const live = new DatabaseSync(source, { timeout: 10_000 })
      try {
        const [mode] = live.prepare('PRAGMA journal_mode').all()
        if (mode?.journal_mode === 'wal') {
          live.exec('BEGIN')
          live.prepare('SELECT count(*) FROM sqlite_master').all()
        }
        await backup(live, target, { rate: STEP_PAGES, progress: restartsCounted() }).catch((error) => {
          if (!(error instanceof Restarted)) throw error
          removeFile(target)
          return backup(live, target, { rate: 2 ** 31 - 1 })
        })
      } catch (error) {
        removeFile(target)
        throw error
      } finally {
        live.close()
        for (const name of companionsOf(target)) removeFile(name)
      }
    },
    async check(path) {
      try {
        const database = new DatabaseSync(path)
        try {
          const lines = database.prepare('PRAGMA integrity_check(5)').all()
          const said = lines.map(({ integrity_check }) => String(integrity_check)).join('\n')
          return said === 'ok' ? undefined : said
        } finally {
          database.close()
        }
      } catch (error) {
        return messageOf(error)
      }
    },
  }
}

class Restarted extends Error {}

/** Returns what throws when SQLite has begun anew for the third time. */
function restartsCounted(): (state: { remainingPages: number }) => void {
  let left = Number.POSITIVE_INFINITY
  let restarts = 0
  return ({ remainingPages }) => {
    if (remainingPages > left) restarts += 1
    left = remainingPages
    if (restarts === 3) throw new Restarted()
  }
}

function load(): NodeSqlite | undefined {
  const isKnown = process.getBuiltinModule('node:module').isBuiltin('node:sqlite')
  // it warns on stderr of being experimental, which is nothing that a person could act on
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return isKnown ? (process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined) : undefined
  } finally {
    process.emitWarning = emitWarning
  }
}
