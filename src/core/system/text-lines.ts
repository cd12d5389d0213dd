import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { codeOf } from '#core/errors.js'

/**
 * The lines of a text file, or of a compressed one (`.gz`), up to `end` bytes. A file that is gone has none: it may have
 * been rotated, compressed or removed a moment ago.
 */
export async function* textLines(path: string, end?: number): AsyncGenerator<string> {
  if (end === 0) return
  const file = createReadStream(path, end === undefined ? {} : { end: end - 1 })
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  let failure: unknown
  for (const stream of [file, input] as Readable[]) {
    stream.on('error', (error) => {
      failure ??= error
      input.destroy()
    })
  }
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    failure ??= error
  } finally {
    file.destroy()
  }
  if (failure !== undefined && codeOf(failure) !== 'ENOENT') throw failure
}
