import http from 'node:http'
import { measureRounds } from '../kernel/figures.js'
import { freePorts, startBot, writeHome, yardstick } from '../kernel/home.js'
import { untilAnswers } from '../kernel/http.js'
import { cpuUs } from '../kernel/process-figures.js'
import { paired, type RowOptions } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 9
/** Requests a round: as many as give some hundred ms of processor time. */
const REQUESTS = { ping: 10_000, health: 3000, metrics: 500 }
const AT_ONCE = 8

/** Processor time of the server's whole process for each request, over connections that are kept alive. */
export const endpoint: Section = {
  name: 'endpoint',
  about: 'processor time of ping, health and metrics against bare node:http',
  async run({ scratch, rounds }) {
    const bot = await startBot(
      scratch,
      writeHome(scratch.folder(), { HEALTH_CHECK_PORT: 0, BOT_CYCLE_SECONDS: 3600 }),
      {
        words: ['--demo'],
      },
    )
    const [port] = (await freePorts(1)) as [number]
    const { pid } = scratch.start([process.execPath, yardstick('bare-server.js'), String(port)])
    await untilAnswers({ port, path: '/' })
    const { bare, ping, health, metrics } = await measureRounds(rounds(ROUNDS), {
      bare: () => perRequest(REQUESTS.ping, pid as number, port, '/'),
      ping: () => perRequest(REQUESTS.ping, bot.pid, bot.port, '/health/ping'),
      health: () => perRequest(REQUESTS.health, bot.pid, bot.port, '/health'),
      metrics: () => perRequest(REQUESTS.metrics, bot.pid, bot.port, '/metrics'),
    })
    const row = (name: string, values: readonly number[], options?: RowOptions) =>
      paired(`processor time of ${name}`, 'µs', values, ['bare node:http', bare], options)
    return [
      row('a ping', ping, { goal: { of: 'ratio', atMost: 1.1 } }),
      row('GET /health', health),
      row('GET /metrics', metrics),
    ]
  },
}

async function perRequest(requests: number, pid: number, port: number, path: string): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const ask = () =>
    new Promise((resolve, reject) => {
      const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) =>
        response.resume().on('end', resolve),
      )
      request.on('error', reject)
    })
  const before = cpuUs(pid)
  let left = requests
  const asking = Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await ask()
  })
  await Promise.all(asking)
  agent.destroy()
  return (cpuUs(pid) - before) / requests
}
