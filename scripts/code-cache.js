// Runs the bundle once, as `catalyst health check` would, and keeps what V8 compiled for it: see bin/run.js.
import { readFileSync, writeFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

const filename = fileURLToPath(new URL('../dist/catalyst.cjs', import.meta.url))
const script = new vm.Script(Module.wrap(readFileSync(filename, 'latin1')), { filename })
const bundle = { exports: {}, filename, id: filename, loaded: true, children: [], paths: [] }
Module._cache[filename] = bundle
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename, dirname(filename))
await bundle.exports.warmUp(fileURLToPath(new URL('../bin/run.js', import.meta.url)))
writeFileSync(`${filename}.cache`, script.createCachedData())
process.exit(0)
