import { run } from './processes.js'

const SYNC_TIMEOUT_MS = 120_000

/**
 * Brings all that was written near `path` onto the disk, also what other programs wrote. Windows has no such call short
 * of one for each file: there a power cut within seconds may cost a new release its content.
 */
export async function syncDisk(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const args = process.platform === 'linux' ? ['-f', path] : []
  await run('sync', args, { timeoutMs: SYNC_TIMEOUT_MS })
}
