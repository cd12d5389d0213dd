import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './temp.js'

/**
 * Does this as on a Mac, where a program is asked what Linux's files tell at once; `ps` is what a shell does in its stead.
 */
export async function asOnMac<T>(ps: string, work: () => Promise<T>): Promise<T> {
  const folder = tempFolder()
  writeFileSync(join(folder, 'ps'), `#!/bin/sh\n${ps}\n`, { mode: 0o755 })
  const [path, platform] = [process.env.PATH, process.platform]
  process.env.PATH = `${folder}:${path}`
  Object.defineProperty(process, 'platform', { value: 'darwin' })
  try {
    return await work()
  } finally {
    Object.defineProperty(process, 'platform', { value: platform })
    process.env.PATH = path
  }
}
