import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AS_SERVICE, botState, CATALYST, IDLE_MODULE, waitUntil, writeHome, yardstick } from './home.js'
import { type Address, answers, untilAnswers } from './http.js'
import type { Pm2 } from './pm2.js'
import type { Bench } from './section.js'

/** A server and what keeps it running. */
export interface Supervised {
  readonly name: string
  readonly address: Address
  /** The process that is brought down. */
  pid(): number
  /** Readies it for the next time, where a supervisor would else make it wait. */
  renew?(): Promise<void>
  /** Called just before it is brought down. */
  announce?(): void
}

/** Before a freeze the watchdog must have seen it healthy: one that freezes before has all of BOT_START_TIMEOUT. */
const SETTLED_MS = { SIGKILL: 1000, SIGSTOP: 3000 }
const BACK_MS = 60_000

/**
 * A watchdog that keeps the bot as its child. Its restarts come without a pause after any run of a minute. Here a bot lives
 * for a second, so each crash has a watchdog of its own, and is written down as a drill's: else starts would wait.
 */
export async function underCatalyst(
  { scratch }: Bench,
  port: number,
  settings: Readonly<Record<string, string | number>>,
): Promise<Supervised> {
  const home = scratch.folder()
  writeHome(home, { HEALTH_CHECK_PORT: port, WATCHDOG_ENABLED: 1, SERVICE_RESTART_DELAY: 0, ...settings }, IDLE_MODULE)
  const start = () => scratch.start([...CATALYST, 'watchdog', 'run', '--home', home], { cwd: home, env: AS_SERVICE })
  let child = start()
  const address = { port, path: '/health/ping' }
  await untilAnswers(address)
  return {
    name: 'catalyst watchdog run',
    address,
    pid: () => botState(home).pid,
    async renew() {
      await scratch.end(child)
      child = start()
      await untilAnswers(address)
    },
    announce() {
      const drill = { time: new Date().toISOString(), kind: 'drill', drill: 'crash' }
      appendFileSync(join(home, '.catalyst', 'journal.jsonl'), `${JSON.stringify(drill)}\n`)
    },
  }
}

export async function underBareNode({ scratch }: Bench, port: number): Promise<Supervised> {
  const pidFile = join(scratch.folder(), 'bare.pid')
  const words = [yardstick('bare-supervisor.js'), pidFile, yardstick('bare-server.js'), String(port)]
  scratch.start([process.execPath, ...words])
  const address = { port, path: '/' }
  await untilAnswers(address)
  return { name: 'bare node supervisor', address, pid: () => Number(readFileSync(pidFile, 'utf8')) }
}

export async function underPm2(pm2: Pm2, port: number): Promise<Supervised> {
  await pm2.run('start', yardstick('bare-server.js'), '--name', 'bare', '--restart-delay', '0', '--', String(port))
  const address = { port, path: '/' }
  await untilAnswers(address)
  return { name: pm2.name, address, pid: () => pm2.appPid('bare') }
}

/** Debian's supervisord with its defaults, but that every exit is followed by a start; undefined where it is missing. */
export async function underSupervisord(bench: Bench, port: number): Promise<Supervised | undefined> {
  const { scratch } = bench
  const version = await scratch.output(['supervisord', '--version']).catch(() => undefined)
  if (version === undefined) {
    bench.missing('supervisord: it is not here (Debian: apt-get install supervisor)')
    return undefined
  }
  const folder = scratch.folder()
  const [config, pidFile] = [join(folder, 'supervisord.conf'), join(folder, 'bare.pid')]
  writeFileSync(
    config,
    `[supervisord]
nodaemon=true
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
[program:bare]
command=${process.execPath} ${yardstick('bare-server.js')} ${port} ${pidFile}
autorestart=true
`,
  )
  scratch.start(['supervisord', '--configuration', config], { cwd: folder })
  const address = { port, path: '/' }
  await untilAnswers(address)
  return { name: `supervisord ${version.trim()}`, address, pid: () => Number(readFileSync(pidFile, 'utf8')) }
}

/** Brings it down by a signal, and returns the time until another process of it answers, in ms. */
export async function backAfterMs(one: Supervised, signal: 'SIGKILL' | 'SIGSTOP', waitMs = BACK_MS): Promise<number> {
  await one.renew?.()
  await untilAnswers(one.address)
  await sleep(SETTLED_MS[signal])
  const pid = one.pid()
  one.announce?.()
  const began = performance.now()
  process.kill(pid, signal)
  await goneFrom(one.address, pid, signal, began + waitMs)
  await untilAnswers(one.address, waitMs)
  const ms = performance.now() - began
  await waitUntil(`another process under ${one.name}`, () => one.pid() !== pid)
  return ms
}

/** What is stopped keeps its port, and lets requests wait: it is gone once its process is. */
async function goneFrom(address: Address, pid: number, signal: string, late: number): Promise<void> {
  for (;;) {
    if (signal === 'SIGKILL' ? !(await answers(address)) : !isRunning(pid)) return
    if (performance.now() > late) throw new Error('it was not brought back')
    await sleep(signal === 'SIGKILL' ? 0 : 2)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
