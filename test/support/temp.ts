import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const made: string[] = []

/** Makes a new empty folder; {@link removeTempFolders} in an `afterEach` takes it away. */
export function tempFolder(under = tmpdir()): string {
  const folder = mkdtempSync(join(realpathSync(under), 'catalyst-test-'))
  made.push(folder)
  return folder
}

export function removeTempFolders(): void {
  for (const folder of made.splice(0)) removeFolder(folder)
}

/** Removes a folder into which somebody may still write who is about to end. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
}
