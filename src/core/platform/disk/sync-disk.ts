import { failureText, run } from '#core/platform/process/processes.js'

const SYNC_TIMEOUT_MS = 120_000

/**
 * Flushes all that was written near `path` to the disk, also by other programs. Windows can only flush file by file:
 * there a power cut within seconds may cost a new release its content.
 * @throws Error with the output of sync
 */
export async function syncDisk(path: string): Promise<void> {
  if (process.platform === 'win32') return
  // an old sync, or that of another vendor, has no -f: then it flushes all disks
  const tries = process.platform === 'linux' ? [['-f', path], []] : [[]]
  let said = ''
  for (const args of tries) {
    const result = await run('sync', args, { timeoutMs: SYNC_TIMEOUT_MS })
    if (result.exit === 0) return
    said = failureText(result)
  }
  throw new Error(`The new files can't be flushed to the disk: ${said}`)
}
