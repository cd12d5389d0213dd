import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'

const ROUNDS = 7
const REQUESTS = 30_000
const AT_ONCE = 8
const TICK_US = 10_000 // USER_HZ is 100 wherever Linux runs today

const bareServer = fileURLToPath(new URL('bare-server.js', import.meta.url))

/** Returns the use of a process since it began, of all its threads and of those that have ended. Linux only. */
export function cpuUs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

/** CPU of the server's process for each request, in µs, over kept-alive connections. */
async function cpuPerRequest({ pid, port }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE })
  const ask = () =>
    new Promise((resolve, reject) => {
      http
        .get({ port, path: '/health/ping', agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
    })
  const before = cpuUs(pid)
  let left = REQUESTS
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await ask()
    }),
  )
  agent.destroy()
  return (cpuUs(pid) - before) / REQUESTS
}

/** The endpoint's ping against a bare node:http server that says ok. */
export async function pingBench(bot) {
  const child = spawn(process.execPath, [bareServer], { stdio: ['ignore', 'pipe', 'ignore'] })
  const port = Number(await new Promise((resolve) => child.stdout.once('data', resolve)))
  const bare = { pid: child.pid, port }
  await cpuPerRequest(bot)
  await cpuPerRequest(bare)
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push([await cpuPerRequest(bot), await cpuPerRequest(bare)])
  child.kill()
  return [
    {
      name: 'CPU per ping',
      value: `${median(rounds.map(([a]) => a)).toFixed(1)} µs`,
      yardstick: `bare node:http: ${median(rounds.map(([, b]) => b)).toFixed(1)} µs`,
      ratio: median(rounds.map(([a, b]) => a / b)),
      limit: '<= 1.25',
    },
  ]
}
