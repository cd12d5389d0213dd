// The npm package: what `npm pack` makes of this folder, without what only developers need, and with the code cache of the
// node that is shipped elsewhere, which is the active LTS; any other compiles.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { extract } from 'tar'
import { makeCodeCaches } from './code-caches.js'
import { settle } from './folder.js'
import { NODES, nodeProgram, npm } from './nodes.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The fields of package.json that mean nothing to those who install it. */
const FOR_DEVELOPERS = ['devDependencies', 'imports', 'scripts']

/** Makes the npm package in `out`. `work` is an empty folder for what lies between. */
export async function makeNpmPackage({ out, work }) {
  const packed = join(work, pack(root, work))
  await extract({ file: packed, cwd: work })
  const folder = join(work, 'package')
  writeFileSync(join(folder, 'package.json'), withoutDevelopment(readFileSync(join(folder, 'package.json'), 'utf8')))
  const target = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  if (target in NODES) await makeCodeCaches(await nodeProgram(target), folder)
  settle(folder)
  return join(out, pack(folder, out))
}

function pack(folder, into) {
  return npm('pack', folder, '--ignore-scripts', '--silent', '--pack-destination', into).trim()
}

function withoutDevelopment(text) {
  const fields = Object.entries(JSON.parse(text)).filter(([name]) => !FOR_DEVELOPERS.includes(name))
  return `${JSON.stringify(Object.fromEntries(fields), null, 2)}\n`
}
