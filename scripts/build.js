// Bundles the program, makes oclif's manifest anew, warms V8's code cache, and writes the types.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core'
import { build as bundle } from 'esbuild'
import { writeLicences } from './licences.js'
import { buildPage } from './page.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Large libraries that few commands need: in files of their own they cost the others neither time nor memory. */
const LIBRARIES = ['age-encryption', 'inquirer', 'nodemailer', 're2js', 'simple-git', 'systeminformation', 'undici']

/**
 * The parts of prom-client that hold figures and write them as text. The whole of it, with a push gateway, a cluster's
 * registry and OpenTelemetry, costs a bot that is scraped a megabyte more.
 */
const PROM_CLIENT = `
  exports.Registry = require('prom-client/lib/registry')
  exports.Gauge = require('prom-client/lib/gauge')
  exports.Counter = require('prom-client/lib/counter')`

/** What stays outside the bundle, as files beside it. For the module loader see src/core/platform/process/import-module.ts. */
const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve({ filter: /\/import-module\.js$/ }, () => ({ path: './import-module.cjs', external: true }))
    build.onResolve({ filter: new RegExp(`^(${[...LIBRARIES, 'prom-client'].join('|')})$`) }, ({ path }) => ({
      path: `./${path}.cjs`,
      external: true,
    }))
  },
}

/**
 * Leaves out what pino writes by: our logs have a destination of their own; and what rotating-file-stream compresses by:
 * we do that ourselves. It costs the start of a bot the modules of threads and assertions, and a log those of programs.
 */
const withoutWriters = {
  name: 'without-writers',
  setup(build) {
    const leaveOut = (filter, library) =>
      build.onResolve({ filter }, ({ path, importer }) =>
        importer.replaceAll('\\', '/').includes(`/node_modules/${library}/`)
          ? { path, namespace: 'left-out' }
          : undefined,
      )
    leaveOut(/^(sonic-boom|thread-stream|worker_threads)$/, 'pino')
    leaveOut(/^(child_process|zlib)$/, 'rotating-file-stream')
    build.onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: 'module.exports = class LeftOut {}' }))
  },
}

/**
 * Lets each module of oclif load the others when it first uses them: most commands need few of them. Its warning about
 * the version of node, for which it compares versions at each start, is left out: package.json says what ours needs.
 */
const oclifOnUse = {
  name: 'oclif-on-use',
  setup(build) {
    build.onLoad({ filter: /[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replace(/^(?:const|var) (\w+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm, ON_USE)
        .replace(/^checkNodeVersion\(\);$/m, ''),
    }))
  },
}
const ON_USE = 'var $1 = (() => { let it; return new Proxy({}, { get(_, key) { it ??= $2; return it[key] } }) })();'

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  legalComments: 'none', // see scripts/licences.js
  metafile: true,
}
/** Names stay, for stack traces. */
const cjs = {
  ...common,
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  define: { 'import.meta.dirname': '__dirname' },
}

/**
 * The programs, each a bundle: the command line; what services run without it, see src/daemons/run-daemon.ts; and what is
 * answered without it, see docs/decisions/2026-11-29-fast-lane.md.
 */
const PROGRAMS = {
  catalyst: 'main',
  bot: 'daemons/bot',
  watchdog: 'daemons/watchdog',
  'quick-deploy-rollback': 'quick/deploy-rollback',
  'quick-health-check': 'quick/health-check',
  'quick-help': 'quick/help',
  'quick-service-status': 'quick/service-status',
  'quick-status': 'quick/status',
}

/** The bundles that are loaded with V8's code cache: see bin/run.js. */
export const CACHED = Object.keys(PROGRAMS).map((name) => `${name}.cjs`)

