// V8's code cache for bundles that will lie elsewhere: the same, byte for byte, whoever makes it where.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CACHED } from '../build.js'

/**
 * Strings get the same hashes, and there is no garbage collection, after which V8 notes of some that they are of another
 * kind. The scripts take back what V8 compares.
 */
const FLAGS = ['--hash-seed=1', '--random-seed=1', '--min-semi-space-size=128', '--max-semi-space-size=128']

/** The number of variables counts, too. The second and the third are needed on Windows. */
const { SystemRoot, TEMP } = process.env
const ENVIRONMENT = { TZ: 'UTC', ...(process.platform === 'win32' && { SystemRoot, TEMP }) }

const MOST_TRIES = 12

/** The caches that this process has made, by what they were made of: most forms hold the same. */
const made = new Map()

/** Makes the code caches of a folder with `dist/` and `package.json`, by the node that will use them. */
export function makeCodeCaches(node, folder) {
  for (const name of CACHED) {
    const bundle = join(folder, 'dist', name)
    const key = sum(node, readFileSync(bundle), readFileSync(join(folder, 'package.json')))
    const known = made.get(key)
    if (known !== undefined) writeFileSync(`${bundle}.cache`, known)
    else
      made.set(
        key,
        makeTwice(() => makeOnce(node, bundle, name)),
      )
  }
}

function makeOnce(node, bundle, name) {
  run(node, [...FLAGS, script('../code-cache.js'), bundle, name])
  run(node, [...FLAGS, script('renumber-code-cache.js'), bundle, name])
  run(node, [script('../check-code-cache.js'), bundle])
  return readFileSync(`${bundle}.cache`)
}

/** Repeats until a result has come twice: on a busy machine one run in ten compiles a function more or less. */
function makeTwice(make) {
  const seen = new Set()
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const result = make()
    if (seen.has(sum(result))) return result
    seen.add(sum(result))
  }
  throw new Error('the code cache is another one each time')
}

/** The streams are the same each time: V8 numbers functions, those of node's own modules for a pipe or a terminal, too. */
function run(node, args) {
  const { status, stderr } = spawnSync(node, args, { stdio: ['ignore', 'ignore', 'pipe'], env: ENVIRONMENT })
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}

function script(path) {
  return fileURLToPath(new URL(path, import.meta.url))
}

function sum(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
