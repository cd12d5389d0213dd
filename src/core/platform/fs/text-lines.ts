import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { codeOf } from '#core/errors.js'

/**
 * Yields the lines of a text file, or of a compressed one (`.gz`). A missing file has none, unless it was compressed a
 * moment ago: then they come from there. Only line feeds end lines: JSON may hold other separators of Unicode as they
 * are.
 * @throws the error of the system or zlib, after the lines before the damage
 */
export async function* textLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  try {
    yield* split(
      path.endsWith('.gz') ? pipeline(file, process.getBuiltinModule('node:zlib').createGunzip(), () => {}) : file,
    )
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    if (!path.endsWith('.gz')) yield* textLines(`${path}.gz`)
  } finally {
    file.destroy()
  }
}

/** Yields the lines of an open file up to `end` bytes. It stays open. */
export async function* openFileLines(file: number, end: number): AsyncGenerator<string> {
  if (end > 0) yield* split(createReadStream('', { fd: file, autoClose: false, start: 0, end: end - 1 }))
}

async function* split(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  input.setEncoding('utf8')
  let rest = ''
  for await (const chunk of input) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() as string
    for (const line of lines) yield trimmed(line)
  }
  if (rest !== '') yield trimmed(rest)
}

function trimmed(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
