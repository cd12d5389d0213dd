// Runs a bundle as it will mostly be run, and keeps what V8 compiled for that: see bin/run.js. The command line runs a
// rollback, which is wanted in a hurry; the bundle of what is asked in loops `health check` and `status` of a bot that is
// healthy; the bot's bundle a bot until it can be asked. That of the watchdog, which starts once a boot, is only loaded.
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import Module, { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'

// the cache has the file's name, too: a fixed one makes it the same wherever it is made, and newer nodes replace it
const [filename, kept] = process.argv.slice(2)
const name = basename(filename)
const home = mkdtempSync(join(tmpdir(), 'catalyst-build-'))
const LONGEST_MS = 30_000
/** The time after which a bot has done all that it does once, some of it late on purpose. */
const QUIET_MS = 3000
Object.assign(process.env, { XDG_CONFIG_HOME: home, APPDATA: home }) // the list of homes is a user's, not ours
const botFile = join(home, '.catalyst', 'state', 'bot.json')

/** Sets the clock back to where no minute turns for a while: a bot writes its history then, and only then. */
function keepMinute() {
  const { now } = Date
  const behind = Math.max((now() % 60_000) - 1000, 0)
  Date.now = () => now() - behind
}

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
  const control = `http://127.0.0.1:${endpoint.port}/secret`
  writeFileSync(botFile, JSON.stringify({ ...thisProcess(), instance, endpoint, control }))
}

/** Puts a systemctl first that says what systemd says of a service that runs: where this is built, there may be none. */
function standInForSystemd() {
  const says = [
    'LoadState=loaded',
    'ActiveState=active',
    'SubState=running',
    'Result=success',
    `MainPID=${process.pid}`,
  ]
  writeFileSync(join(home, 'systemctl'), `#!/bin/sh\necho '${says.join('\n')}'\n`, { mode: 0o755 })
  process.env.PATH = `${home}${delimiter}${process.env.PATH}`
}

/** Runs what a bundle of its own answers, silently: beside a healthy bot, whose home is named. */
async function runQuick({ quick }, words) {
  await startBot()
  await silently(() => quick(words))
}

async function silently(run) {
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }))
  for (const { stream } of streams) stream.write = () => true
  try {
    await run()
  } finally {
    for (const { stream, write } of streams) stream.write = write
  }
}

async function runCommands({ runWords }) {
  const root = join(dirname(dirname(filename)), 'package.json')
  await silently(() => runWords(root, rollback()))
}

/** Returns the words of a rollback, whose home it prepares. */
function rollback() {
  mkdirSync(join(home, '.catalyst'))
  writeFileSync(join(home, '.env'), '# settings\nLOG_LEVEL="INFO"\n')
  prepareReleases()
  return ['deploy', 'rollback', 'v1', '--yes', '--home', home]
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

/**
 * A module that does next to nothing. Its lines come apart, so that one of them wakes the log's writer for certain: what
 * is compiled must not depend on the moment. What it prints is nobody's business.
 */
async function runBot({ main }) {
  writeFileSync(join(home, '.env'), 'BOT_MODULE=bot.mjs\nHEALTH_CHECK_PORT=0\n')
  const bot = `
    export default {
      name: 'rehearsal',
      async cycle({ log }) {
        for (let line = 1; line <= 5; line++) {
          log.info('line')
          await new Promise((resolve) => setTimeout(resolve, 20))
        }
        process.emit('rehearsed')
      },
    }`
  writeFileSync(join(home, 'bot.mjs'), bot)
  process.stdout.write = (...words) => {
    words.find((word) => typeof word === 'function')?.()
    return true
  }
  void main('bot start', home)
  const failed = sleep(LONGEST_MS).then(() => Promise.reject(new Error('the bot of the rehearsal did not come up')))
  await Promise.race([once(process, 'rehearsed'), failed])
  if (kept !== undefined) await sleep(QUIET_MS)
}

// what V8 has compiled to machine code beside the rehearsal, and notes of it in the cache, depends on the moment
const COMPILERS = ['sparkplug', 'maglev', 'opt']
if (kept !== undefined) keepMinute()
if (kept !== undefined) for (const name of COMPILERS) v8.setFlagsFromString(`--no-${name}`)
const script = new vm.Script(Module.wrap(readFileSync(filename, 'latin1')), { filename: kept ?? filename })
const bundle = { exports: {}, filename, id: filename, loaded: true, children: [], paths: [] }
Module._cache[filename] = bundle
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename, dirname(filename))
const runs = {
  'catalyst.cjs': runCommands,
  'bot.cjs': runBot,
  'watchdog.cjs': () => {},
  'quick-deploy-rollback.cjs': ({ quick }) => silently(() => quick(rollback())),
  'quick-health-check.cjs': (exports) => runQuick(exports, ['health', 'check', '--home', home]),
  'quick-help.cjs': (exports) => runQuick(exports, ['deploy', 'run', '--help']),
  'quick-service-status.cjs': (exports) => {
    standInForSystemd()
    return runQuick(exports, ['service', 'status', '--json', '--home', home])
  },
  'quick-status.cjs': (exports) => runQuick(exports, ['status', '--home', home]),
}
await runs[name](bundle.exports)
// a cache is refused where the flags are others
if (kept !== undefined) for (const name of [...COMPILERS, 'hash-seed=0']) v8.setFlagsFromString(`--${name}`)
writeFileSync(`${filename}.cache`, script.createCachedData())
process.once('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
if (name === 'bot.cjs') process.emit('SIGTERM')
else process.exit(0)
