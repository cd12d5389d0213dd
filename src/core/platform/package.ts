import fs from 'node:fs'
import { dirname, join, posix, win32 } from 'node:path'

/**
 * Returns the path of a file of this package, wherever it is installed, from the bundle as well as from the sources.
 */
export function packageFile(...parts: string[]): string {
  return join(packageRoot(), ...parts)
}

/**
 * Returns whether a node is that of a self-contained installation, which lies beside the program and is for it alone:
 * `runtime/node` and `app/bin/run.js`, as scripts/dist/folder.js lays them down.
 */
export function isOwnNode(node = process.execPath, cli = packageFile('bin', 'run.js')): boolean {
  const { basename, dirname, join } = /^[A-Za-z]:[\\/]/.test(node) ? win32 : posix
  const runtime = dirname(node)
  return basename(runtime) === 'runtime' && cli === join(dirname(runtime), 'app', 'bin', 'run.js')
}

function packageRoot(): string {
  let folder = import.meta.dirname
  while (!fs.existsSync(join(folder, 'oclif.manifest.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('the installation of catalyst is incomplete: oclif.manifest.json is missing')
    folder = parent
  }
  return folder
}

export function packageVersion(): string {
  return JSON.parse(fs.readFileSync(packageFile('package.json'), 'utf8')).version
}
