import type { SignalName } from '#core/config/proof/signal-names.js'
import { Announcements, announcedText } from '#core/health/announced/announced.js'
import type { Clock } from '#core/platform/clock.js'
import { inSeconds } from '#core/text.js'
import {
  alertsWeek,
  countersAt,
  ErrorWindow,
  NO_TOTALS,
  type SavedCounters,
  type Totals,
  withAlert,
  withCycle,
} from './counters.js'
import { Samples } from './samples.js'
import {
  figuresOf,
  newSignal,
  type Observation,
  type Signal,
  type Watched,
  withObservation,
  withProof,
} from './signals.js'
import { type Figures, type HealthState, type Limits, type Status, statusOf } from './status.js'

export interface MonitorOptions {
  readonly limits: Limits
  /** The signals that must all be fresh. Without any only the process is watched. */
  readonly signals: readonly Watched[]
  readonly counters: SavedCounters
  /** Hides secrets in what the bot announces. */
  readonly redact?: (text: string) => string
  /** Called after the saved counters changed. */
  readonly onCount?: (counters: SavedCounters) => void
}

const DURATIONS_KEPT = 200

/**
 * The figures about the bot's work. Bots report here; {@link statusOf} turns the figures into a status, and everybody
 * else only reads. docs/health.md compares it with the Python version's functions.
 */
export class HealthMonitor {
  /** The announcements of the bot itself. */
  readonly announced: Announcements
  readonly #clock: Clock
  readonly #options: MonitorOptions
  readonly #errors = new ErrorWindow()
  readonly #durations = new Samples(DURATIONS_KEPT)
  readonly #dependencies = new Map<string, string | undefined>()
  readonly #faults = new Map<string, string>()
  readonly #signals = new Map<SignalName, Signal>()
  #signs: readonly string[] = []
  #startedAt: number
  #startedMonotonic: number
  #delay: string | undefined
  #counters: SavedCounters
  readonly #totals = { ...NO_TOTALS }
  #running = false
  #stopping = false
  /** The last status that was asked for, and the wall time at which it was first seen. */
  #seen: { readonly status: Status; readonly since: number } | undefined

  constructor(clock: Clock, options: MonitorOptions) {
    this.#clock = clock
    this.#options = options
    this.announced = new Announcements(clock, options.redact)
    this.#startedAt = clock.now()
    this.#startedMonotonic = clock.monotonic()
    this.#counters = countersAt(options.counters, clock.now())
    for (const signal of options.signals) this.watch(signal)
  }

  /** Watches one more signal, which must be fresh from now on, too. */
  watch(signal: Watched): void {
    this.#signals.set(signal.name, newSignal(signal))
  }

  /** Records that a round of work ended now, as the bot itself tells. */
  recordCycle({ durationMs, nextMs }: { durationMs?: number; nextMs?: number } = {}): void {
    for (const name of ['cycle', 'report'] as const)
      this.#change(name, (signal, now, thresholdMs) => withProof(signal, now, thresholdMs, nextMs))
    if (durationMs !== undefined) this.#time(durationMs)
    this.#countCycle()
  }

  /** Records what a probe of a signal has found. Each proof counts as a cycle. */
  observe(name: SignalName, observation: Observation): void {
    this.#change(name, (signal, now, thresholdMs) => withObservation(signal, observation, now, thresholdMs))
    if (observation.is === 'proof') this.#countCycle()
  }

  recordAlert(): void {
    this.#totals.alerts++
    this.#count(withAlert(this.#counters, this.#clock.now()))
  }

  recordError(): void {
    this.#totals.errors++
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
    this.announced.startsNow()
  }

