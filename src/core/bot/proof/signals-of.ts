import { provenBy } from '#core/config/proof/proof-settings.js'
import type { SignalName } from '#core/config/proof/signal-names.js'
import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import type { Watched } from '#core/health/signals.js'
import { LEAST_INTERVAL_MS } from './telegram.js'

export type BotKind = 'module' | 'program'

const FASTEST_POLL_MS = 100
const FASTEST_COMMAND_MS = 1000

/**
 * Returns the signals that prove that the bot works, at its start; none where only its process is watched, or where a
 * program may still report later.
 */
export function signalsAtStart(settings: Settings): Watched[] {
  return provenBy(settings).map((name) => ({ name, setMs: setGapOf(name, settings) }))
}

/** Returns the expected gap between two proofs, where it is set: not of what follows the bot's own rhythm. */
function setGapOf(name: SignalName, settings: Settings): number | undefined {
  switch (name) {
    case 'cycle':
      return timings(settings).cycleMs
    case 'report':
      return settings.BOT_COMMAND === undefined ? timings(settings).cycleMs : undefined
    case 'url':
      return settings.BOT_HEALTH_FRESH === undefined ? pollMs(settings) : undefined
    case 'command':
      return commandMs(settings)
    case 'telegram':
      return telegramMs(settings)
    case 'log':
    case 'file':
    case 'network':
      return undefined
  }
}

/** Returns the interval at which signals are polled, short enough for the freeze threshold to mean something. */
export function pollMs(settings: Settings): number {
  const { cycleMs, freezeThresholdMs } = timings(settings)
  return Math.max(FASTEST_POLL_MS, Math.min(cycleMs, freezeThresholdMs / 3))
}

/** Returns the interval at which BOT_HEALTH_COMMAND is run: each time costs a process. */
export function commandMs(settings: Settings): number {
  return Math.max(FASTEST_COMMAND_MS, pollMs(settings))
}

export function telegramMs(settings: Settings): number {
  return Math.max(LEAST_INTERVAL_MS, timings(settings).cycleMs)
}