export async function build() {
  mkdirSync(`${root}/dist`, { recursive: true })
  const results = await Promise.all([
    ...Object.entries(PROGRAMS).map(([name, source]) =>
      bundle({
        ...cjs,
        entryPoints: [`src/${source}.ts`],
        outfile: `dist/${name}.cjs`,
        plugins: [apart, withoutWriters, oclifOnUse],
        external: ['typescript'], // only oclif's development mode asks for it
        supported: { 'dynamic-import': false },
      }),
    ),
    ...LIBRARIES.map((name) => bundle({ ...cjs, entryPoints: [name], outfile: `dist/${name}.cjs` })),
    bundle({ ...cjs, stdin: { contents: PROM_CLIENT, resolveDir: root }, outfile: 'dist/prom-client.cjs' }),
    bundle({
      ...cjs,
      entryPoints: ['src/core/logging/write/log-writer.ts'],
      outfile: 'dist/log-writer.cjs',
      plugins: [withoutWriters],
    }),
    bundle({
      ...common,
      format: 'cjs',
      entryPoints: ['src/core/platform/process/import-module.ts'],
      outfile: 'dist/import-module.cjs',
    }),
    bundle({ ...common, format: 'esm', entryPoints: ['src/index.ts'], outfile: 'dist/index.js' }),
  ])
  const made = results.flatMap(({ metafile }) => Object.keys(metafile.outputs))
  for (const file of made) useModulesAsTheyAre(`${root}/${file}`)
  removeStale(
    `${root}/dist`,
    made.map((file) => basename(file)),
  )
  const page = await buildPage(root)
  writeLicences(root, [...results.map(({ metafile }) => metafile), page])
  await writeManifest()
  makeCodeCaches(`${root}/dist`)
}

/** Removes the bundles of a folder, and their caches, that an earlier build has made and this one has not: packages hold all. */
export function removeStale(dist, made) {
  for (const name of readdirSync(dist))
    if (/\.(cjs|js|cache)$/.test(name) && !made.includes(name.replace(/\.cache$/, ''))) rmSync(`${dist}/${name}`)
}

/** Node's own modules that take long to load, and of which many processes need none. */
const SLOW = [
  'child_process',
  'crypto',
  'fs/promises',
  'http',
  'os',
  'stream/promises',
  'timers/promises',
  'tty',
  'v8',
  'zlib',
]

/**
 * Lets a bundle of ours use node's own modules as they are, and load the slow ones when they are first used: a bot is to
 * answer before it hashes anything. esbuild copies all names of one at each import of it, as modules of other bundlers
 * need it, which takes `health check` a tenth of its time, and the start of a bot more.
 */
function useModulesAsTheyAre(path) {
  const [text, strict] = [inAscii(readFileSync(path, 'utf8')), '"use strict";']
  if (!text.startsWith(strict)) return
  const helpers =
    'var __node=module=>Object.create(module,{default:{value:module}});' +
    'var __later=name=>{let module;return new Proxy({},' +
    '{get(_,key){module??=require(name);return key==="default"?module:module[key]}})};'
  const slow = new RegExp(
    `\\b(import_\\w+=)(?:__toESM\\()?require\\("((?:node:)?(?:${SLOW.join('|')}))"\\)(?:,1\\))?`,
    'g',
  )
  const body = text
    .slice(strict.length)
    .replace(slow, '$1__later("$2")')
    .replace(/\b__toESM\(require\("(node:[\w/]+)"\),\s*1\)/g, '__node(require("$1"))')
  writeFileSync(path, strict + helpers + body)
}

/** esbuild leaves patterns and tagged templates as they are; our bundles are read as Latin-1, which takes half the memory. */
function inAscii(text) {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** oclif finds commands through it without loading any; a stale one gives 'command not found'. */
async function writeManifest() {
  for (const name of CACHED) rmSync(`${root}/dist/${name}.cache`, { force: true })
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  })
  await plugin.load()
  writeFileSync(`${root}/oclif.manifest.json`, `${JSON.stringify(plugin.manifest, null, 2)}\n`)
}

/** Makes V8's code cache for the bundles of a folder, by this node. */
function makeCodeCaches(dist) {
  for (const name of CACHED) run(process.execPath, `${root}/scripts/code-cache.js`, `${dist}/${name}`)
}

function run(node, ...args) {
  const { status } = spawnSync(node, args, { stdio: 'inherit', cwd: root })
  if (status !== 0) throw new Error(`${args.join(' ')} failed`)
}

function writeTypes() {
  rmSync(`${root}/dist/types`, { recursive: true, force: true })
  const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
  run(process.execPath, tsc, '-p', 'tsconfig.types.json')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build()
  writeTypes()
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  process.stdout.write(`catalyst ${version} is built\n`)
}
