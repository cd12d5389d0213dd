import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { splitCommand } from '#core/config/command-words.js'
import { parsePath } from '#core/config/proof/json-path.js'
import type { SignalName } from '#core/config/proof/signal-names.js'
import type { Settings } from '#core/config/schema.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { Redact } from '#core/logging/redact.js'
import type { Clock } from '#core/platform/clock.js'
import { commandProbe } from './command.js'
import { fileProbe } from './file.js'
import { matchesLine } from './log.js'
import { compilePatterns, type Matches, type PatternName } from './pattern.js'
import { type Probe, pollSignal, SOON_MS } from './poll.js'
import { commandMs, pollMs, telegramMs } from './signals-of.js'
import { LEAST_INTERVAL_MS, telegramProbe } from './telegram.js'
import { urlProbe } from './url.js'

/** The bot whose signals are watched. */
export interface Proven {
  readonly settings: Settings
  readonly monitor: HealthMonitor
  readonly log: Logger
  readonly home: string
  /** The folder and the environment of the bot. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Hides secrets: a reason is told to everybody who may ask for the bot's health. */
  readonly redact: Redact
}

export interface Proofs {
  /** Takes each line of a program's output; undefined where nobody asks for them. */
  readonly onLine: ((line: string) => void) | undefined
  /** Returns whether what a program printed is an error by BOT_LOG_ERROR; undefined where that is not set. */
  readonly isErrorLine: Matches | undefined
  close(): Promise<void>
}

/**
 * Begins to watch the signals that are read from outside: those that the monitor is to know.
 * @throws CatalystError SETTINGS_INVALID
 */
export async function startProofs(clock: Clock, proven: Proven): Promise<Proofs> {
  const { settings, monitor, log, redact } = proven
  const patterns = await compilePatterns(settings)
  const closing: (() => unknown)[] = []
  const poll = (probe: Probe) => {
    const look = async () => {
      const probed = await probe.look()
      return probed.is === 'proof' ? probed : { ...probed, why: redact(probed.why) }
    }
    closing.push(pollSignal(clock, { ...probe, look }, monitor, log))
  }
  for (const name of monitor.signals) {
    const probe = probeOf(name, clock, proven, patterns)
    if (probe === undefined) continue
    if (probe.close) closing.push(probe.close)
    poll(probe)
  }
  const { BOT_LOG_PROOF, BOT_LOG_ERROR: error } = patterns
  const isProof = monitor.signals.includes('log') && BOT_LOG_PROOF ? matchesLine(BOT_LOG_PROOF) : undefined
  return {
    onLine: isProof && ((line) => isProof(line) && monitor.observe('log', { is: 'proof' })),
    isErrorLine: error && matchesLine(error),
    async close() {
      for (const close of closing.reverse()) await close()
    },
  }
}

/** Returns the probe of a signal; undefined for those that come by themselves. */
function probeOf(
  name: SignalName,
  clock: Clock,
  { settings, home, folder, environment }: Proven,
  patterns: Partial<Record<PatternName, Matches>>,
): (Probe & { readonly close?: () => Promise<void> }) | undefined {
  const { BOT_HEALTH_FRESH: text } = settings
  switch (name) {
    case 'url': {
      const path = text === undefined ? undefined : parsePath(text)
      const rule = { fresh: path && { text: text as string, path }, expect: patterns.BOT_HEALTH_EXPECT }
      const look = urlProbe(settings.BOT_HEALTH_URL as string, rule)
      return { name, label: 'BOT_HEALTH_URL', ...often(pollMs(settings)), look }
    }
    case 'command': {
      const argv = splitCommand(settings.BOT_HEALTH_COMMAND as string)
      if (!Array.isArray(argv)) return undefined // a fault of the settings, with which no bot starts
      const command = commandProbe(clock, { argv, folder, environment })
      return { name, label: 'BOT_HEALTH_COMMAND', ...often(commandMs(settings)), ...command }
    }
    case 'file': {
      const look = fileProbe(resolve(home, settings.BOT_PROOF_FILE as string))
      return { name, label: 'BOT_PROOF_FILE', ...often(pollMs(settings)), look }
    }
    case 'telegram': {
      const look = telegramProbe(settings.BOT_TELEGRAM_API, settings.BOT_TELEGRAM_TOKEN as string)
      return { name, label: 'telegram', ms: telegramMs(settings), unprovenMs: LEAST_INTERVAL_MS, look }
    }
    default:
      return undefined
  }
}

function often(ms: number): Pick<Probe, 'ms' | 'unprovenMs'> {
  return { ms, unprovenMs: Math.min(ms, SOON_MS) }
}
