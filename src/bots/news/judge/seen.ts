import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Remembers for a week which entries were processed. */
export interface SeenList {
  has(key: string): boolean
  add(key: string): void
  /** Records that an entry is still in its feed, so that the week counts from now. */
  touch(key: string): void
  /** Writes the changes, atomically. Never rejects: a disk that refuses them is reported once. */
  save(): Promise<void>
}

export interface SeenOptions {
  /** The folder of `seen.json`; undefined keeps the list in memory. */
  readonly folder: string | undefined
  /** True to write the file; false reads it but leaves it as it is. */
  readonly write: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string) => void
  readonly fail: (error: Error) => void
}

const WEEK = 7 * 24 * 3_600_000
const DAY = 24 * 3_600_000
const MAX_KEYS = 50_000
const MAX_BYTES = 64 * 1024 * 1024

/** Loads the list. An invalid file is set aside as `seen.json.corrupt`. Never rejects. */
export async function openSeen({ folder, write, now, warn, fail }: SeenOptions): Promise<SeenList> {
  const file = folder === undefined ? undefined : join(folder, 'seen.json')
  // In the order of time, so that the oldest is always the first.
  const times = new Map<string, number>()
  let changed = false
  let failed = false

  const report = (doing: string, error: unknown) => {
    if (failed) return
    failed = true
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    fail(new Error(`news: ${doing} ${file} failed (${code}); what was seen is kept in memory only`))
  }
  const set = (key: string, time: number) => {
    times.delete(key)
    times.set(key, time)
    changed = true
    if (times.size <= MAX_KEYS) return
    for (const oldest of times.keys()) {
      times.delete(oldest)
      break
    }
  }
  const forgetOld = () => {
    for (const [key, time] of times) {
      if (now() - time <= WEEK) break
      times.delete(key)
      changed = true
    }
  }

  if (file) {
    try {
      // A clock that once ran ahead must not keep an entry for longer than a week from now.
      for (const [key, time] of await load(file)) set(key, Math.min(time, now()))
    } catch (error) {
      if (!(error instanceof SyntaxError)) report('reading', error)
      else if (write) await setAside(file, warn).catch((reason: unknown) => report('setting aside', reason))
      else warn(`news: ${file} is invalid (${error.message}); starting with an empty list`)
    }
    changed = false
  }

  return {
    has: (key) => times.has(key),
    add: (key) => set(key, now()),
    touch(key) {
      // Once a day is enough, and spares a write in each round.
      if (now() - (times.get(key) ?? 0) > DAY) set(key, now())
    },
    async save() {
      forgetOld()
      if (!file || !write || !changed) return
      changed = false
      try {
        await writeWhole(file, JSON.stringify({ version: 1, seen: Object.fromEntries(times) }))
      } catch (error) {
        changed = true
        report('writing', error)
      }
    },
  }
}

/**
 * Loads the file.
 * @throws SyntaxError when the content is invalid
 */
async function load(file: string): Promise<[string, number][]> {
  const size = await stat(file).then(
    (found) => found.size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )
  if (size === undefined) return []
  if (size > MAX_BYTES) throw new SyntaxError('it is too large')
  const data: unknown = JSON.parse(await readFile(file, 'utf8'))
  const seen = typeof data === 'object' && data !== null && 'seen' in data ? data.seen : undefined
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen)) throw new SyntaxError('it holds no list')
  const entries = Object.entries(seen).filter((pair): pair is [string, number] => Number.isFinite(pair[1]))
  return entries.sort(([, a], [, b]) => a - b)
}

async function setAside(file: string, warn: (message: string) => void): Promise<void> {
  await renameOver(file, `${file}.corrupt`)
  warn(`news: ${file} was invalid and was set aside as seen.json.corrupt; alerts of the last hours may come again`)
}

async function writeWhole(file: string, content: string): Promise<void> {
  const temporary = `${file}.tmp`
  await mkdir(join(file, '..'), { recursive: true })
  try {
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await renameOver(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

/**
 * Renames, and retries: on Windows a virus scanner or an indexer that has the file open makes a rename fail for a
 * moment.
 */
async function renameOver(from: string, to: string): Promise<void> {
  for (let wait = 10; ; wait *= 2) {
    try {
      return await rename(from, to)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      if (!['EPERM', 'EBUSY', 'EACCES'].includes(code) || wait > 160) throw error
      await sleep(wait)
    }
  }
}
