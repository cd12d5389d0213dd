import type { Logger } from 'pino'
import { serverOf } from '#core/config/parse.js'
import { messageOf } from '#core/errors.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { type Clock, repeat } from '#core/platform/clock.js'
import { askTime, type ClockOffset, NTP_PORT } from '#core/platform/net/sntp.js'

const FIRST_MS = 1000
const HOUR_MS = 60 * 60_000
/** The interval after a failure, and while the clock is off: a clock that was set shows soon. */
const SOON_MS = 5 * 60_000
const TIMEOUT_MS = 5000

/** The beginning of the reason for `degraded` that tells of the clock. */
export const CLOCK_FAULT = "this machine's clock is"

/** Returns the fault of a clock that is surely off by more than the limit; undefined where it is not. */
export function clockFault(
  { offsetMs, delayMs }: ClockOffset,
  { server, maxSeconds }: { readonly server: string; readonly maxSeconds: number },
  platform: NodeJS.Platform,
): string | undefined {
  if (Math.abs(offsetMs) - delayMs / 2 <= maxSeconds * 1000) return undefined
  const off = `${secondsOf(Math.abs(offsetMs))} s ${offsetMs > 0 ? 'ahead of' : 'behind'} ${server}`
  return `${CLOCK_FAULT} ${off}, and exchanges refuse requests from wrong clocks: ${remedyOf(platform)}`
}

function remedyOf(platform: NodeJS.Platform): string {
  switch (platform) {
    case 'win32':
      return 'w32tm /resync'
    case 'darwin':
      return 'sudo sntp -sS time.apple.com'
    default:
      return 'sudo timedatectl set-ntp true'
  }
}

export interface ClockCheckOptions {
  /** The setting TIME_SERVER. */
  readonly server: string
  readonly maxSeconds: number
  readonly monitor: Pick<HealthMonitor, 'setFault'>
  readonly log: Pick<Logger, 'warn' | 'info'>
  /** Takes what was measured, in seconds; null where it can't be told. */
  readonly onOffset: (seconds: number | null) => void
}

/**
 * Measures how far this machine's clock is off, soon after the start and each hour. A server that gives no answer is no
 * fault of the bot. Returns what ends it.
 */
export function checkClock(
  clock: Clock,
  { server, maxSeconds, monitor, log, onOffset }: ClockCheckOptions,
  platform: NodeJS.Platform = process.platform,
): () => void {
  const { host, port = NTP_PORT } = serverOf(server) ?? { host: server }
  let isFailing = false
  return repeat(clock, FIRST_MS, async (isStopped) => {
    try {
      const offset = await askTime(clock, { host, port }, TIMEOUT_MS)
      if (isStopped()) return HOUR_MS
      const fault = clockFault(offset, { server, maxSeconds }, platform)
      if (isFailing) log.info('TIME_SERVER answers again')
      isFailing = false
      monitor.setFault('clock', fault)
      onOffset(secondsOf(offset.offsetMs))
      return fault === undefined ? HOUR_MS : SOON_MS
    } catch (error) {
      if (isStopped()) return HOUR_MS
      if (!isFailing) log.warn(`TIME_SERVER: ${messageOf(error)}; how far the clock is off is not known`)
      isFailing = true
      monitor.setFault('clock', undefined)
      onOffset(null)
      return SOON_MS
    }
  })
}

function secondsOf(ms: number): number {
  return Math.round(ms) / 1000
}
