/** The packages of this program, made as `npm run dist` makes them, and later versions of the .deb: a good and a broken one. */
import fs from 'node:fs'
import { join } from 'node:path'
// @ts-expect-error the scripts have no types
import { writeTar, writeZip } from '../../scripts/dist/archives.js'
// @ts-expect-error the scripts have no types
import { debName, layDownDeb, PROGRAM, packDeb, writeControl } from '../../scripts/dist/deb.js'
// @ts-expect-error the scripts have no types
import { folderName, makeFolder } from '../../scripts/dist/folder.js'
// @ts-expect-error the scripts have no types
import { makeWheel } from '../../scripts/dist/wheel.js'

/** What packs in a second: nobody downloads it. */
const UNPACKED = ['-Znone']
const QUICK = { level: 1 }

export interface Debs {
  /** This version. */
  readonly first: string
  readonly good: string
  /** Its daemons end at once. */
  readonly broken: string
}

/** Makes three versions of the .deb below a folder, whatever the builder's umask is. */
export async function makeDebs(out: string): Promise<Debs> {
  const umask = process.umask(0o077)
  const tree = join(out, 'tree')
  await layDownDeb({ arch: 'x64', into: tree })
  const app = join(tree, PROGRAM, 'app')
  const first = packDeb(tree, join(out, debName('x64')), UNPACKED)
  const good = packAs('0.2.0')
  for (const daemon of ['bot', 'watchdog'])
    fs.writeFileSync(join(app, `dist/${daemon}.cjs`), "process.stderr.write('broken on purpose\\n')\nprocess.exit(3)\n")
  const broken = packAs('0.3.0')
  fs.rmSync(tree, { recursive: true })
  process.umask(umask)
  return { first, good, broken }

  function packAs(version: string): string {
    for (const file of ['package.json', 'oclif.manifest.json']) {
      const text = fs.readFileSync(join(app, file), 'utf8')
      fs.writeFileSync(join(app, file), text.replace(/"version": ".*"/, `"version": "${version}"`))
    }
    writeControl({ into: tree, version, arch: 'x64' })
    return packDeb(tree, join(out, debName('x64', version)), UNPACKED)
  }
}

export async function makeTarball(out: string): Promise<string> {
  const folder = join(out, folderName('linux-x64'))
  await makeFolder({ platform: 'linux', arch: 'x64', form: 'tarball', into: folder })
  const file = `${folder}.tar.gz`
  await writeTar(folder, file, QUICK)
  fs.rmSync(folder, { recursive: true })
  return file
}

export function makePythonWheel(out: string): Promise<string> {
  return makeWheel({ target: 'linux-x64', work: out, out, ...QUICK })
}

/** Makes the zip for Windows. */
export async function makeZip(out: string): Promise<string> {
  const folder = join(out, folderName('win-x64'))
  await makeFolder({ platform: 'win32', arch: 'x64', form: 'zip', into: folder })
  const file = `${folder}.zip`
  await writeZip(folder, file, QUICK)
  fs.rmSync(folder, { recursive: true })
  return file
}
