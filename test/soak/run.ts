import fs from 'node:fs'
import { Random } from '../chaos/random.js'
import type { StandIn } from '../chaos/stand-in.js'
import { until } from '../support/e2e/until.js'
import { answers, disturb, load, longestOutageMs, nextFault, type Outage, pauseUnless, spoilAlerts } from './faults.js'
import {
  DISTURBED,
  failures,
  findings,
  findingText,
  MEASURED,
  type Sample,
  type Seen,
  UNTOUCHED,
  warmAt,
} from './judge.js'
import type { SoakOptions } from './options.js'
import { grownClasses } from './snapshots.js'
import { MOST_INCIDENTS, MOST_ROTATED_BYTES, type Role, type SoakHome } from './soak-home.js'

/** Looks from outside, and live heaps, in a run. */
const LOOKS = 240
const HEAPS = 60
const LEAST_LOOK_MS = 1000
const PROGRESS_MS = 15_000
const LAG_MS = 100
/** A delay by which the home's own timeouts are missed, in seconds of its clock. */
const STALL_SECONDS = 10
/** Minutes of the home's clock between two faults: a bot that ran ten has settled. */
const BETWEEN_FAULTS = { least: 11, most: 25 }

const ROLES: readonly Role[] = ['bot', 'watchdog']

/** One soak under way. */
export class Run {
  readonly #options: SoakOptions
  readonly #homes: readonly SoakHome[]
  readonly #standIn: StandIn
  readonly #out: string
  readonly #samples: Sample[] = []
  readonly #outages: Outage[] = []
  readonly #unasked: string[] = []
  readonly #others = new Set<string>()
  readonly #began = performance.now()
  #answered = 0

  constructor(options: SoakOptions, homes: readonly SoakHome[], standIn: StandIn, out: string) {
    this.#options = options
    this.#homes = homes
    this.#standIn = standIn
    this.#out = out
  }

