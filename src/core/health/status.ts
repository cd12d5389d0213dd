export const STATUSES = ['starting', 'healthy', 'degraded', 'unhealthy', 'stopping'] as const

/** The bot's state of health; docs/health.md says what each means to a monitor. */
export type Status = (typeof STATUSES)[number]

/** How we know that the bot works. */
export type Proof = 'cycle' | 'report' | 'url' | 'process'

/** All that the status depends on. Times are in milliseconds. */
export interface Figures {
  /** Whether the bot has been started: a program that isn't there yet proves nothing. */
  readonly running: boolean
  readonly stopping: boolean
  readonly proof: Proof
  readonly sinceStartMs: number
  /** Since the last cycle ended; undefined before the first one since the start. */
  readonly sinceCycleMs: number | undefined
  /** Expected time from one cycle's end to the next one's. */
  readonly gapMs: number
  readonly errorsLastHour: number
  /** Services the bot needs that are down, with the reason. */
  readonly servicesDown: readonly string[]
  /** What the program itself can't do at the moment, such as writing its log. */
  readonly faults: readonly string[]
}

export interface Limits {
  readonly startTimeoutMs: number
  readonly freezeThresholdMs: number
}

export interface Verdict {
  readonly status: Status
  readonly reasons: readonly string[]
}

/** More errors than this in an hour make a bot degraded. */
const ERRORS_TOLERATED = 10
/** Gaps that a cycle may be overdue before the bot counts as degraded. */
const GAPS_TOLERATED = 2

/** The status rule, whole. The endpoint, the logs, the metrics and the page only show what it says. */
export function statusOf(figures: Figures, limits: Limits): Verdict {
  if (figures.stopping) return { status: 'stopping', reasons: ['the bot is ending'] }
  if (figures.proof === 'process' && figures.running) return softened(figures, ['only the process is watched'])
  if (figures.sinceCycleMs === undefined) return beforeFirstCycle(figures, limits)
  const overdueMs = figures.sinceCycleMs - figures.gapMs
  if (overdueMs >= limits.freezeThresholdMs) {
    return {
      status: 'unhealthy',
      reasons: [`no cycle for ${seconds(figures.sinceCycleMs)}, overdue by ${seconds(overdueMs)}`],
    }
  }
  const late = figures.gapMs > 0 && overdueMs >= GAPS_TOLERATED * figures.gapMs
  return softened(figures, [], late ? [`a cycle is overdue by ${seconds(overdueMs)}`] : [])
}

function beforeFirstCycle(figures: Figures, limits: Limits): Verdict {
  const text = `no cycle since the start ${seconds(figures.sinceStartMs)} ago`
  return {
    status: figures.sinceStartMs >= limits.startTimeoutMs ? 'unhealthy' : 'starting',
    reasons: [text, ...figures.faults],
  }
}

/** Healthy, or degraded by what is worth a look but no reason for a restart. */
function softened(figures: Figures, remarks: readonly string[], more: readonly string[] = []): Verdict {
  const { errorsLastHour, servicesDown, faults } = figures
  const troubles = [
    ...more,
    ...(errorsLastHour > ERRORS_TOLERATED ? [`${errorsLastHour} errors in the last hour`] : []),
    ...servicesDown,
    ...faults,
  ]
  return { status: troubles.length > 0 ? 'degraded' : 'healthy', reasons: [...troubles, ...remarks] }
}

function seconds(ms: number): string {
  const value = ms / 1000
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} s`
}
