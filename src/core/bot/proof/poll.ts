import type { Logger } from 'pino'
import type { SignalName } from '#core/config/proof/signal-names.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { Observation } from '#core/health/signals.js'
import type { Clock } from '#core/platform/clock.js'

/** A signal that is read from outside, again and again. */
export interface Probe {
  readonly name: SignalName
  /** The name in log lines: the setting's. */
  readonly label: string
  readonly ms: number
  /** The interval until the first proof. */
  readonly unprovenMs: number
  readonly look: () => Promise<Probed> | Probed
}

/** The finding of a probe. `isUsual`: a working bot looks the same between two proofs, so it is not logged. */
export type Probed = Observation & { readonly isUsual?: boolean }

/** The delay of the first probe, and the longest interval until the first proof of what costs little. */
export const SOON_MS = 1000

/** Probes a signal again and again, one probe at a time; the returned function ends that. */
export function pollSignal(clock: Clock, probe: Probe, monitor: HealthMonitor, log: Logger): () => void {
  const { name, label, ms, unprovenMs, look } = probe
  let told: string | undefined
  let isOver = false
  let cancel = () => {}
  const poll = async () => {
    const { isUsual = false, ...observation } = await look()
    if (isOver) return
    monitor.observe(name, observation)
    const now = observation.is === 'proof' || isUsual ? undefined : observation.why
    if (monitor.hasProven(name) && plain(now) !== plain(told)) {
      log.warn(now === undefined ? `${label} is well again` : `${label}: ${now}`)
      told = now
    }
    next(monitor.hasProven(name) ? ms : unprovenMs)
  }
  const next = (afterMs: number) => {
    cancel = clock.after(afterMs, poll)
  }
  next(Math.min(unprovenMs, SOON_MS))
  return () => {
    isOver = true
    cancel()
  }
}

/** Returns a fault without its figures, which may change each time. */
function plain(fault: string | undefined): string | undefined {
  return fault?.replace(/\d+/g, 'N')
}
