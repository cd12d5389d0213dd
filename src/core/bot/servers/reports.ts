import type { Logger } from 'pino'
import type { Settings } from '#core/config/schema.js'
import { FOR_FAULT, isForSeconds } from '#core/health/announced/announced.js'
import type { HealthMonitor } from '#core/health/monitor.js'

const KINDS = ['cycle', 'alert', 'error', 'busy', 'idle', 'starting'] as const

type ReportKind = (typeof KINDS)[number]

/** A report as a program sends it: `POST $CATALYST_REPORT_URL/cycle`, and so on. */
export interface Report {
  readonly kind: ReportKind
  readonly message?: string
  readonly nextInSeconds?: number
  /** For `busy` and `starting`: how long, and why. */
  readonly forSeconds?: number
  readonly why?: string
}

export function isReportKind(kind: string): kind is ReportKind {
  return (KINDS as readonly string[]).includes(kind)
}

export const LONGEST_REPORT_BYTES = 64 * 1024
const LONGEST_MESSAGE = 2000
const LONGEST_NEXT_SECONDS = 7 * 24 * 3600

/** Parses a report. The body is JSON, or simply the message as text, or nothing. */
export function parseReport(kind: string, body: string): Report | { fault: string } {
  if (!isReportKind(kind)) return { fault: `report to ${KINDS.map((one) => `/${one}`).join(', ')}` }
  const fields = fieldsOf(body.trim())
  if (kind === 'idle') return { kind }
  if (kind === 'busy' || kind === 'starting') return parseAnnouncement(kind, fields)
  const { message, next_in_seconds: next } = fields
  if (message !== undefined && typeof message !== 'string' && typeof message !== 'number') {
    return { fault: 'message must be a text' }
  }
  if (next !== undefined && !isNextInSeconds(next)) return { fault: NEXT_FAULT }
  return {
    kind,
    ...(message !== undefined && message !== '' && { message: String(message).slice(0, LONGEST_MESSAGE) }),
    ...(isNextInSeconds(next) && { nextInSeconds: next }),
  }
}

function parseAnnouncement(
  kind: 'busy' | 'starting',
  { for_seconds: seconds, why }: Fields,
): Report | { fault: string } {
  if (!isForSeconds(seconds)) return { fault: FOR_FAULT }
  if (why !== undefined && typeof why !== 'string') return { fault: 'why must be a text' }
  return { kind, forSeconds: seconds, ...(why !== undefined && { why }) }
}

export const NEXT_FAULT = `next_in_seconds must be a number from 0 to ${LONGEST_NEXT_SECONDS}`

export function isNextInSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_NEXT_SECONDS
}

type Fields = Readonly<Partial<Record<'message' | 'next_in_seconds' | 'for_seconds' | 'why', unknown>>>

function fieldsOf(body: string): Fields {
  if (!body.startsWith('{')) return { message: body }
  try {
    return JSON.parse(body)
  } catch {
    return { message: body }
  }
}

/** The bot that a report is about. */
interface Reported {
  readonly settings: Pick<Settings, 'BOT_PROOF'>
  readonly monitor: HealthMonitor
  readonly log: Logger
}

/**
 * Takes in what a program reports. With BOT_PROOF=auto the first cycle turns the proof from the process to reports.
 * Returns why the report is refused, where it is.
 */
export function takeReport(report: Report, { settings, monitor, log }: Reported): string | undefined {
  const { kind, message, nextInSeconds, forSeconds = 0, why } = report
  if (kind === 'cycle') {
    if (settings.BOT_PROOF.includes('auto') && monitor.signals.length === 0)
      monitor.watch({ name: 'report', setMs: undefined })
    monitor.recordCycle(nextInSeconds === undefined ? {} : { nextMs: nextInSeconds * 1000 })
    if (message) log.info(message)
  } else if (kind === 'busy' || kind === 'idle') {
    monitor.announced.busy(forSeconds, why)
  } else if (kind === 'starting') {
    return announceStart(monitor, forSeconds, why)
  } else if (kind === 'alert') {
    monitor.recordAlert()
    log.info({ alert: true }, message ?? 'alert')
  } else {
    monitor.recordError()
    log.error(message ?? 'the program reported an error')
  }
  return undefined
}

/** Lets the start take longer. Returns why not, where it is over. */
export function announceStart(monitor: HealthMonitor, seconds: number, why: string | undefined): string | undefined {
  if (monitor.hasStarted) return 'the start is over: there was a cycle already'
  monitor.announced.starting(seconds, why)
  return undefined
}
