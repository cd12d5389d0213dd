import { execFile, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median } from './median.js'
import { cpuUs } from './ping.js'

const beside = (name) => fileURLToPath(new URL(name, import.meta.url))
const run = beside('../bin/run.js')
const bareServer = beside('bare-server.js')

const WARM_UP_MS = 15_000
/** Several looks, each a minute after the last. BENCH_CPU_MINUTES shortens it for a try. */
const CPU_MS = Number(process.env.BENCH_CPU_MINUTES ?? 10) * 60_000

/** Not a dependency: it is installed for the bench, and only where a registry can be reached. */
const PM2 = '6.0.14'
const INSTALL_MS = 180_000
/** Many, since a start is noisy; they take no longer than CPU time is counted for anyway. */
const CRASHES = 31
/** Runs are longer than that: pm2 gives up after 16 that were shorter, and a bot's first chores are over. */
const SETTLED_MS = 1000
const POLL_MS = 5
const UP_MS = 30_000
const IDLE_MS = 12_000

const MODULE = "export default { name: 'bench', cycle() {} }\n"

/** A home whose bot does nothing. */
function writeHome(home, settings) {
  writeFileSync(join(home, 'bot.mjs'), MODULE)
  writeFileSync(join(home, '.env'), `BOT_MODULE=bot.mjs\nWATCHDOG_ENABLED=1\n${settings}`)
  return home
}

const readState = (home, name) => JSON.parse(readFileSync(join(home, '.catalyst', 'state', name), 'utf8'))

async function until(what, isSo) {
  const began = performance.now()
  while (!(await isSo())) {
    if (performance.now() - began > UP_MS) throw new Error(`waited in vain: ${what}`)
    await sleep(POLL_MS)
  }
}

/** Returns whether something that may not be there yet is there. */
function tried(look) {
  try {
    return look()
  } catch {
    return false
  }
}

function startNode(argv, env = {}) {
  return spawn(process.execPath, argv, { stdio: 'ignore', env: { ...process.env, ...env } })
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('exit', resolve))
}

/**
 * Begins to count the CPU time of a watchdog at its default interval, beside a bot that somebody else has started, and of
 * a node process that only ticks. They need no quiet machine and take next to nothing from it, so they run while all else
 * is measured. `rows` waits until they have run for long enough; `close` ends them.
 */
export async function watchdogCpuBench(newHome) {
  const home = writeHome(newHome(), 'HEALTH_CHECK_PORT=0\n')
  const service = { CATALYST_SERVICE: 'bench' }
  const children = [startNode([run, 'bot', 'start', '--home', home], service)]
  const close = () => Promise.all(children.map(end))
  try {
    await until('the bot that is watched', () => tried(() => readState(home, 'bot.json').endpoint))
    const watchdog = startNode([run, 'watchdog', 'run', '--home', home], service)
    const idle = startNode(['-e', 'setInterval(() => {}, 1000)'])
    children.push(watchdog, idle)
    const read = () => ({ at: performance.now(), us: [cpuUs(watchdog.pid), cpuUs(idle.pid)] })
    const began = sleep(WARM_UP_MS).then(read)
    began.catch(() => {}) // told by rows()
    return { rows: async () => [await cpuRow(home, await began, read)], close }
  } catch (error) {
    await close()
    throw error
  }
}

async function cpuRow(home, began, read) {
  await sleep(Math.max(0, CPU_MS - (performance.now() - began.at)))
  const ended = read()
  const { status } = readState(home, 'watchdog.json')
  if (status !== 'healthy') throw new Error(`the watchdog has not watched: to it the bot is ${status}`)
  const ms = ended.at - began.at
  const [ours, idle] = ended.us.map((us, index) => (us - began.us[index]) / 1000)
  const percent = (used) => `${((used / ms) * 100).toFixed(3)} % of a core`
  return {
    name: `CPU of catalyst watchdog run, ${(ms / 60_000).toFixed(1)} minutes`,
    value: percent(ours),
    yardstick: `idle node: ${percent(idle)}`,
    ratio: idle > 0 ? ours / idle : '–',
    limit: 'value <= 0.2 %',
  }
}

/** Ports that are free now, all of them open at once so that no two are the same. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function answers({ port, path }) {
  return new Promise((resolve) => {
    http
      .get({ host: '127.0.0.1', port, path, agent: false }, (response) =>
        response.resume().on('end', () => resolve(response.statusCode === 200)),
      )
      .on('error', () => resolve(false))
  })
}

/** From `kill -9` of what is supervised to its first answer. */
async function crashMs(one) {
  await until(`an answer under ${one.name}`, () => answers(one))
  await sleep(SETTLED_MS)
  const pid = one.pid()
  one.announceCrash?.()
  const began = performance.now()
  process.kill(pid, 'SIGKILL')
  while (await answers(one));
  await until(`an answer under ${one.name} after a crash`, () => answers(one))
  const ms = performance.now() - began
  await until(`a new process under ${one.name}`, () => tried(() => one.pid() !== pid))
  return ms
}

/**
 * A watchdog that keeps the bot itself. Without a pause before the start, as it is after any run of a minute. The bots
 * here live for a second, and a second end so soon would be followed by a pause: hence a new watchdog for each.
 */
