import type { Settings } from '#core/config/schema.js'
import type { Pace } from '#core/health/monitor.js'
import type { Proof } from '#core/health/status.js'

export type BotKind = 'module' | 'program'

const SECOND_MS = 1000
const FASTEST_POLL_MS = 100

/** How a bot proves that it works, at its start. `auto`: a program without a health address may still report later. */
export function proofAtStart(settings: Settings, kind: BotKind): Proof {
  const { BOT_PROOF: proof } = settings
  if (proof !== 'auto') return proof as Proof
  if (kind === 'module') return 'cycle'
  return settings.BOT_HEALTH_URL === undefined ? 'process' : 'url'
}

/** Whether the first reported cycle changes how the bot is judged. */
export function turnsToReports(settings: Settings, proof: Proof): boolean {
  return settings.BOT_PROOF === 'auto' && proof === 'process'
}

/** How often BOT_HEALTH_URL is asked: often enough for the freeze threshold to mean something. */
export function pollMs(settings: Settings): number {
  return Math.max(
    FASTEST_POLL_MS,
    Math.min(settings.BOT_CYCLE_SECONDS, settings.WATCHDOG_FREEZE_THRESHOLD / 3) * SECOND_MS,
  )
}

export function paceOf(settings: Settings, kind: BotKind, proof: Proof): Pace {
  const atFirstMs = settings.WATCHDOG_FREEZE_THRESHOLD * SECOND_MS
  if (proof === 'url') return { setMs: pollMs(settings), atFirstMs }
  return { setMs: kind === 'module' ? settings.BOT_CYCLE_SECONDS * SECOND_MS : undefined, atFirstMs }
}
