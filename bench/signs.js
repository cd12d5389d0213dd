import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const ROUNDS = 100
const PAUSE_MS = 20
/** The interval at which a program is observed by default. */
const INTERVAL_S = 30
const CONNECTIONS = 20

const root = fileURLToPath(new URL('..', import.meta.url))

/** A program with some connections, as a bot has them. */
const PROGRAM = `for (let n = 0; n < ${CONNECTIONS}; n++) require('node:net').connect(Number(process.argv[1]), '127.0.0.1').resume()
setInterval(() => {}, 1000)`

/** The clock ticks per second in /proc, on every Linux that node runs on. */
const TICKS = 100

/** The processor time of this process and of all that it has run and waited for, in seconds (proc(5)). */
function cpuSeconds() {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6 + (Number(fields[13]) + Number(fields[14])) / TICKS
}

/** Measures what watching the connections of a program costs: a share of a core, and a delay of our own event loop. */
export async function signsBench() {
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-bench-'))
  const outfile = join(folder, 'observe.mjs')
  await build({
    absWorkingDir: root,
    entryPoints: ['./src/core/bot/signs/observe-program.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
  const { observeProgram } = await import(pathToFileURL(outfile).href)
  const sockets = new Set()
  const server = createServer((socket) => sockets.add(socket.resume())).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const program = spawn(process.execPath, ['-e', PROGRAM, String(server.address().port)], { stdio: 'ignore' })
  try {
    while (sockets.size < CONNECTIONS) await sleep(PAUSE_MS)
    const cost = async (look) => {
      const delay = monitorEventLoopDelay({ resolution: 1 })
      const before = cpuSeconds()
      delay.enable()
      for (let round = 0; round < ROUNDS; round++) {
        await look()
        await sleep(PAUSE_MS)
      }
      delay.disable()
      return { seconds: (cpuSeconds() - before) / ROUNDS, delayMs: delay.percentile(99) / 1e6 }
    }
    const idle = await cost(() => {})
    const watching = await cost(async () => {
      const { connections } = await observeProgram(program.pid)
      if (connections?.length !== CONNECTIONS) throw new Error(`${connections?.length} connections are seen`)
    })
    const share = (watching.seconds - idle.seconds) / INTERVAL_S
    return [
      {
        name: `watching ${CONNECTIONS} connections each ${INTERVAL_S} s`,
        value: `${((watching.seconds - idle.seconds) * 1000).toFixed(1)} ms`,
        yardstick: '% of a core:',
        ratio: share * 100,
        limit: '<= 0.1',
      },
      {
        name: "delay of catalyst's own event loop meanwhile, p99",
        value: `${watching.delayMs.toFixed(1)} ms`,
        yardstick: `idle: ${idle.delayMs.toFixed(1)} ms`,
        ratio: watching.delayMs / idle.delayMs,
        limit: 'only shown', // a program has a loop of its own, which is not touched
      },
    ]
  } finally {
    program.kill('SIGKILL')
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
