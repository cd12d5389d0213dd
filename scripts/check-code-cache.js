// Fails where the node that runs this would compile a bundle in spite of the cache beside it.
import { readFileSync } from 'node:fs'
import Module from 'node:module'
import vm from 'node:vm'

const [filename] = process.argv.slice(2)
const cachedData = readFileSync(`${filename}.cache`)
const script = new vm.Script(Module.wrap(readFileSync(filename, 'latin1')), { filename, cachedData })
if (script.cachedDataRejected) {
  process.stderr.write(`${process.version} refuses ${filename}.cache\n`)
  process.exitCode = 1
}
