// V8's code cache for bundles that will lie elsewhere: the same, byte for byte, whoever makes it where.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { CACHED } from '../build.js'
import { DIST_CACHE, NODE_VERSION } from './nodes.js'

/**
 * Strings get the same hashes, and there is no garbage collection, after which V8 notes of some that they are of another
 * kind. The scripts take back what V8 compares.
 */
const FLAGS = ['--hash-seed=1', '--random-seed=1', '--min-semi-space-size=128', '--max-semi-space-size=128']

/** The number of variables counts, too. The second and the third are needed on Windows. */
const { SystemRoot, TEMP } = process.env
const ENVIRONMENT = { TZ: 'UTC', ...(process.platform === 'win32' && { SystemRoot, TEMP }) }

const MOST_TRIES = 12

const [MAKE, RENUMBER, CHECK] = ['../code-cache.js', 'renumber-code-cache.js', '../check-code-cache.js'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
)

/**
 * Makes the code caches of a folder with `dist/` and `package.json`, by the node that is shipped for this platform. They are kept by
 * what they are made of, since most forms hold the same, and it takes ten seconds.
 */
export async function makeCodeCaches(node, folder) {
  const made = await Promise.allSettled(CACHED.map((name) => makeCodeCache(node, folder, name)))
  for (const { reason } of made) if (reason !== undefined) throw reason
}

async function makeCodeCache(node, folder, name) {
  const bundle = join(folder, 'dist', name)
  const parts = [bundle, join(folder, 'package.json'), MAKE, RENUMBER].map((path) => readFileSync(path))
  const words = [NODE_VERSION, process.platform, process.arch, ...FLAGS, name]
  const kept = join(DIST_CACHE, 'code-caches', sum(...words, ...parts))
  if (existsSync(kept)) {
    writeFileSync(`${bundle}.cache`, readFileSync(kept))
    return
  }
  const bytes = await makeTwice(() => makeOnce(node, bundle, name))
  mkdirSync(dirname(kept), { recursive: true })
  writeFileSync(`${kept}.${process.pid}`, bytes)
  renameSync(`${kept}.${process.pid}`, kept) // others may make the same
}

async function makeOnce(node, bundle, name) {
  await run(node, [...FLAGS, MAKE, bundle, name])
  await run(node, [...FLAGS, RENUMBER, bundle, name])
  await run(node, [CHECK, bundle])
  return readFileSync(`${bundle}.cache`)
}

/** Repeats until a result has come twice: on a busy machine one run in ten compiles a function more or less. */
async function makeTwice(make) {
  const seen = new Set()
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const result = await make()
    if (seen.has(sum(result))) return result
    seen.add(sum(result))
  }
  throw new Error('the code cache is another one each time')
}

/** The streams are the same each time: V8 numbers functions, those of node's own modules for a pipe or a terminal, too. */
async function run(node, args) {
  const child = spawn(node, args, { stdio: ['ignore', 'ignore', 'pipe'], env: ENVIRONMENT })
  const [[status], stderr] = await Promise.all([once(child, 'close'), text(child.stderr)])
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}

function sum(...parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
