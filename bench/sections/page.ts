import { readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../kernel/figures.js'
import { startBot, writeHome } from '../kernel/home.js'
import { memoryOf } from '../kernel/process-figures.js'
import { alone, paired } from '../kernel/row.js'
import type { Section } from '../kernel/section.js'

const ROUNDS = 9
const VIEWERS = 20
const SCRAPE_MS = 2500
const PHASE_MS = 8000
const WARM_UP_MS = 15_000

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
}
`

interface Phase {
  readonly from: number
  readonly to: number
  readonly residentMb: number
}

/** What open pages and scrapes cost a bot: the time of its cycles, and its memory. */
export const page: Section = {
  name: 'page',
  about: `a bot's cycles and memory with ${VIEWERS} viewers of the status page`,
  async run({ scratch, rounds, say }) {
    const home = writeHome(scratch.folder(), { BOT_CYCLE_SECONDS: 0.05, HEALTH_CHECK_PORT: 0 }, BOT)
    const cycles = join(home, 'cycles.txt')
    const { pid, port } = await startBot(scratch, home, { env: { CYCLES: cycles } })
    await sleep(WARM_UP_MS) // what is compiled and allocated at first is none of a viewer's
    const [without, watched]: [Phase[], Phase[]] = [[], []]
    for (const count = rounds(ROUNDS); watched.length < count; ) {
      say(`page: round ${watched.length + 1} of ${count}`)
      without.push(await phase(pid))
      watched.push(await phaseWithViewers(pid, port))
    }
    const times = readFileSync(cycles, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ').map(Number) as [number, number])
    const cycleMs = ({ from, to }: Phase) => median(times.filter(([at]) => at >= from && at < to).map(([, ms]) => ms))
    const more = watched.map(({ residentMb }, index) => residentMb - (without[index] as Phase).residentMb)
    return [
      paired(`a cycle, with ${VIEWERS} viewers`, 'ms', watched.map(cycleMs), ['without', without.map(cycleMs)], {
        goal: { of: 'ratio', atMost: 1.02 },
      }),
      alone(`resident memory, with ${VIEWERS} viewers, beyond that without`, 'MB', more, {
        goal: { of: 'value', atMost: 4 },
      }),
    ]
  },
}

async function phaseWithViewers(pid: number, port: number): Promise<Phase> {
  const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => view(port)))
  const measured = await phase(pid, () => read(port, '/metrics'))
  for (const viewer of viewers) viewer.destroy()
  return measured
}

async function phase(pid: number, scrape?: () => Promise<unknown>): Promise<Phase> {
  const from = Date.now()
  const resident: number[] = []
  while (Date.now() < from + PHASE_MS) {
    await scrape?.()
    await sleep(SCRAPE_MS)
    resident.push(memoryOf(pid).resident)
  }
  return { from, to: Date.now(), residentMb: median(resident) }
}

/** Opens the page as a browser does, and stays. */
async function view(port: number): Promise<http.ClientRequest> {
  await read(port, '/', { Accept: 'text/html', 'Accept-Encoding': 'gzip' })
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/page/events' }, (response) => {
      response.on('error', () => {}).resume()
      resolve(request)
    })
    request.on('error', reject)
  })
}

function read(port: number, path: string, headers = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, headers }, (response) =>
      response.resume().on('end', resolve),
    )
    request.on('error', reject)
  })
}
