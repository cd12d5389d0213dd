/** What the labs of the watchdog share: a bot that goes wrong when asked to, and what the watchdog makes of it. */
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import type { Evidence } from '#core/incidents/evidence.js'
import type { Incident, IncidentState } from '#core/incidents/incident.js'
import { type IncidentRecord, Incidents } from '#core/incidents/store.js'
import type { WatchdogFile } from '#core/watchdog/watchdog-file.js'
import { until } from '../support/e2e/until.js'
import type { BoxHome, SystemdBox } from './systemd-box.js'

/** Low enough for a test, high enough for a busy machine, which needs a part of the threshold to start the next bot. */
export const WATCHED = {
  BOT_NAME: 'Lab',
  BOT_MODULE: 'bot.mjs',
  BOT_CYCLE_SECONDS: '0.1',
  BOT_START_TIMEOUT: '10',
  BOT_STOP_TIMEOUT: '1',
  SERVICE_RESTART_DELAY: '0.1',
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.3',
  WATCHDOG_FREEZE_THRESHOLD: '3',
  WATCHDOG_MAX_RESTARTS: '1000',
}

/**
 * Works, and logs each cycle's stage. A file says how to go wrong: `exit` ends each bot after some cycles, `sick` lets
 * every cycle hang.
 */
export const MODULE = `
  import fs from 'node:fs'
  let cycles = 0
  export default { name: 'lab', async cycle(ctx) {
    if (fs.existsSync('sick')) await new Promise(() => {})
    if (cycles++ === 0) ctx.log.info('stage: the prices are fetched')
    if (cycles >= 3 && fs.existsSync('exit')) process.exit(3)
  } }`

/** How long the slowest of the things that are waited for may take on a busy machine. */
export const LONG_MS = 60_000

/** A home as seen from outside its box. */
export interface WatchedHome {
  read(file: string): string
}

/** What the watchdog of a home does, by what it writes down. */
export class Watchdog {
  readonly #home: WatchedHome
  readonly #incidents: Incidents

  constructor(home: WatchedHome, folder: string) {
    this.#home = home
    this.#incidents = new Incidents(homePaths(folder).incidents)
  }

  file(): WatchdogFile {
    return JSON.parse(this.#home.read('.catalyst/state/watchdog.json'))
  }

  restarts(): number {
    return this.file().restarts.length
  }

  /** The pid of the bot in its box. */
  botPid(): number {
    return JSON.parse(this.#home.read('.catalyst/state/bot.json')).pid
  }

  /** Waits until it has looked so many times more. */
  async looks(times: number): Promise<void> {
    for (let left = times; left > 0; left--) {
      const { checked_at } = await until(() => this.file())
      await until(() => this.file().checked_at !== checked_at, LONG_MS)
    }
  }

  /** Waits until all is well: the pid of the bot that works, and the restarts so far. */
  calm(): Promise<{ pid: number; restarts: number }> {
    return until(async () => {
      await this.looks(1)
      const { status, incident, restarts } = this.file()
      if (status !== 'healthy' || (incident !== null && incident.state !== 'recovered'))
        throw new Error(JSON.stringify(this.file()))
      return { pid: this.botPid(), restarts: restarts.length }
    }, LONG_MS)
  }

  /** Waits until the incident that it has, or will have, is in this state. `since` is a wall time in ms. */
  incident(state: IncidentState, since: number): Promise<Incident> {
    return until(() => {
      const { incident } = this.file()
      if (incident?.state === state && this.record(incident).events.some(({ at }) => at >= since)) return incident
      throw new Error(`${JSON.stringify(incident)}\n${this.#home.read('data/logs/watchdog.log').slice(-2000)}`)
    }, LONG_MS)
  }

  record(incident: Incident): IncidentRecord {
    const name = this.#nameOf(incident)
    const record = this.#incidents.read(name)
    if (record === undefined) throw new Error(`no incident ${name}`)
    return record
  }

  evidence(incident: Incident): Evidence {
    const evidence = this.#incidents.evidence(this.#nameOf(incident), 'first')
    if (evidence === undefined) throw new Error(`no evidence of ${this.#nameOf(incident)}`)
    return evidence
  }

  /** After a restart: another bot works, and it took so many restarts. */
  async broughtBack(before: { pid: number; restarts: number }, since: number, restarts = 1): Promise<Incident> {
    const incident = await this.incident('recovered', since)
    expect(this.botPid(), 'the pid').to.not.equal(before.pid)
    expect(this.restarts() - before.restarts, 'restarts').to.equal(restarts)
    return incident
  }

  /** Nothing was done. */
  expectSame(before: { pid: number; restarts: number }): void {
    expect({ pid: this.botPid(), restarts: this.restarts() }).to.deep.equal(before)
  }

  #nameOf({ id, opened }: Incident): string {
    const found = this.#incidents
      .list()
      .find((name) => name.endsWith(`-${opened}`) && this.#incidents.read(name)?.id === id)
    return found ?? `${id}`
  }
}

/** A stand-in for Discord's webhooks: it writes each request down, and gives each message a number. */
const STAND_IN = `
  import fs from 'node:fs'
  import http from 'node:http'
  let made = 0
  http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => { body += chunk })
    request.on('end', () => {
      const { method, url } = request
      if (method !== 'GET') fs.appendFileSync('requests.jsonl', JSON.stringify({ method, url, title: JSON.parse(body).embeds[0].title }) + '\\n')
      response.end(JSON.stringify({ id: String(method === 'POST' ? ++made : made) }))
    })
  }).listen(7000, '127.0.0.1', () => fs.writeFileSync('ready', ''))`

/** Starts the stand-in in the box, which {@link webhookOf} leads to, and returns the folder that it works in. */
export async function startDiscord(box: SystemdBox): Promise<BoxHome> {
  const discord = await box.home('discord', { 'server.mjs': STAND_IN })
  await box.root(`systemd-run --unit=discord --working-directory=${discord.inside} node server.mjs`)
  await until(() => fs.existsSync(join(discord.outside, 'ready')), LONG_MS)
  return discord
}

/** Returns the address of the webhook of that name. */
export function webhookOf(name: string): string {
  return `http://127.0.0.1:7000/api/webhooks/1/${name}`
}

export interface Told {
  readonly method: string
  readonly url: string
  readonly title: string
}

/** What a stand-in has been told of one home. */
export function toldOf(standIn: WatchedHome, webhook: string): Told[] {
  const lines = standIn
    .read('requests.jsonl')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Told).filter(({ url }) => url.startsWith(new URL(webhook).pathname))
}
