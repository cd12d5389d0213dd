import type { Logger } from 'pino'
import type { Settings } from '#core/config/schema.js'
import type { HealthMonitor } from '#core/health/monitor.js'

/** A report as a program sends it: `POST $CATALYST_REPORT_URL/cycle`, `/alert` or `/error`. */
export interface Report {
  readonly kind: 'cycle' | 'alert' | 'error'
  readonly message?: string
  readonly nextInSeconds?: number
}

export const LONGEST_REPORT_BYTES = 64 * 1024
const LONGEST_MESSAGE = 2000
const LONGEST_NEXT_SECONDS = 7 * 24 * 3600

/** Parses a report. The body is JSON, or simply the message as text, or nothing. */
export function parseReport(kind: string, body: string): Report | { fault: string } {
  if (kind !== 'cycle' && kind !== 'alert' && kind !== 'error') return { fault: 'report to /cycle, /alert or /error' }
  const { message, next_in_seconds: next } = fieldsOf(body.trim())
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

export const NEXT_FAULT = `next_in_seconds must be a number from 0 to ${LONGEST_NEXT_SECONDS}`

export function isNextInSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_NEXT_SECONDS
}

function fieldsOf(body: string): { message?: unknown; next_in_seconds?: unknown } {
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

/** Takes in what a program reports. With BOT_PROOF=auto the first cycle turns the proof from the process to reports. */
export function takeReport(report: Report, { settings, monitor, log }: Reported): void {
  const { kind, message, nextInSeconds } = report
  if (kind === 'cycle') {
    if (settings.BOT_PROOF.includes('auto') && monitor.signals.length === 0)
      monitor.watch({ name: 'report', setMs: undefined })
    monitor.recordCycle(nextInSeconds === undefined ? {} : { nextMs: nextInSeconds * 1000 })
    if (message) log.info(message)
  } else if (kind === 'alert') {
    monitor.recordAlert()
    log.info({ alert: true }, message ?? 'alert')
  } else {
    monitor.recordError()
    log.error(message ?? 'the program reported an error')
  }
}
