// The wheel for Python people, who have pipx (https://packaging.python.org/specifications/binary-distribution-format): the
// folder, and a few lines of Python that start it.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { filesOf, writeZip } from './archives.js'
import { makeFolder, packageJson } from './folder.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Where a wheel fits, by target. Node's program needs glibc 2.28 and macOS 13.5; it also needs libatomic, which
 * manylinux doesn't promise: the wheel says so where that is missing.
 */
const PLATFORM_TAGS = {
  'linux-x64': 'manylinux_2_28_x86_64',
  'linux-arm64': 'manylinux_2_28_aarch64',
  'darwin-x64': 'macosx_13_0_x86_64',
  'darwin-arm64': 'macosx_13_0_arm64',
  'win-x64': 'win_amd64',
}

/** Returns the name of the wheel's file. */
function wheelName(target, version = packageJson().version) {
  return `catalyst_bot-${pythonVersion(version)}-py3-none-${PLATFORM_TAGS[target]}.whl`
}

/** Makes the wheel for a target below the folder `out`, and returns its path. `level` is zlib's, 1 to 9. */
export async function makeWheel({ target, work, out, level }) {
  const { version } = packageJson()
  const tree = join(work, `wheel-${target}`)
  const [platform, arch] = target.replace(/^win-/, 'win32-').split('-')
  const program = join(tree, 'catalyst_bot/program')
  await makeFolder({ platform, arch, form: 'wheel', into: program })
  for (const launcher of ['catalyst', 'catalyst.cmd']) rmSync(join(program, launcher), { force: true })
  for (const name of ['__init__.py', '__main__.py'])
    cpSync(join(root, 'scripts/dist/wheel', name), join(tree, 'catalyst_bot', name))
  writeInfo(tree, { version, tag: `py3-none-${PLATFORM_TAGS[target]}` })
  const file = join(out, wheelName(target, version))
  await writeZip(tree, file, { level, top: '' })
  return file
}

function writeInfo(tree, { version, tag }) {
  const name = `catalyst_bot-${pythonVersion(version)}.dist-info`
  const info = join(tree, name)
  mkdirSync(info, { recursive: true })
  writeFileSync(join(info, 'METADATA'), metadata(version))
  writeFileSync(join(info, 'WHEEL'), `Wheel-Version: 1.0\nGenerator: catalyst\nRoot-Is-Purelib: false\nTag: ${tag}\n`)
  writeFileSync(join(info, 'entry_points.txt'), '[console_scripts]\ncatalyst = catalyst_bot:main\n')
  cpSync(join(root, 'LICENSE'), join(info, 'LICENSE'))
  const lines = filesOf(tree).map((path) => `${path},${sumOf(join(tree, path))},${statSync(join(tree, path)).size}\n`)
  writeFileSync(join(info, 'RECORD'), `${lines.join('')}${name}/RECORD,,\n`)
}

function sumOf(file) {
  return `sha256=${createHash('sha256').update(readFileSync(file)).digest('base64url')}`
}

function metadata(version) {
  const { description, license, keywords } = packageJson()
  return `Metadata-Version: 2.1
Name: catalyst-bot
Version: ${pythonVersion(version)}
Summary: ${description}
License: ${license}
License-File: LICENSE
Keywords: ${keywords.join(',')}
Requires-Python: >=3.8
Description-Content-Type: text/markdown

Node.js is part of this package. Install it with pipx, and see \`catalyst --help\`.
`
}

/** Returns npm's version in Python's words (https://peps.python.org/pep-0440): 1.0.0-beta.1 is 1.0.0b1. */
function pythonVersion(version) {
  const short = { alpha: 'a', beta: 'b', rc: 'rc' }
  return version.replace(/-(alpha|beta|rc)\.(\d+)$/, (_, kind, number) => short[kind] + number)
}