  /** Lets everything happen for so long, or until the signal aborts, and ends the bots. */
  async go(realMs: number, stop: AbortController): Promise<void> {
    const { signal } = stop
    const { seed, speed } = this.#options
    const random = new Random(seed)
    const timer = setTimeout(() => stop.abort('over'), realMs)
    const lookMs = Math.max(LEAST_LOOK_MS, realMs / LOOKS)
    await Promise.all([
      this.#disturb(random.fork(), signal),
      spoilAlerts(this.#standIn, random.fork(), speed, signal),
      ...this.#homes.map(async (home) => {
        this.#answered += await load(home, signal)
      }),
      this.#every(lookMs, signal, () => this.#look()),
      this.#every(Math.max(LEAST_LOOK_MS, realMs / HEAPS), signal, () => this.#lookInside()),
      this.#every(PROGRESS_MS, signal, () => this.#progress()),
      this.#watchLag(signal),
      ...(this.#options.snapshots ? [this.#snapshotOnceWarm(realMs, signal)] : []),
    ])
    clearTimeout(timer)
    if (this.#snapshots.size > 0 && signal.reason === 'over') await this.#snapshot('end')
    await Promise.all(this.#homes.map((home) => this.#end(home)))
  }

  /** Ends a home whose bot answers, as it must at the end. */
  async #end(home: SoakHome): Promise<void> {
    const longest = longestOutageMs(this.#options.speed)
    await until(() => answers(home), longest).catch(() => this.#others.add(`${home.name} does not answer at the end`))
    await home.stop().catch((error) => this.#others.add(`${home.name} did not end: ${error.message}`))
  }

  /** Tells how it went. Returns the exit code. */
  async verdict(wasInterrupted: boolean): Promise<number> {
    const lineFaults: Seen['lineFaults'][number][] = []
    for (const home of this.#homes) {
      const { count, rotations, faults } = await home.lines()
      say(`${home.name}: ${count} lines in ${rotations} rotated logs and the last one`)
      lineFaults.push(...faults.map((fault) => ({ ...fault, home: home.name })))
    }
    const all = findings(this.#samples, this.#minutes())
    for (const one of all) say(findingText(one))
    for (const { fault, recovered_seconds: seconds } of this.#outages)
      say(`${fault}: ${seconds === undefined ? 'never back' : `back after ${seconds.toFixed(1)} s of this machine`}`)
    say(`${this.#answered} requests were answered`)
    this.#tellGrown()
    for (const line of this.#excused) say(`not counted: ${line}`)
    const why = failures(all, { outages: this.#outages, unasked: this.#unasked, lineFaults, others: [...this.#others] })
    for (const line of why) say(`FAILED: ${line}`)
    this.#write({ verdict: why.length === 0 ? 'passed' : 'failed', hours: this.#hours(), findings: all, why })
    const seen = `${this.#hours().toFixed(1)} simulated hours, ${this.#outages.length} outages, seed ${this.#options.seed}`
    say(
      `${why.length === 0 ? 'PASSED' : `FAILED, ${why.length} reasons`}${wasInterrupted ? ', interrupted' : ''}: ${seen}`,
    )
    say(`samples: ${this.#out}`)
    if (why.length > 0) return 1
    return wasInterrupted ? 130 : 0
  }

  #minutes(): number {
    return (performance.now() - this.#began) / 60_000
  }

  #hours(): number {
    return (this.#minutes() * this.#options.speed) / 60
  }

  async #every(ms: number, signal: AbortSignal, work: () => unknown): Promise<void> {
    while (!signal.aborted) {
      await work()
      await pauseUnless(signal, ms)
    }
  }

  async #disturb(random: Random, signal: AbortSignal): Promise<void> {
    const home = this.#home(DISTURBED)
    for (;;) {
      const { least, most } = BETWEEN_FAULTS
      await pauseUnless(signal, (random.between(least, most) * 60_000) / this.#options.speed)
      if (signal.aborted) return
      const outage = await disturb(home, nextFault(random), this.#options.speed)
      this.#outages.push(outage)
      this.#write({ hours: this.#hours(), home: home.name, ...outage })
    }
  }

  #look(): void {
    for (const home of this.#homes) {
      for (const role of ROLES) {
        this.#noteUnasked(home, role)
        this.#keep(home, role, home.outside(role))
      }
      const files = home.files()
      this.#keep(home, 'home', files)
      if (files.rotated_bytes > MOST_ROTATED_BYTES) this.#others.add(`${home.name}: rotated logs beyond their limit`)
      if (files.incidents > MOST_INCIDENTS) this.#others.add(`${home.name}: more than ${MOST_INCIDENTS} incidents`)
      void home.countRotated()
    }
  }

  async #lookInside(): Promise<void> {
    for (const { home, role } of this.#lasting()) this.#keep(home, role, await home.inside(role))
  }

  #stalledAt = Number.NEGATIVE_INFINITY
  readonly #excused: string[] = []

  /** Notes when this machine had no time for this process: then it had none for the bots either. */
  async #watchLag(signal: AbortSignal): Promise<void> {
    let before = performance.now()
    await this.#every(LAG_MS, signal, () => {
      const now = performance.now()
      if (now - before - LAG_MS > (STALL_SECONDS * 1000) / this.#options.speed) this.#stalledAt = now
      before = now
    })
  }

  readonly #pids = new Map<string, number>()

  /**
   * Nothing but our faults may end a process, except in the home that is disturbed. Where the machine stalled before, the
   * bot was silent indeed: that is told, and does not count.
   */
  #noteUnasked(home: SoakHome, role: Role): void {
    const who = `${home.name} ${role}`
    const [before, now] = [this.#pids.get(who), home.pid(role)]
    if (now !== undefined) this.#pids.set(who, now)
    if (before === undefined || now === before || (home.name === DISTURBED && role === 'bot')) return
    if (now === undefined) return // it may be on its way back: the next look tells
    const what = `${who} ended although nothing was done to it, at ${this.#hours().toFixed(2)} h`
    const isExcused = performance.now() - this.#stalledAt < longestOutageMs(this.#options.speed)
    if (isExcused) this.#excused.push(`${what}, while this machine stalled`)
    else this.#unasked.push(what)
  }

  #keep(home: SoakHome, of: string, figures: object | undefined): void {
    if (figures === undefined) return
    const pid = of === 'home' ? undefined : home.pid(of as Role)
    const sample = { hours: this.#hours(), home: home.name, of, pid, figures: { ...figures } }
    this.#samples.push(sample)
    this.#write(sample)
  }

  readonly #snapshots = new Set<string>()

  async #snapshot(which: 'warm' | 'end'): Promise<void> {
    for (const one of this.#lasting()) {
      const path = this.#snapshotPath(one, which)
      if (await one.home.snapshot(one.role, path)) this.#snapshots.add(path)
    }
  }

  async #snapshotOnceWarm(realMs: number, signal: AbortSignal): Promise<void> {
    await pauseUnless(signal, warmAt(realMs))
    if (!signal.aborted) await this.#snapshot('warm')
  }

  /** Returns the processes that are looked into and live through the whole run. */
  #lasting(): { readonly home: SoakHome; readonly role: Role }[] {
    const [measured, disturbed] = [this.#home(MEASURED), this.#home(DISTURBED)]
    return [...ROLES.map((role) => ({ home: measured, role })), { home: disturbed, role: 'watchdog' }]
  }

  #snapshotPath({ home, role }: { readonly home: SoakHome; readonly role: Role }, which: 'warm' | 'end'): string {
    return `${this.#out}.${home.name}.${role}.${which}.heapsnapshot`
  }

  #tellGrown(): void {
    for (const one of this.#lasting()) {
      const [warm, end] = [this.#snapshotPath(one, 'warm'), this.#snapshotPath(one, 'end')]
      if (!this.#snapshots.has(warm) || !this.#snapshots.has(end)) continue
      say(`what has grown in the live heap of ${one.home.name} ${one.role} since the warm-up (${end}):`)
      for (const line of grownClasses(fs.readFileSync(warm, 'utf8'), fs.readFileSync(end, 'utf8'))) say(`  ${line}`)
    }
  }

  #progress(): void {
    const last = (home: string, of: string, figure: string) =>
      this.#samples.findLast((one) => one.home === home && one.of === of && figure in one.figures)?.figures[figure]
    const mb = (home: string, of: string, figure: string) => ((last(home, of, figure) ?? 0) / 2 ** 20).toFixed(1)
    const text = ROLES.map(
      (role) => `${role} ${mb(UNTOUCHED, role, 'rss_bytes')} MB, live heap ${mb(MEASURED, role, 'live_heap_bytes')} MB`,
    ).join('; ')
    say(`${this.#hours().toFixed(2)} of ${this.#options.hours} h: ${text}; ${this.#outages.length} outages`)
  }

  #home(name: string): SoakHome {
    return this.#homes.find((home) => home.name === name) as SoakHome
  }

  #write(line: object): void {
    fs.appendFileSync(this.#out, `${JSON.stringify(line)}\n`)
  }
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
