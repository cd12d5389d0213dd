// Runs in a node of its own: measures what watching the connections of a program costs, and prints that as JSON.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { observeProgram } from '#core/bot/signs/observe-program.js'

const PAUSE_MS = 20
const LOOKS = 12
/** The clock ticks per second in /proc, on every Linux that node runs on. */
const TICKS = 100

const [rounds = '9', connections = '20'] = process.argv.slice(2)

/** A program with some connections, as a bot has them. */
const PROGRAM = `for (let n = 0; n < ${connections}; n++) require('node:net').connect(Number(process.argv[1]), '127.0.0.1').resume()
setInterval(() => {}, 1000)`

export interface ObserveFigures {
  /** Processor time of a look, in ms, and of as long a time without one. */
  readonly watching: number[]
  readonly idle: number[]
  /** The 99th percentile of the delay of the event loop, in ms. */
  readonly watchingDelay: number[]
  readonly idleDelay: number[]
}

/** Returns the processor time of this process and of all that it has run and waited for, in ms (proc(5)). */
function cpuMs(): number {
  const fields = (readFileSync('/proc/self/stat', 'utf8').split(') ')[1] as string).split(' ')
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + ((Number(fields[13]) + Number(fields[14])) / TICKS) * 1000
}

async function cost(look: () => unknown): Promise<{ ms: number; delayMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const before = cpuMs()
  delay.enable()
  for (let n = 0; n < LOOKS; n++) {
    await look()
    await sleep(PAUSE_MS)
  }
  delay.disable()
  return { ms: (cpuMs() - before) / LOOKS, delayMs: delay.percentile(99) / 1e6 }
}

async function main(): Promise<void> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket.on('error', () => {}).resume())).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const port = (server.address() as AddressInfo).port
  const program = spawn(process.execPath, ['-e', PROGRAM, String(port)], { stdio: 'ignore' })
  process.once('SIGTERM', () => {
    program.kill('SIGKILL')
    process.exit(1)
  })
  try {
    while (sockets.size < Number(connections)) await sleep(PAUSE_MS)
    const look = async () => {
      const seen = (await observeProgram(program.pid as number))?.connections?.length
      if (seen !== Number(connections)) throw new Error(`${seen} connections are seen`)
    }
    await cost(look)
    const figures: ObserveFigures = { watching: [], idle: [], watchingDelay: [], idleDelay: [] }
    for (let round = 0; round < Number(rounds); round++) {
      const [idle, watching] = [await cost(() => {}), await cost(look)]
      figures.idle.push(idle.ms)
      figures.watching.push(watching.ms)
      figures.idleDelay.push(idle.delayMs)
      figures.watchingDelay.push(watching.delayMs)
    }
    process.stdout.write(JSON.stringify(figures))
  } finally {
    program.kill('SIGKILL')
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

void main()
