import { serverOf } from '#core/config/parse.js'
import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { messageOf } from '#core/errors.js'
import { clockFault } from '#core/health/gauges/clock-check.js'
import { askTime, type ClockOffset, NTP_PORT } from '#core/platform/net/sntp.js'

const ASK_MS = 2000

/** The facts about this machine's clock. */
export interface ClockFacts {
  /** The setting TIME_SERVER. */
  readonly server: string | undefined
  readonly maxSeconds: number
  readonly platform: NodeJS.Platform
  /** What was measured, or why nothing was. */
  readonly measured: ClockOffset | { readonly why: string } | undefined
}

/** Judges how far the clock is off. */
export function judgeClock({ server, maxSeconds, platform, measured }: ClockFacts): Judged[] {
  if (server === undefined || measured === undefined) return [ok('not measured, since no TIME_SERVER is set')]
  if ('why' in measured) return [warning(`${server} (TIME_SERVER) does not tell the time: ${measured.why}`)]
  const off = clockFault(measured, { server, maxSeconds }, platform)
  if (off === undefined) return [ok(`agrees with ${server}`)]
  const at = off.lastIndexOf(': ')
  return [fault(off.slice(0, at), off.slice(at + 2))]
}

export const clockCheck = checkOf({
  id: 'clock',
  read: async ({ home, platform }): Promise<ClockFacts> => {
    const { TIME_SERVER: server, CLOCK_MAX_OFFSET: maxSeconds } = home.settings
    const facts = { server, maxSeconds, platform }
    if (server === undefined) return { ...facts, measured: undefined }
    const { host, port = NTP_PORT } = serverOf(server) ?? { host: server }
    const measured = await askTime(home.clock, { host, port }, ASK_MS).catch((error) => ({ why: messageOf(error) }))
    return { ...facts, measured }
  },
  judge: judgeClock,
})
