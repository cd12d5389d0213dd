import type { Clock } from '#core/system/clock.js'
import { alertsWeek, ErrorWindow, type KeptCounters, turned, withAlert, withCycle } from './counters.js'
import { Samples } from './samples.js'
import { type Figures, type Limits, type Proof, statusOf, type Verdict } from './status.js'

/** How a proof's expected gap between two cycles is known. */
export interface Pace {
  /** A pause that was set (modules, the news bot, a polled address); undefined where only reports tell. */
  readonly setMs: number | undefined
  /** Before the first gap was seen. */
  readonly atFirstMs: number
}

export interface MonitorOptions {
  readonly limits: Limits
  readonly proof: Proof
  readonly pace: Pace
  readonly counters: KeptCounters
  /** Called after the kept counters changed. */
  readonly onCount?: (counters: KeptCounters) => void
}

const GAPS_KEPT = 20
const DURATIONS_KEPT = 200

/**
 * Holds the figures about the bot's work. Bots report here; {@link statusOf} turns the figures into a status, and
 * everybody else only reads. docs/health.md holds it against the Python version's functions.
 */
export class HealthMonitor {
  readonly #clock: Clock
  readonly #options: MonitorOptions
  readonly #startedAt: number
  readonly #errors = new ErrorWindow()
  readonly #gaps = new Samples(GAPS_KEPT)
  readonly #durations = new Samples(DURATIONS_KEPT)
  readonly #services = new Map<string, string | undefined>()
  readonly #faults = new Map<string, string>()
  readonly #startedMonotonic: number
  #counters: KeptCounters
  #proof: Proof
  #lastCycle: number | undefined
  #nextMs: number | undefined
  #medianGapMs: number | undefined
  #totalCycles = 0
  #running = false
  #stopping = false

  constructor(clock: Clock, options: MonitorOptions) {
    this.#clock = clock
    this.#options = options
    this.#startedAt = clock.now()
    this.#startedMonotonic = clock.monotonic()
    this.#counters = turned(options.counters, clock.now())
    this.#proof = options.proof
  }

  /** A round of work ended now. */
  recordCycle(cycle: { durationMs?: number; nextMs?: number } = {}): void {
    const now = this.#clock.monotonic()
    if (this.#lastCycle !== undefined) {
      this.#gaps.add(now - this.#lastCycle)
      this.#medianGapMs = this.#gaps.quantile(0.5) // now, and not at each question
    }
    if (cycle.durationMs !== undefined) this.#durations.add(cycle.durationMs)
    this.#lastCycle = now
    this.#nextMs = cycle.nextMs
    this.#totalCycles++
    this.#count(withCycle(this.#counters, this.#clock.now()))
  }

  recordAlert(): void {
    this.#count(withAlert(this.#counters, this.#clock.now()))
  }

  recordError(): void {
    this.#errors.add(this.#clock.monotonic())
  }

  /** The bot has been started. */
  setRunning(): void {
    this.#running = true
  }

  setProof(proof: Proof): void {
    this.#proof = proof
  }

  setStopping(): void {
    this.#stopping = true
  }

  /** `down` is why a service is down, or undefined while it answers. */
  setService(name: string, down: string | undefined): void {
    this.#services.set(name, down)
  }

  /** Something of our own that doesn't work, by its key; undefined when it works again. */
  setFault(key: string, fault: string | undefined): void {
    if (fault === undefined) this.#faults.delete(key)
    else this.#faults.set(key, fault)
  }

  get running(): boolean {
    return this.#running
  }

  get proof(): Proof {
    return this.#proof
  }

  /** Wall time of the start, in ms since 1970. */
  get startedAt(): number {
    return this.#startedAt
  }

  get totalCycles(): number {
    return this.#totalCycles
  }

  uptimeSeconds(): number {
    return Math.floor((this.#clock.monotonic() - this.#startedMonotonic) / 1000)
  }

  /** Seconds since the last cycle ended; null before the first, and where only the process is watched. */
  lastCycleSecondsAgo(): number | null {
    if (this.#lastCycle === undefined || this.#proof === 'process') return null
    return Math.round((this.#clock.monotonic() - this.#lastCycle) / 100) / 10
  }

  errorsLastHour(): number {
    return this.#errors.count(this.#clock.monotonic())
  }

  counts(): { cyclesToday: number; alertsToday: number; alertsWeek: number } {
    this.#counters = turned(this.#counters, this.#clock.now())
    const { cyclesToday, alertsToday } = this.#counters
    return { cyclesToday, alertsToday, alertsWeek: alertsWeek(this.#counters) }
  }

  /** Seconds that cycles take: the median and the 95th percentile; null where cycles aren't timed. */
  cycleSeconds(): { p50: number | null; p95: number | null } {
    const inSeconds = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms) / 1000)
    return { p50: inSeconds(this.#durations.quantile(0.5)), p95: inSeconds(this.#durations.quantile(0.95)) }
  }

  services(): Record<string, string> {
    return Object.fromEntries(
      [...this.#services].map(([name, down]) => [name, down === undefined ? 'healthy' : 'unhealthy']),
    )
  }

  verdict(): Verdict {
    return statusOf(this.#figures(), this.#options.limits)
  }

  #figures(): Figures {
    const now = this.#clock.monotonic()
    return {
      running: this.#running,
      stopping: this.#stopping,
      proof: this.#proof,
      sinceStartMs: now - this.#startedMonotonic,
      sinceCycleMs: this.#lastCycle === undefined ? undefined : now - this.#lastCycle,
      gapMs: this.#gapMs(),
      errorsLastHour: this.errorsLastHour(),
      servicesDown: [...this.#services].flatMap(([name, down]) =>
        down === undefined ? [] : [`${name} is down: ${down}`],
      ),
      faults: [...this.#faults.values()],
    }
  }

  /**
   * A report's own word first; else the pause that was set, or the median of the gaps seen where cycles take longer
   * than that pause, so that slow but regular work never counts as late.
   */
  #gapMs(): number {
    if (this.#nextMs !== undefined) return this.#nextMs
    const { setMs, atFirstMs } = this.#options.pace
    if (setMs === undefined) return this.#medianGapMs ?? atFirstMs
    return Math.max(setMs, this.#medianGapMs ?? 0)
  }

  #count(counters: KeptCounters): void {
    this.#counters = counters
    this.#options.onCount?.(counters)
  }
}
