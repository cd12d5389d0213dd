import { promises as fs } from 'node:fs'

/**
 * Returns the inodes of the sockets that these processes have open; undefined where none of them may be looked at.
 * Linux only: /proc/PID/fd (proc(5)).
 */
export async function socketsOf(pids: readonly number[]): Promise<ReadonlySet<number> | undefined> {
  const lists = await Promise.all(pids.map((pid) => linksIn(`/proc/${pid}/fd`)))
  const seen = lists.filter((links) => links !== undefined)
  if (seen.length === 0) return undefined
  return new Set(seen.flat().flatMap((link) => Number(/^socket:\[(\d+)\]$/.exec(link)?.[1]) || []))
}

async function linksIn(folder: string): Promise<string[] | undefined> {
  try {
    const names = await fs.readdir(folder)
    // one may have been closed meanwhile
    return await Promise.all(names.map((name) => fs.readlink(`${folder}/${name}`).catch(() => '')))
  } catch {
    return undefined
  }
}
