import { promises as fs } from 'node:fs'
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
    const file = await fs.open(temporary, 'wx', mode)
    try {
      await file.writeFile(text)
      await file.chmod(mode) // the umask may have removed a part of it; by the name it could be another's file by now
    } finally {
      await file.close()
    }
    await fs.rename(temporary, path)
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {})
    throw withPath(error, path)
  }
}
