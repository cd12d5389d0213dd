// Reads a code cache and writes it anew: V8 numbers all functions as they come, which in a rehearsal depends on the moment,
// and in here on nothing.
import { readFileSync, writeFileSync } from 'node:fs'
import Module from 'node:module'
import v8 from 'node:v8'
import vm from 'node:vm'

// the name is not cut out of the path: V8 would keep the whole of that in the cache
const [bundle, name] = process.argv.slice(2)
const cache = `${bundle}.cache`
v8.setFlagsFromString('--hash-seed=0') // a cache is refused where the flags are others
const source = Module.wrap(readFileSync(bundle, 'latin1'))
const script = new vm.Script(source, { filename: name, cachedData: readFileSync(cache) })
if (script.cachedDataRejected) throw new Error(`${process.version} refuses ${cache}`)
writeFileSync(cache, script.createCachedData())
