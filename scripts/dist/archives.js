// Archives that are the same, byte for byte, whoever makes them when.
import { createWriteStream, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { create } from 'tar'
import { ZipFile } from 'yazl'
import { isProgram } from './folder.js'
import { buildTime } from './time.js'

/** Writes a folder as `.tar.gz`, with its own name at the top. `level` is zlib's, 1 to 9. */
export async function writeTar(folder, file, { level }) {
  const names = filesOf(folder).map((name) => `${basename(folder)}/${name}`)
  const options = { gzip: { level }, portable: true, mtime: buildTime(), noDirRecurse: true, strict: true }
  await create({ ...options, cwd: dirname(folder), file }, names)
}

/** Writes a folder as `.zip`, below the name `top`: its own, or none. `level` is zlib's, 1 to 9. */
export async function writeZip(folder, file, { level, top = `${basename(folder)}/` }) {
  const zip = new ZipFile()
  const mtime = buildTime()
  // the format's own times are local ones, without a zone
  const local = new Date(mtime.getTime() + mtime.getTimezoneOffset() * 60_000)
  for (const name of filesOf(folder)) {
    const mode = isProgram(basename(name)) ? 0o100755 : 0o100644
    const options = { mtime: local, mode, compressionLevel: level, forceDosTimestamp: true }
    zip.addFile(join(folder, name), top + name, options)
  }
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(file))
}

/** Returns the paths of all files below a folder, relative to it, sorted, with slashes. */
export function filesOf(folder, below = '') {
  const entries = readdirSync(join(folder, below), { withFileTypes: true })
  const paths = entries.flatMap((entry) => {
    const path = below + entry.name
    return entry.isDirectory() ? filesOf(folder, `${path}/`) : [path]
  })
  return paths.sort()
}
