// Runs a bundle as it will mostly be run, and keeps what V8 compiled for that: see bin/run.js. The command line runs a
// rollback, which is wanted in a hurry; the bundle of what is asked in loops `health check` and `status` of a bot that is
// healthy; the service's bundle a bot until it can be asked.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import Module, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

const [name] = process.argv.slice(2)
const filename = fileURLToPath(new URL(`../dist/${name}`, import.meta.url))
const home = mkdtempSync(join(tmpdir(), 'catalyst-build-'))
const botFile = join(home, '.catalyst', 'state', 'bot.json')

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

/** A server that answers as a healthy bot does, whose record is in the home. */
async function startBot() {
  const instance = 'rehearsal'
  const server = http.createServer((_, response) => {
    response.setHeader('Catalyst-Instance', instance)
    response.end(JSON.stringify({ status: 'healthy', reasons: [] }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  mkdirSync(dirname(botFile), { recursive: true })
  writeFileSync(join(home, '.env'), '# settings\nLOG_LEVEL="INFO"\n')
  const endpoint = { host: '127.0.0.1', port: server.address().port }
  writeFileSync(botFile, JSON.stringify({ ...thisProcess(), instance, endpoint }))
}

/** Runs what is asked in loops, silently. */
async function runQuick({ quick }) {
  await startBot()
  const { write } = process.stdout
  process.stdout.write = () => true
  try {
    for (const words of [['health', 'check'], ['status']]) await quick([...words, '--home', home])
  } finally {
    process.stdout.write = write
  }
}

async function runCommands({ rehearse }) {
  const root = fileURLToPath(new URL('../package.json', import.meta.url))
  mkdirSync(join(home, '.catalyst'))
  writeFileSync(join(home, '.env'), '# settings\nLOG_LEVEL="INFO"\n')
  prepareReleases()
  await rehearse(root, ['deploy', 'rollback', 'v1', '--yes', '--home', home])
}

/** As git has them, 40 hexadecimal digits. */
function commitOf(tag) {
  return tag.slice(1).repeat(40)
}

/** Two releases on disk, without a repository; v2 is active. */
function prepareReleases() {
  const releases = join(home, '.catalyst', 'releases')
  for (const tag of ['v1', 'v2']) {
    mkdirSync(join(releases, tag), { recursive: true })
    const manifest = { commit: commitOf(tag), tag, subfolder: '', made_at: 1, shared: [] }
    writeFileSync(join(releases, `${tag}.json`), JSON.stringify(manifest))
  }
  writeFileSync(join(releases, 'active.json'), JSON.stringify({ name: 'v2', commit: commitOf('v2') }))
}

/** A module that does nothing; what it prints is nobody's business. */
async function runBot({ main }) {
  writeFileSync(join(home, '.env'), 'BOT_MODULE=bot.mjs\nHEALTH_CHECK_PORT=0\n')
  writeFileSync(join(home, 'bot.mjs'), "export default { name: 'rehearsal', cycle() {} }\n")
  process.stdout.write = (...words) => {
    words.find((word) => typeof word === 'function')?.()
    return true
  }
  void main('bot start', home)
  for (let attempt = 0; attempt < 500; attempt++) {
    await sleep(10)
    if (existsSync(botFile) && readFileSync(botFile, 'utf8').includes('"control"')) return
  }
  throw new Error('the bot of the rehearsal did not come up')
}

const script = new vm.Script(Module.wrap(readFileSync(filename, 'latin1')), { filename })
const bundle = { exports: {}, filename, id: filename, loaded: true, children: [], paths: [] }
Module._cache[filename] = bundle
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename, dirname(filename))
const isService = name === 'service.cjs'
await { 'catalyst.cjs': runCommands, 'quick.cjs': runQuick, 'service.cjs': runBot }[name](bundle.exports)
writeFileSync(`${filename}.cache`, script.createCachedData())
process.once('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
if (isService) process.emit('SIGTERM')
else process.exit(0)
