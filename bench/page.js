import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { median } from './median.js'

const run = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const VIEWERS = 20
const SCRAPE_MS = 5000
const PHASES = 6
const PHASE_MS = 15_000

/** A bot whose cycles compute for some 20 ms, and write down how long that took. */
const BOT = `
import { appendFileSync } from 'node:fs'
export default {
  name: 'busy',
  cycle() {
    const began = performance.now()
    let sum = 0
    for (let n = 0; n < 6e6; n++) sum += Math.sqrt(n)
    appendFileSync(process.env.CYCLES, Date.now() + ' ' + (performance.now() - began) + ' ' + sum + '\\n')
  },
}`

/** What 20 open pages and a scrape each 5 s cost a bot: the time of its cycles, and its memory. Linux only. */
export async function pageBench(newHome) {
  const home = newHome()
  const cycles = join(home, 'cycles.txt')
  writeFileSync(join(home, 'bot.mjs'), BOT)
  const env = { BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.05', HEALTH_CHECK_PORT: '0' }
  const child = spawn(process.execPath, [run, 'bot', 'start', '--home', home], {
    stdio: 'ignore',
    env: { ...process.env, ...env, CYCLES: cycles },
  })
  try {
    const port = await portOf(home)
    await sleep(PHASE_MS) // what is compiled and allocated at first is none of a viewer's
    const phases = []
    for (let phase = 0; phase < 2 * PHASES; phase++) phases.push(await measure(child.pid, port, phase % 2 === 1))
    const times = readFileSync(cycles, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number))
    const of = (isWatched, value) => phases.filter((phase) => phase.isWatched === isWatched).map(value)
    const cycleMs = ({ from, to }) => median(times.filter(([at]) => at >= from && at < to).map(([, ms]) => ms))
    const mb = ({ rssMb }) => rssMb
    return [
      row(`cycle, in ms, with ${VIEWERS} viewers of the page`, of(true, cycleMs), of(false, cycleMs), '<= 1.02'),
      row(`memory, in MB, with ${VIEWERS} viewers of the page`, of(true, mb), of(false, mb), '<= 4 MB more'),
    ]
  } finally {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
  }
}

async function portOf(home) {
  for (let attempt = 0; attempt < 200; attempt++) {
    await sleep(100)
    try {
      const { endpoint } = JSON.parse(readFileSync(join(home, '.catalyst', 'state', 'bot.json'), 'utf8'))
      if (endpoint) return endpoint.port
    } catch {}
  }
  throw new Error('the bot did not come up')
}

async function measure(pid, port, isWatched) {
  const viewers = isWatched ? await Promise.all(Array.from({ length: VIEWERS }, () => view(port))) : []
  const from = Date.now()
  const rss = []
  while (Date.now() < from + PHASE_MS) {
    if (isWatched) await read(port, '/metrics')
    await sleep(SCRAPE_MS - 10)
    rss.push(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
  }
  for (const viewer of viewers) viewer.destroy()
  return { isWatched, from, to: Date.now(), rssMb: median(rss) }
}

/** Opens the page as a browser does, and stays. */
async function view(port) {
  await read(port, '/', { Accept: 'text/html', 'Accept-Encoding': 'gzip' })
  return new Promise((resolve, reject) => {
    const request = http.get({ port, path: '/page/events' }, (response) => {
      response.resume()
      resolve(request)
    })
    request.on('error', reject)
  })
}

function read(port, path, headers = {}) {
  return new Promise((resolve, reject) => {
    http.get({ port, path, headers }, (response) => response.resume().on('end', resolve)).on('error', reject)
  })
}

function row(name, watched, alone, limit) {
  const [value, yardstick] = [median(watched), median(alone)]
  return { name, value: value.toFixed(2), yardstick: yardstick.toFixed(2), ratio: value / yardstick, limit }
}
