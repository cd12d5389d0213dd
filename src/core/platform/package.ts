import fs from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Returns the path of a file of this package, wherever it is installed, from the bundle as well as from the sources.
 */
export function packageFile(...parts: string[]): string {
  return join(packageRoot(), ...parts)
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
