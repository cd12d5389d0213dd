import type { Logger } from 'pino'
import type { SignalName } from '#core/config/proof/signal-names.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { Observation } from '#core/health/signals.js'
import { type Clock, repeat } from '#core/platform/clock.js'

/** A signal that is read from outside, again and again. */
export interface PolledSignal {
  readonly name: SignalName
  /** The name in log lines: the setting's. */
  readonly label: string
  readonly ms: number
  /** The interval until the first proof. */
  readonly unprovenMs: number
  readonly probe: () => Promise<Probed> | Probed
}

/** The finding of a probe. `isUsual`: the same is found of a working bot between two proofs, so it is not logged. */
export type Probed = Observation & { readonly isUsual?: boolean }

/** The delay of the first probe, and the longest interval until the first proof of what costs little. */
export const SOON_MS = 1000

/** Probes a signal again and again, one probe at a time; the returned function ends that. */
export function pollSignal(clock: Clock, polled: PolledSignal, monitor: HealthMonitor, log: Logger): () => void {
  const { name, label, ms, unprovenMs, probe } = polled
  let told: string | undefined
  return repeat(clock, Math.min(unprovenMs, SOON_MS), async (isStopped) => {
    const { isUsual = false, ...observation } = await probe()
    if (isStopped()) return ms
    monitor.observe(name, observation)
    const now = observation.is === 'proof' || isUsual ? undefined : observation.why
    if (monitor.hasProven(name) && plain(now) !== plain(told)) {
      log.warn(now === undefined ? `${label} is well again` : `${label}: ${now}`)
      told = now
    }
    return monitor.hasProven(name) ? ms : unprovenMs
  })
}

/** Returns a fault without its figures, which may change each time. */
function plain(fault: string | undefined): string | undefined {
  return fault?.replace(/\d+/g, 'N')
}
