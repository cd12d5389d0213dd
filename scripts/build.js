// Bundles the program, makes oclif's manifest anew, warms V8's code cache, and writes the types.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core'
import { build as bundle } from 'esbuild'
import { writeLicences } from './licences.js'
import { buildPage } from './page.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Large libraries that few commands need: in files of their own they cost the others neither time nor memory. */
const LIBRARIES = ['inquirer', 'nodemailer', 're2js', 'simple-git', 'systeminformation', 'undici']

/** The bundles that have V8's code cache beside them: see bin/run.js. */
export const CACHED = ['catalyst.cjs', 'service.cjs', 'quick.cjs']

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
  define: { 'import.meta.url': '__moduleUrl' },
  banner: { js: "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;" },
}

export async function build() {
  mkdirSync(`${root}/dist`, { recursive: true })
  const results = await Promise.all([
    bundle({
      ...cjs,
      entryPoints: ['src/main.ts'],
      outfile: 'dist/catalyst.cjs',
      plugins: [apart],
      external: ['typescript'], // only oclif's development mode asks for it
      supported: { 'dynamic-import': false },
    }),
    bundle({
      ...cjs,
      entryPoints: ['src/daemon.ts'],
      outfile: 'dist/service.cjs',
      plugins: [apart],
      supported: { 'dynamic-import': false },
    }),
    bundle({
      ...cjs,
      entryPoints: ['src/quick.ts'],
      outfile: 'dist/quick.cjs',
      plugins: [apart],
      supported: { 'dynamic-import': false },
    }),
    ...LIBRARIES.map((name) => bundle({ ...cjs, entryPoints: [name], outfile: `dist/${name}.cjs` })),
    bundle({ ...cjs, stdin: { contents: PROM_CLIENT, resolveDir: root }, outfile: 'dist/prom-client.cjs' }),
    bundle({ ...cjs, entryPoints: ['src/core/logging/write/log-writer.ts'], outfile: 'dist/log-writer.cjs' }),
    bundle({
      ...common,
      format: 'cjs',
      entryPoints: ['src/core/platform/process/import-module.ts'],
      outfile: 'dist/import-module.cjs',
    }),
    bundle({ ...common, format: 'esm', entryPoints: ['src/index.ts'], outfile: 'dist/index.js' }),
  ])
  const page = await buildPage(root)
  writeLicences(root, [...results.map(({ metafile }) => metafile), page])
  await writeManifest()
  makeCodeCaches(`${root}/dist`)
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
  const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
  run(process.execPath, tsc, '-p', 'tsconfig.types.json')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build()
  writeTypes()
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
  process.stdout.write(`catalyst ${version} is built\n`)
}
