// Runs the bundle as `catalyst health check` would, against a bot that is healthy, and keeps what V8 compiled for it:
// see bin/run.js.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import Module, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

const filename = fileURLToPath(new URL('../dist/catalyst.cjs', import.meta.url))
const root = fileURLToPath(new URL('../bin/run.js', import.meta.url))

/** This process, as the bundle knows processes. Where it isn't Linux, the rehearsal ends at 'no bot runs', which is fine. */
function thisProcess() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const started = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
    return { pid: process.pid, started, boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
  } catch {
    return { pid: process.pid, started: Math.round(performance.timeOrigin), boot: '' }
  }
}

const home = mkdtempSync(join(tmpdir(), 'catalyst-build-'))
const instance = 'rehearsal'
const server = http.createServer((_, response) => {
  response.setHeader('Catalyst-Instance', instance)
  response.end(JSON.stringify({ status: 'healthy', reasons: [] }))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
mkdirSync(join(home, '.catalyst', 'state'), { recursive: true })
writeFileSync(join(home, '.env'), '# settings\nLOG_LEVEL="INFO"\n')
const endpoint = { host: '127.0.0.1', port: server.address().port }
writeFileSync(join(home, '.catalyst', 'state', 'bot.json'), JSON.stringify({ ...thisProcess(), instance, endpoint }))

const script = new vm.Script(Module.wrap(readFileSync(filename, 'latin1')), { filename })
const bundle = { exports: {}, filename, id: filename, loaded: true, children: [], paths: [] }
Module._cache[filename] = bundle
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename, dirname(filename))
await bundle.exports.rehearse(root, ['health', 'check', '--home', home])
writeFileSync(`${filename}.cache`, script.createCachedData())
rmSync(home, { recursive: true })
process.exit(0)