  /** Records that the bot has been started. */
  setRunning(): void {
    this.#running = true
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

  /** Records the signs that a program is deaf, in words. */
  setSigns(signs: readonly string[]): void {
    this.#signs = signs
  }

  /** The signs that the bot is deaf; none where something else proves that it works. */
  get signs(): readonly string[] {
    return this.#signals.size === 0 ? this.#signs : []
  }

  get running(): boolean {
    return this.#running
  }

  /** The names of the signals that are watched; none where only the process is. */
  get signals(): readonly SignalName[] {
    return [...this.#signals.keys()]
  }

  /** Returns whether a signal has proven anything since the start. */
  hasProven(name: SignalName): boolean {
    return this.#signals.get(name)?.lastProof !== undefined
  }

  /** Returns whether the start is over: each signal has proven something, or there was a cycle where none is watched. */
  get hasStarted(): boolean {
    const signals = [...this.#signals.values()]
    return signals.length === 0 ? this.#totals.cycles > 0 : signals.every(({ lastProof }) => lastProof !== undefined)
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
    return this.#totals.cycles
  }

  /** The counts since the start. */
  get totals(): Totals {
    return { ...this.#totals }
  }

  uptimeSeconds(): number {
    return Math.floor((this.#clock.monotonic() - this.#startedMonotonic) / 1000)
  }

  /**
   * Returns the seconds since the last cycle, or proof; of several signals that of the one silent longest. Null before
   * the first, and where only the process is watched.
   */
  lastCycleSecondsAgo(): number | null {
    const now = this.#clock.monotonic()
    const times = [...this.#signals.values()].map(({ lastProof }) => lastProof)
    if (times.length === 0 || !times.every((time) => time !== undefined)) return null
    return inSeconds(now - Math.min(...times))
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
    const secondsOf = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms) / 1000)
    return { p50: secondsOf(this.#durations.quantile(0.5)), p95: secondsOf(this.#durations.quantile(0.95)) }
  }

  dependencies(): Record<string, string> {
    return Object.fromEntries(
      [...this.#dependencies].map(([name, down]) => [name, down === undefined ? 'healthy' : 'unhealthy']),
    )
  }

  state(): HealthState {
    const state = statusOf(this.#figures(), this.#options.limits)
    if (this.#seen?.status !== state.status) this.#seen = { status: state.status, since: this.#clock.now() }
    return state
  }

  /** The wall time at which the status was first asked for that {@link state} has returned last, in ms since 1970. */
  get statusSince(): number {
    return this.#seen?.since ?? this.#startedAt
  }

  #figures(): Figures {
    const now = this.#clock.monotonic()
    const { freezeThresholdMs } = this.#options.limits
    const startExtension = this.hasStarted ? undefined : this.announced.startExtension
    return {
      running: this.#running,
      stopping: this.#stopping,
      delay: this.#delay,
      sinceStartMs: now - this.#startedMonotonic,
      signals: [...this.#signals.values()].map((signal) => figuresOf(signal, now, freezeThresholdMs)),
      signs: this.signs,
      errorsLastHour: this.errorsLastHour(),
      dependenciesDown: [...this.#dependencies].flatMap(([name, down]) =>
        down === undefined ? [] : [`${name} is down: ${down}`],
      ),
      startExtension: startExtension && announcedText(startExtension),
      faults: [...this.#faults.values()],
    }
  }

  /** Changes a signal, if it is watched. */
  #change(name: SignalName, change: (signal: Signal, now: number, freezeThresholdMs: number) => Signal): void {
    const signal = this.#signals.get(name)
    if (signal === undefined) return
    this.#signals.set(name, change(signal, this.#clock.monotonic(), this.#options.limits.freezeThresholdMs))
  }

  #time(durationMs: number): void {
    this.#durations.add(durationMs)
    this.#totals.timedCycles++
    this.#totals.timedMs += durationMs
  }

  #countCycle(): void {
    this.#totals.cycles++
    this.#count(withCycle(this.#counters, this.#clock.now()))
  }

  #count(counters: SavedCounters): void {
    this.#counters = counters
    this.#options.onCount?.(counters)
  }
}
