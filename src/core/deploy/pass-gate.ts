import { readConfig } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth, type Health, isEndpointOn } from '#core/health/client.js'
import { exitOf } from '#core/journal/bot-ends.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { readBotFile } from '#core/state/bot-file.js'
import { sleep } from '#core/system/clock.js'
import { isRunning } from '#core/system/processes.js'
import type { DeployHome } from './deploy-home.js'
import { GateFailed, type GateState, gateStep, type Sighting } from './gate.js'
import { refuseStopped } from './stopped.js'

const ASK_MS = 1000
const LOOK_MS = 100
/** The manager is asked less often than the bot: it costs a process each time. */
const MANAGER_MS = 1000

/** The unexpected ends of bots that are started as this release from now on: the one before may be ending in disorder. */
export class EndsOf {
  readonly #release: string | null
  readonly #journal: JournalTail
  readonly #started = new Set<unknown>()

  constructor(release: string | null, journal: string) {
    this.#release = release
    this.#journal = new JournalTail(journal)
  }

  /** The first of them, in words. */
  read(): string | undefined {
    for (const entry of this.#journal.read()) {
      if (entry.kind === 'bot.start' && entry.release === this.#release) this.#started.add(entry.pid)
      const words = WORDS[entry.kind]
      if (words === undefined) continue
      if (this.#started.has(entry.pid) || entry.kind === 'bot.refused') return endText(words, entry)
    }
    return undefined
  }

  close(): void {
    this.#journal.close()
  }
}

const WORDS: Readonly<Record<string, string>> = {
  'bot.exit': 'it ended by itself',
  'bot.crash': 'it crashed',
  'bot.lost': 'it was killed',
  'bot.refused': 'it would not start',
}

function endText(words: string, entry: JournalEntry): string {
  const exit = exitOf(entry)
  const { error } = entry
  return `${words}${exit === null ? '' : ` (exit code ${exit})`}${typeof error === 'string' ? `: ${error}` : ''}`
}

export interface GateOptions {
  /** The release that must answer; null: the home itself. */
  readonly release: string | null
  readonly tolerated: readonly string[]
  /** The instance that must not be the one that answers; null: any may. */
  readonly old: string | null
  readonly ends: EndsOf
  readonly signal: AbortSignal
  /** The wish to stop the bot that stood when the deployment began. */
  readonly stopWish: string | null
  readonly onWait: (health: Health) => void
}

/**
 * Waits until the bot has proven itself. The answer is since when it has been good, on the monotonic clock.
 * @throws GateFailed with the reason, CatalystError DEPLOY_CANCELLED
 */
export async function passGate(home: DeployHome, options: GateOptions): Promise<number> {
  const { clock, settings, keeper } = home
  const { release, tolerated, ends, signal, onWait } = options
  const rules = {
    release,
    startTimeoutMs: settings.BOT_START_TIMEOUT * 1000,
    settleMs: settings.DEPLOY_SETTLE_SECONDS * 1000,
    tolerated,
  }
  let state: GateState = { began: clock.monotonic(), goodAt: undefined }
  let askManagerAt = clock.monotonic() + MANAGER_MS
  for (;;) {
    if (signal.aborted)
      throw new CatalystError('The proof of health was broken off.', {
        code: 'DEPLOY_CANCELLED',
        exit: EXIT.failed,
      })
    const { sighting, health } = await look(home, options)
    refuseStopped(home, options)
    let ended = home.asOwner(() => ends.read())
    if (ended === undefined && clock.monotonic() >= askManagerAt) {
      ended = await keeper.trouble()
      askManagerAt = clock.monotonic() + MANAGER_MS
    }
    const now = clock.monotonic()
    const step = gateStep(state, { ...sighting, ended }, now, rules)
    if (step.outcome === 'failed') throw new GateFailed(step.reason)
    if (step.outcome === 'passed') return state.goodAt ?? now
    state = step.state
    onWait(health)
    await sleep(clock, LOOK_MS, signal)
  }
}

/** One look at the bot, with the settings as they are by now. */
async function look(
  { paths, keeper, asOwner }: DeployHome,
  { old }: GateOptions,
): Promise<{ sighting: Omit<Sighting, 'ended'>; health: Health }> {
  const { settings } = asOwner(() => readConfig(paths.home, keeper.environment))
  const bot = asOwner(() => readBotFile(paths.bot))
  const health = isEndpointOn(settings)
    ? await askHealth(paths, settings, ASK_MS)
    : byItsProcess(bot !== undefined && (await isRunning(bot)))
  const isOld = old !== null && bot?.instance === old
  return {
    health,
    sighting: { isOld, release: bot?.release ?? null, status: health.status, reasons: health.reasons },
  }
}

/** With the endpoint switched off there is nothing to see but the process. */
function byItsProcess(runs: boolean): Health {
  return runs ? { status: 'healthy', reasons: [] } : { status: 'unreachable', reasons: ['no bot runs'] }
}
