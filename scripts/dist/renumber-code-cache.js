// Reads a code cache and writes it anew: V8 numbers all functions as they come, which in a rehearsal depends on the moment,
// and in here on nothing.
import { readFileSync, writeFileSync } from 'node:fs'
import Module from 'node:module'
import { basename } from 'node:path'
import v8 from 'node:v8'
import vm from 'node:vm'

const [bundle] = process.argv.slice(2)
const cache = `${bundle}.cache`
v8.setFlagsFromString('--hash-seed=0') // a cache is refused where the flags are others
const source = Module.wrap(readFileSync(bundle, 'latin1'))
const script = new vm.Script(source, { filename: basename(bundle), cachedData: readFileSync(cache) })
if (script.cachedDataRejected) throw new Error(`${process.version} refuses ${cache}`)
writeFileSync(cache, script.createCachedData())
