import { inSeconds } from '#core/text.js'
import type { SignalFigures } from './signals.js'

export const STATUSES = ['starting', 'healthy', 'degraded', 'unhealthy', 'stopping'] as const

/** The bot's state of health; docs/health.md says what each means to a monitor. */
export type Status = (typeof STATUSES)[number]

/** The figures that the status depends on. Times are in milliseconds. */
export interface Figures {
  /** True once the bot has been started: a program that isn't there yet proves nothing. */
  readonly running: boolean
  readonly stopping: boolean
  /** The delay of the bot's start, in words; undefined where nothing delays it. */
  readonly delay: string | undefined
  readonly sinceStartMs: number
  /** The signals that must all be fresh. Without any only the process is watched. */
  readonly signals: readonly SignalFigures[]
  /** The signs that it is deaf, where only its process is watched. */
  readonly signs: readonly string[]
  readonly errorsLastHour: number
  /** The dependencies that are down, with the reason. */
  readonly dependenciesDown: readonly string[]
  /** The reason for which the start takes longer, as the bot has announced it; undefined: none, or that is over. */
  readonly startExtension?: string | undefined
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

/** The remark on a bot that proves nothing else. It is no fault. */
export const PROCESS_ONLY = 'only the process is watched'

/** The errors in an hour above which a bot is degraded. */
const ERRORS_TOLERATED = 10
/** The gaps that a proof may be overdue before the bot is degraded. */
const GAPS_TOLERATED = 2
/** The time that a proof may be overdue however short its gaps are; less only where the threshold itself is short. */
const OVERDUE_TOLERATED_MS = 60_000
const SHARE_TOLERATED = 0.2

/**
 * Returns the status: this is the whole rule. The endpoint, the logs, the metrics and the page only show its result.
 */
export function statusOf(figures: Figures, limits: Limits): HealthState {
  if (figures.stopping) return { status: 'stopping', reasons: ['the bot is stopping'] }
  if (figures.delay !== undefined) return { status: 'starting', reasons: [figures.delay, ...figures.faults] }
  const { signals, running, faults, startExtension } = figures
  const isExtended = startExtension !== undefined
  if (signals.length === 0 && running && !isExtended) return healthyOrDegraded(figures, [PROCESS_ONLY], figures.signs)
  const atStart = isExtended ? { ...limits, startTimeoutMs: Number.POSITIVE_INFINITY } : limits
  const judged = signals.length === 0 ? [beforeFirst('cycle', undefined, figures, atStart)] : judgeAll(figures, atStart)
  const textsOf = (is: Judged['is']) => judged.flatMap((one) => (one.is === is ? [one.text] : []))
  const stale = textsOf('stale')
  if (stale.length > 0) return { status: 'unhealthy', reasons: [...stale, ...faults] }
  const awaited = textsOf('awaited')
  const longer = isExtended ? [`the start takes longer: ${startExtension}`] : []
  if (awaited.length > 0) return { status: 'starting', reasons: [...awaited, ...longer, ...faults] }
  return healthyOrDegraded(figures, [], textsOf('late'))
}

/** A signal as it is judged: `stale` alone is a freeze. */
interface Judged {
  readonly is: 'fresh' | 'late' | 'awaited' | 'stale'
  readonly text: string
}

function judgeAll(figures: Figures, limits: Limits): Judged[] {
  const isAlone = figures.signals.length === 1
  return figures.signals.map((signal) => judge(signal, nounOf(signal.name, isAlone), figures, limits))
}

function judge(signal: SignalFigures, noun: string, figures: Figures, limits: Limits): Judged {
  const { name, sinceProofMs, gapMs, isGapKnown, isUnknown, why } = signal
  const isAwaited = figures.sinceStartMs < limits.startTimeoutMs
  if (sinceProofMs === undefined && (isAwaited || !isUnknown)) return beforeFirst(noun, why, figures, limits)
  const overdueMs = (sinceProofMs ?? 0) - gapMs
  if (overdueMs >= limits.freezeThresholdMs) {
    const text = `no ${noun} for ${seconds(gapMs + overdueMs)}, overdue by ${seconds(overdueMs)}`
    return { is: 'stale', text: because(text, why) }
  }
  // what we can't ask is no silence of the bot
  if (isUnknown) return { is: 'late', text: because(`${name} can't be asked`, why) }
  return isGapKnown && overdueMs >= toleratedMs(gapMs, limits)
    ? { is: 'late', text: because(`${noun === 'cycle' ? 'a ' : ''}${noun} is overdue by ${seconds(overdueMs)}`, why) }
    : { is: 'fresh', text: '' }
}

function beforeFirst(
  noun: string,
  why: string | undefined,
  { sinceStartMs }: Figures,
  { startTimeoutMs }: Limits,
): Judged {
  const text = because(`no ${noun} since the start ${seconds(sinceStartMs)} ago`, why)
  return { is: sinceStartMs >= startTimeoutMs ? 'stale' : 'awaited', text }
}

/** Returns the word for a proof. Where it is the only one, each report and each good answer is a cycle. */
function nounOf(name: SignalFigures['name'], isAlone: boolean): string {
  const isCycle = name === 'cycle' || (isAlone && (name === 'report' || name === 'url'))
  return isCycle ? 'cycle' : `proof by ${name}`
}

function because(text: string, why: string | undefined): string {
  return why === undefined ? text : `${text}: ${why}`
}

function toleratedMs(gapMs: number, { freezeThresholdMs }: Limits): number {
  return Math.max(GAPS_TOLERATED * gapMs, Math.min(OVERDUE_TOLERATED_MS, SHARE_TOLERATED * freezeThresholdMs))
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
  return `${ms < 10_000 ? inSeconds(ms) : Math.round(ms / 1000)} s`
}
