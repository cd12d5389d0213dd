import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import type { Pace } from '#core/health/monitor.js'
import type { Proof } from '#core/health/status.js'

export type BotKind = 'module' | 'program'

const FASTEST_POLL_MS = 100

/**
 * Returns the proof that the bot works, at its start. `auto`: a program without a health address may still report
 * later.
 */
export function proofAtStart(settings: Settings, kind: BotKind): Proof {
  const { BOT_PROOF: proof } = settings
  if (proof !== 'auto') return proof as Proof
  if (kind === 'module') return 'cycle'
  return settings.BOT_HEALTH_URL === undefined ? 'process' : 'url'
}

/** Returns the interval at which BOT_HEALTH_URL is polled, short enough for the freeze threshold to mean something. */
export function pollMs(settings: Settings): number {
  const { cycleMs, freezeThresholdMs } = timings(settings)
  return Math.max(FASTEST_POLL_MS, Math.min(cycleMs, freezeThresholdMs / 3))
}

export function paceOf(settings: Settings, kind: BotKind, proof: Proof): Pace {
  const { cycleMs, freezeThresholdMs: atFirstMs } = timings(settings)
  if (proof === 'url') return { setMs: pollMs(settings), atFirstMs }
  return { setMs: kind === 'module' ? cycleMs : undefined, atFirstMs }
}
