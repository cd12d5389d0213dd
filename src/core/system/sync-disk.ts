import { run, saidBy } from './processes.js'

const SYNC_TIMEOUT_MS = 120_000

/**
 * Brings all that was written near `path` onto the disk, also what other programs wrote. Windows has no such call short
 * of one for each file: there a power cut within seconds may cost a new release its content.
 * @throws Error with what sync said
 */
export async function syncDisk(path: string): Promise<void> {
  if (process.platform === 'win32') return
  // a sync of old, or of another make, knows no -f: then it brings all disks up to date
  const tries = process.platform === 'linux' ? [['-f', path], []] : [[]]
  let said = ''
  for (const args of tries) {
    const result = await run('sync', args, { timeoutMs: SYNC_TIMEOUT_MS })
    if (result.exit === 0) return
    said = saidBy(result)
  }
  throw new Error(`What was written can't be brought onto the disk: ${said}`)
}