function underCatalyst(home, port) {
  writeHome(home, `HEALTH_CHECK_PORT=${port}\nSERVICE_RESTART_DELAY=0\n`)
  const start = () => startNode([run, 'watchdog', 'run', '--home', home])
  let child = start()
  return {
    name: 'catalyst watchdog run',
    port,
    path: '/health/ping',
    supervisor: () => child.pid,
    pid: () => readState(home, 'bot.json').pid,
    announceCrash: () => announceDrill(home),
    async renew() {
      await end(child)
      child = start()
    },
    close: () => end(child),
  }
}

/** Writes down that the next exit is no crash, as a drill does: else the starts after some would wait. */
function announceDrill(home) {
  const entry = { time: new Date().toISOString(), kind: 'drill', drill: 'crash' }
  appendFileSync(join(home, '.catalyst', 'journal.jsonl'), `${JSON.stringify(entry)}\n`)
}

function underBareNode(folder, port) {
  const pidFile = join(folder, 'bare.pid')
  const child = startNode([beside('bare-supervisor.js'), pidFile, bareServer, String(port)])
  return {
    name: 'a bare node supervisor',
    port,
    path: '/',
    supervisor: () => child.pid,
    pid: () => Number(readFileSync(pidFile, 'utf8')),
    close: () => end(child),
  }
}

/** The bare server under pm2, whose daemon and files are all in the folder; undefined where it can't be installed. */
async function underPm2(folder, port) {
  const execute = promisify(execFile)
  const prefix = join(folder, 'pm2')
  const install = ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `pm2@${PM2}`]
  try {
    await execute('npm', install, { timeout: INSTALL_MS, shell: process.platform === 'win32' })
  } catch {
    return undefined
  }
  const own = join(folder, 'pm2-home')
  const path = `${dirname(process.execPath)}${delimiter}${process.env.PATH}` // it takes node from there
  const env = { ...process.env, PM2_HOME: own, PATH: path }
  const pm2 = (...args) => execute(process.execPath, [join(prefix, 'node_modules/pm2/bin/pm2'), ...args], { env })
  const numberIn = (...file) => Number(readFileSync(join(own, ...file), 'utf8'))
  const close = async () => {
    const daemon = tried(() => numberIn('pm2.pid'))
    await pm2('kill').catch(() => daemon && tried(() => process.kill(daemon, 'SIGKILL')))
  }
  try {
    await pm2('start', bareServer, '--name', 'bare', '--restart-delay', '0', '--', String(port))
  } catch (error) {
    await close()
    throw error
  }
  return {
    name: `pm2 ${PM2}`,
    port,
    path: '/',
    supervisor: () => numberIn('pm2.pid'),
    pid: () => numberIn('pids', 'bare-0.pid'),
    close,
  }
}

/** Resident memory of a supervisor, in MB. */
function residentMb(one) {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one.supervisor()}/status`, 'utf8'))?.[1]
  return Number(kb) / 1024
}

/** A crash of what the watchdog keeps itself, against a bare server under a bare supervisor, and under pm2. */
export async function watchdogCrashBench(newHome) {
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-bench-watchdog-'))
  const all = []
  try {
    const ports = await freePorts(3)
    const pm2 = await underPm2(folder, ports[2])
    if (pm2) all.push(pm2)
    all.unshift(underCatalyst(newHome(), ports[0]), underBareNode(folder, ports[1]))
    await sleep(IDLE_MS)
    const memory = all.map(residentMb)
    for (const one of all) await crashMs(one)
    const rounds = []
    while (rounds.length < CRASHES) {
      const round = []
      for (const one of all) {
        await one.renew?.()
        round.push(await crashMs(one))
      }
      rounds.push(round)
    }
    return [
      crashRow('kill -9 to the next answer, catalyst watchdog run', rounds, 0, '<= 1.5'),
      ...(pm2 ? [crashRow(`kill -9 to the next answer, ${pm2.name}`, rounds, 2, 'only shown')] : [notInstallable]),
      ...(pm2 ? [memoryRow(memory, pm2.name)] : []),
    ]
  } finally {
    await Promise.all(all.map((one) => one.close()))
    rmSync(folder, { recursive: true, force: true })
  }
}

function crashRow(name, rounds, index, limit) {
  return {
    name,
    value: `${median(rounds.map((round) => round[index])).toFixed(0)} ms`,
    yardstick: `bare node supervisor: ${median(rounds.map((round) => round[1])).toFixed(0)} ms`,
    ratio: median(rounds.map((round) => round[index] / round[1])),
    limit,
  }
}

const notInstallable = {
  name: 'kill -9 to the next answer, pm2',
  value: 'pm2: not installable here',
  yardstick: '',
  ratio: '',
  limit: 'only shown',
}

function memoryRow([ours, , theirs], yardstick) {
  return {
    name: 'memory of catalyst watchdog run that keeps a bot',
    value: `${ours.toFixed(1)} MB`,
    yardstick: `daemon of ${yardstick}: ${theirs.toFixed(1)} MB`,
    ratio: ours / theirs,
    limit: 'only shown',
  }
}
