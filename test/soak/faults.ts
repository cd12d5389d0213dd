import http from 'node:http'
import type { Random } from '../chaos/random.js'
import type { Mood, StandIn } from '../chaos/stand-in.js'
import { pause, until } from '../support/e2e/until.js'
import { CHECK_SECONDS, FREEZE_SECONDS, type SoakHome } from './soak-home.js'

/** What happens to a bot, by how often. */
const FAULTS = [
  { what: 'crash', weight: 4 },
  { what: 'exit', weight: 2 },
  { what: 'freeze', weight: 2 },
  { what: 'block', weight: 2 },
] as const

export type FaultName = (typeof FAULTS)[number]['what']

/** How an outage ended. */
export interface Outage {
  readonly fault: FaultName
  /** From the fault until another process of the bot answers, in seconds of this machine; undefined: it never did. */
  readonly recovered_seconds: number | undefined
}

/** What a busy machine may add to any recovery, in milliseconds. */
const SLACK_MS = 60_000

/** Returns how long any outage may last, in milliseconds of this machine. */
export function longestOutageMs(speed: number): number {
  return ((FREEZE_SECONDS + 3 * CHECK_SECONDS) * 1000) / speed + SLACK_MS
}

/** Does something to a bot, and waits until it answers again. */
export async function disturb(home: SoakHome, fault: FaultName, speed: number): Promise<Outage> {
  const pid = await until(() => home.pid('bot'))
  const began = performance.now()
  bring(home, pid, fault)
  const isBack = async () => {
    const now = home.pid('bot')
    return now !== undefined && now !== pid && (await answers(home))
  }
  const recovered = await until(isBack, longestOutageMs(speed)).then(
    () => (performance.now() - began) / 1000,
    () => undefined,
  )
  return { fault, recovered_seconds: recovered }
}

export function nextFault(random: Random): FaultName {
  return random.weighted(FAULTS).what
}

function bring(home: SoakHome, pid: number, fault: FaultName): void {
  if (fault === 'crash') process.kill(pid, 'SIGKILL')
  else if (fault === 'freeze') process.kill(pid, 'SIGSTOP')
  else home.order(fault)
}

export async function answers(home: SoakHome): Promise<boolean> {
  const { url } = home
  return url !== undefined && (await get(`${url}/health`)) === 200
}

const MOODS: readonly Mood[] = ['fails', 'limits', 'hangs up', 'is silent']

/** Lets the alert channel fail now and then: a quarter of the time. */
export async function spoilAlerts(standIn: StandIn, random: Random, speed: number, signal: AbortSignal): Promise<void> {
  const minutes = (least: number, most: number) => pauseUnless(signal, (random.between(least, most) * 60_000) / speed)
  while (!signal.aborted) {
    standIn.mood = 'well'
    await minutes(10, 30)
    standIn.mood = random.pick(MOODS)
    await minutes(3, 10)
  }
  standIn.mood = 'well'
}

const PATHS = ['/health/ping', '/health', '/health/detailed', '/metrics', '/', '/health/ping']
const REQUEST_MS = 50

/** Asks the endpoint without an end, each time on a new connection; what fails while a bot is down is no matter. */
export async function load(home: SoakHome, signal: AbortSignal): Promise<number> {
  let answered = 0
  for (let n = 0; !signal.aborted; n++) {
    const { url } = home
    if (url !== undefined && (await get(url + PATHS[n % PATHS.length])) !== undefined) answered++
    await pause(REQUEST_MS)
  }
  return answered
}

const ANSWER_MS = 5000

function get(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false, timeout: ANSWER_MS }, (response) => {
      response.on('error', () => resolve(undefined))
      response.resume().on('end', () => resolve(response.statusCode))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}

/** Waits, but not longer than until the signal aborts. */
export function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
