import type { Clock } from '#core/platform/clock.js'
import { alertsWeek, countersAt, ErrorWindow, type SavedCounters, withAlert, withCycle } from './counters.js'
import { isSettled, longestGap, newRhythm, type Rhythm, withGap } from './rhythm.js'
import { Samples } from './samples.js'
import { type Figures, type HealthState, type Limits, type Proof, statusOf } from './status.js'

/** The expected gap between two cycles, as far as the settings know it. */
export interface Pace {
  /** A pause that was set (modules, a polled address); undefined where only reports announce it. */
  readonly setMs: number | undefined
  /** The gap before the first one was observed. */
  readonly atFirstMs: number
}

export interface MonitorOptions {
  readonly limits: Limits
  readonly proof: Proof
  readonly pace: Pace
  readonly counters: SavedCounters
  /** Called after the saved counters changed. */
  readonly onCount?: (counters: SavedCounters) => void
}

/** The least time that a gap is remembered, in freeze thresholds: an hour by default. */
const WINDOW_THRESHOLDS = 12
const DURATIONS_KEPT = 200

/**
 * The figures about the bot's work. Bots report here; {@link statusOf} turns the figures into a status, and everybody
 * else only reads. docs/health.md compares it with the Python version's functions.
 */
export class HealthMonitor {
  readonly #clock: Clock
  readonly #options: MonitorOptions
  readonly #errors = new ErrorWindow()
  readonly #durations = new Samples(DURATIONS_KEPT)
  readonly #dependencies = new Map<string, string | undefined>()
  readonly #faults = new Map<string, string>()
  #startedAt: number
  #startedMonotonic: number
  #delay: string | undefined
  #counters: SavedCounters
  #proof: Proof
  #lastCycle: number | undefined
  #nextMs: number | undefined
  #rhythm: Rhythm | undefined
  #totalCycles = 0
  #running = false
  #stopping = false

  constructor(clock: Clock, options: MonitorOptions) {
    this.#clock = clock
    this.#options = options
    this.#startedAt = clock.now()
    this.#startedMonotonic = clock.monotonic()
    this.#counters = countersAt(options.counters, clock.now())
    this.#proof = options.proof
  }

  /** Records that a round of work ended now. */
  recordCycle(cycle: { durationMs?: number; nextMs?: number } = {}): void {
    const now = this.#clock.monotonic()
    this.#learn(now)
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

  /** Records why and until when the start of the bot is delayed. */
  setDelay(delay: string): void {
    this.#delay = delay
  }

  /** Records that a delay is over: the time to start begins now. */
  endDelay(): void {
    this.#delay = undefined
    this.#startedAt = this.#clock.now()
    this.#startedMonotonic = this.#clock.monotonic()
  }

  /** Records that the bot has been started. */
  setRunning(): void {
    this.#running = true
  }

  setProof(proof: Proof): void {
    this.#proof = proof
  }

  setStopping(): void {
    this.#stopping = true
  }

  /** Records the state of a dependency. `down` is why it is down; undefined while it answers. */
  setDependency(name: string, down: string | undefined): void {
    this.#dependencies.set(name, down)
  }

  /** Records a fault of our own, by its key; undefined when it is over. */
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

  /** The wall time of the start, in ms since 1970. */
  get startedAt(): number {
    return this.#startedAt
  }

  /** True while the start of the bot is delayed. */
  get isDelayed(): boolean {
    return this.#delay !== undefined
  }

  get totalCycles(): number {
    return this.#totalCycles
  }

  uptimeSeconds(): number {
    return Math.floor((this.#clock.monotonic() - this.#startedMonotonic) / 1000)
  }

  /** Returns the seconds since the last cycle ended; null before the first, and where only the process is watched. */
  lastCycleSecondsAgo(): number | null {
    if (this.#lastCycle === undefined || this.#proof === 'process') return null
    return Math.round((this.#clock.monotonic() - this.#lastCycle) / 100) / 10
  }

  errorsLastHour(): number {
    return this.#errors.count(this.#clock.monotonic())
  }

  counts(): { cyclesToday: number; alertsToday: number; alertsWeek: number } {
    this.#counters = countersAt(this.#counters, this.#clock.now())
    const { cyclesToday, alertsToday } = this.#counters
    return { cyclesToday, alertsToday, alertsWeek: alertsWeek(this.#counters) }
  }

  /** Returns the seconds that cycles take: the median and the 95th percentile; null where cycles aren't timed. */
  cycleSeconds(): { p50: number | null; p95: number | null } {
    const inSeconds = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms) / 1000)
    return { p50: inSeconds(this.#durations.quantile(0.5)), p95: inSeconds(this.#durations.quantile(0.95)) }
  }

  dependencies(): Record<string, string> {
    return Object.fromEntries(
      [...this.#dependencies].map(([name, down]) => [name, down === undefined ? 'healthy' : 'unhealthy']),
    )
  }

  state(): HealthState {
    return statusOf(this.#figures(), this.#options.limits)
  }

  #figures(): Figures {
    const now = this.#clock.monotonic()
    return {
      running: this.#running,
      stopping: this.#stopping,
      delay: this.#delay,
      proof: this.#proof,
      sinceStartMs: now - this.#startedMonotonic,
      sinceCycleMs: this.#lastCycle === undefined ? undefined : now - this.#lastCycle,
      gapMs: this.#gapMs(),
      isGapKnown: this.#isGapKnown(),
      errorsLastHour: this.errorsLastHour(),
      dependenciesDown: [...this.#dependencies].flatMap(([name, down]) =>
        down === undefined ? [] : [`${name} is down: ${down}`],
      ),
      faults: [...this.#faults.values()],
    }
  }

  /** Learns from the gap that ends now, unless the bot itself had announced it. */
  #learn(now: number): void {
    this.#rhythm ??= newRhythm(now)
    if (this.#lastCycle === undefined || this.#nextMs !== undefined) return
    const { freezeThresholdMs } = this.#options.limits
    // one that counted as a freeze may have been one: the next must not be noticed hours later for it
    const gapMs = Math.min(now - this.#lastCycle, this.#gapMs() + freezeThresholdMs)
    this.#rhythm = withGap(this.#rhythm, gapMs, now, WINDOW_THRESHOLDS * freezeThresholdMs)
  }

  /**
   * Returns the expected gap: the one that a report announced; else the pause that was set, or the longest recent gap
   * where that is longer.
   */
  #gapMs(): number {
    if (this.#nextMs !== undefined) return this.#nextMs
    const { setMs, atFirstMs } = this.#options.pace
    const longestMs = this.#rhythm && longestGap(this.#rhythm)
    return setMs === undefined ? (longestMs ?? atFirstMs) : Math.max(setMs, longestMs ?? 0)
  }

  /** Returns whether the gap was announced or set, or the bot was observed for long enough. */
  #isGapKnown(): boolean {
    if (this.#nextMs !== undefined || this.#options.pace.setMs !== undefined) return true
    return this.#rhythm !== undefined && isSettled(this.#rhythm)
  }

  #count(counters: SavedCounters): void {
    this.#counters = counters
    this.#options.onCount?.(counters)
  }
}
