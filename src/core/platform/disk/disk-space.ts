import fs from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Reads what `fs.promises.statfs` does, with which a bot's start would load all of fs/promises. */
const statfs = (path: string) => promisify(fs.statfs)(path)

/** Returns how many bytes the files of a folder take, without following links; unreadable ones count as none. */
export function folderBytes(path: string): number {
  let bytes = 0
  const folders = [path]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for (const entry of entriesOf(folder)) {
      const inside = join(folder, entry.name)
      if (entry.isDirectory()) folders.push(inside)
      else if (entry.isFile()) bytes += fs.lstatSync(inside, { throwIfNoEntry: false })?.size ?? 0
    }
  return bytes
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** The space on a disk. What a system reserves for root is neither free nor used. */
export interface DiskSpace {
  readonly freeBytes: number
  readonly usedBytes: number
  readonly totalBytes: number
}

/** Reads the space on the disk that holds `path`, as df shows it to ordinary users. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  const { bsize, blocks, bfree, bavail } = await statfs(path)
  return { freeBytes: bavail * bsize, usedBytes: (blocks - bfree) * bsize, totalBytes: blocks * bsize }
}

/**
 * Returns the bytes that are free to ordinary users on the disk that holds `path`, at once: the threads that wait elsewhere
 * would each be interrupted when root acts as another user.
 */
export function freeBytesAt(path: string): number {
  const { bsize, bavail } = fs.statfsSync(path)
  return bavail * bsize
}

/** The room for further files on a disk; some file systems have no limit, and report none. */
export interface DiskFiles {
  readonly free: number
  readonly total: number
}

/** Reads how many more files fit on the disk that holds `path` (inodes); undefined where there is no limit. */
export async function diskFiles(path: string): Promise<DiskFiles | undefined> {
  const { files, ffree } = await statfs(path)
  return files > 0 ? { free: ffree, total: files } : undefined
}
