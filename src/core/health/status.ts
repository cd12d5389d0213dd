export const STATUSES = ['starting', 'healthy', 'degraded', 'unhealthy', 'stopping'] as const

/** The bot's state of health; docs/health.md says what each means to a monitor. */
export type Status = (typeof STATUSES)[number]

/** The proof that the bot works. */
export type Proof = 'cycle' | 'report' | 'url' | 'process'

/** The figures that the status depends on. Times are in milliseconds. */
export interface Figures {
  /** True once the bot has been started: a program that isn't there yet proves nothing. */
  readonly running: boolean
  readonly stopping: boolean
  /** Why and until when the bot is not started yet; undefined where nothing delays its start. */
  readonly delay: string | undefined
  readonly proof: Proof
  readonly sinceStartMs: number
  /** The time since the last cycle ended; undefined before the first one since the start. */
  readonly sinceCycleMs: number | undefined
  /** The expected time from one cycle's end to the next one's. */
  readonly gapMs: number
  /** True where that gap is more than a first guess: only then is a cycle reported that is a little overdue. */
  readonly isGapKnown: boolean
  readonly errorsLastHour: number
  /** The dependencies that are down, with the reason. */
  readonly dependenciesDown: readonly string[]
  /** The faults of Catalyst itself, such as a log that can't be written. */
  readonly faults: readonly string[]
}

export interface Limits {
  readonly startTimeoutMs: number
  readonly freezeThresholdMs: number
}

export interface HealthState {
  readonly status: Status
  readonly reasons: readonly string[]
}

/** The errors in an hour above which a bot is degraded. */
const ERRORS_TOLERATED = 10
/** The gaps that a cycle may be overdue before the bot is degraded. */
const GAPS_TOLERATED = 2
/** The time that a cycle may be overdue however short its gaps are; less only where the threshold itself is short. */
const OVERDUE_TOLERATED_MS = 60_000
const SHARE_TOLERATED = 0.2

/**
 * Returns the status: this is the whole rule. The endpoint, the logs, the metrics and the page only show its result.
 */
export function statusOf(figures: Figures, limits: Limits): HealthState {
  if (figures.stopping) return { status: 'stopping', reasons: ['the bot is stopping'] }
  if (figures.delay !== undefined) return { status: 'starting', reasons: [figures.delay, ...figures.faults] }
  if (figures.proof === 'process' && figures.running) return healthyOrDegraded(figures, ['only the process is watched'])
  if (figures.sinceCycleMs === undefined) return beforeFirstCycle(figures, limits)
  const overdueMs = figures.sinceCycleMs - figures.gapMs
  if (overdueMs >= limits.freezeThresholdMs) {
    return {
      status: 'unhealthy',
      reasons: [`no cycle for ${seconds(figures.sinceCycleMs)}, overdue by ${seconds(overdueMs)}`],
    }
  }
  const late = figures.isGapKnown && overdueMs >= toleratedMs(figures, limits)
  return healthyOrDegraded(figures, [], late ? [`a cycle is overdue by ${seconds(overdueMs)}`] : [])
}

function toleratedMs({ gapMs }: Figures, { freezeThresholdMs }: Limits): number {
  return Math.max(GAPS_TOLERATED * gapMs, Math.min(OVERDUE_TOLERATED_MS, SHARE_TOLERATED * freezeThresholdMs))
}

function beforeFirstCycle(figures: Figures, limits: Limits): HealthState {
  const text = `no cycle since the start ${seconds(figures.sinceStartMs)} ago`
  return {
    status: figures.sinceStartMs >= limits.startTimeoutMs ? 'unhealthy' : 'starting',
    reasons: [text, ...figures.faults],
  }
}

/** Returns `healthy`, or `degraded` by what a person should see to but is no reason for a restart. */
function healthyOrDegraded(figures: Figures, remarks: readonly string[], more: readonly string[] = []): HealthState {
  const { errorsLastHour, dependenciesDown, faults } = figures
  const degradations = [
    ...more,
    ...(errorsLastHour > ERRORS_TOLERATED ? [`${errorsLastHour} errors in the last hour`] : []),
    ...dependenciesDown,
    ...faults,
  ]
  return { status: degradations.length > 0 ? 'degraded' : 'healthy', reasons: [...degradations, ...remarks] }
}

function seconds(ms: number): string {
  const value = ms / 1000
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} s`
}
