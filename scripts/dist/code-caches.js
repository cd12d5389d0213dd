// V8's code cache for bundles that will lie elsewhere: the same, byte for byte, whoever makes it where.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CACHED } from '../build.js'

/**
 * Strings get the same hashes, and there is no garbage collection, after which V8 notes of some that they are of another
 * kind. scripts/code-cache.js takes back what V8 compares.
 */
const FLAGS = ['--hash-seed=1', '--random-seed=1', '--min-semi-space-size=128', '--max-semi-space-size=128']

/** The number of variables counts, too. The second and the third are needed on Windows. */
const { SystemRoot, TEMP } = process.env
const ENVIRONMENT = { TZ: 'UTC', ...(process.platform === 'win32' && { SystemRoot, TEMP }) }

const MOST_TRIES = 12

/** Makes the code caches of a `dist` folder, by the node that will use them. */
export function makeCodeCaches(node, dist) {
  for (const name of CACHED) {
    makeTwice(() => {
      run(node, [...FLAGS, script('code-cache.js'), join(dist, name), name])
      return readFileSync(join(dist, `${name}.cache`), 'latin1')
    })
    run(node, [script('check-code-cache.js'), join(dist, name)])
  }
}

/** Repeats until a result has come twice: on a busy machine one run in ten compiles a function more or less. */
function makeTwice(make) {
  const seen = new Set()
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const made = make()
    if (seen.has(made)) return
    seen.add(made)
  }
  throw new Error('the code cache is another one each time')
}

/** The streams are the same each time: V8 numbers functions, those of node's own modules for a pipe or a terminal, too. */
function run(node, args) {
  const { status, stderr } = spawnSync(node, args, { stdio: ['ignore', 'ignore', 'pipe'], env: ENVIRONMENT })
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}

function script(name) {
  return fileURLToPath(new URL(`../${name}`, import.meta.url))
}
