import fs from 'node:fs/promises'
import { withPath } from '#core/errors.js'
import { temporaryName } from './temporary.js'

/**
 * Puts text into a file that others read, so that they find the old text or the new one, never a part; its folder must
 * be there. It is not flushed, since the next text follows soon, and it blocks nothing, however slow the disk is.
 * @throws the system's error, with the path
 */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporary = temporaryName(path)
  try {
    await fs.writeFile(temporary, text, { flag: 'wx', mode })
    await fs.chmod(temporary, mode) // the umask may have removed a part of it
    await fs.rename(temporary, path)
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {})
    throw withPath(error, path)
  }
}
