import type { Drill } from '#core/bot/drill.js'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { askHealth, type Health } from '#core/health/client.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { AFTER_STOP_MS } from '#core/service/spec.js'
import type { BotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { type Clock, sleep } from '#core/system/clock.js'
import { ask } from '#core/system/http.js'
import { EVIDENCE_MS } from '#core/watchdog/evidence.js'
import type { IncidentState } from '#core/watchdog/incident.js'
import { Incidents } from '#core/watchdog/incidents.js'
import { CONFIRM_MS } from '#core/watchdog/policy.js'
import { type DrillStep, incidentStep, journalStep } from './timeline.js'

export interface DrillOptions {
  readonly paths: HomePaths
  readonly settings: Settings
  readonly drill: Drill
  /** The running bot. */
  readonly bot: BotFile
  /** Whether a watchdog runs, which is to say so when all is well again. */
  readonly isWatched: boolean
  /** How long whoever keeps the bot may wait before its start, beyond SERVICE_RESTART_DELAY. */
  readonly longestPauseMs: number
  readonly onStep: (step: DrillStep) => void
  readonly onWait: () => void
}

/** How a drill went. */
export interface DrillResult {
  readonly drill: Drill
  /** From the beginning until another bot was healthy. */
  readonly down_seconds: number
  /** The incident that the watchdog made of it. */
  readonly incident: string | null
  readonly steps: readonly DrillStep[]
}

const ASK_MS = 1000
const LOOK_MS = 100
/** For all that has no time of its own, such as a busy machine. */
const MARGIN_MS = 15_000
const NEWEST_INCIDENTS = 3

/**
 * Brings the running bot down, and watches how it comes back.
 * @throws CatalystError DRILL_REFUSED by the bot, DRILL_FAILED when it did not come back in time
 */
export async function runDrill(clock: Clock, options: DrillOptions): Promise<DrillResult> {
  const { paths, settings, drill, bot, isWatched, longestPauseMs, onWait } = options
  const seen = new Sightings(clock, options)
  try {
    await begin(bot, drill)
    seen.tell(`${drill}: the bot (pid ${bot.pid}) is brought down`)
    const until = clock.monotonic() + patienceMs(settings, drill, longestPauseMs)
    let down: number | undefined
    for (;;) {
      const { status } = await askHealth(paths, settings, ASK_MS)
      seen.look(status)
      if (down === undefined && seen.isBack(status)) {
        down = seen.seconds()
        seen.tell('the bot works again')
      }
      if (down !== undefined && (!isWatched || seen.last === 'recovered'))
        return { drill, down_seconds: down, incident: seen.incident, steps: seen.steps }
      if (seen.last === 'needs you' || clock.monotonic() > until)
        throw notBack(drill, seen.seconds(), down !== undefined)
      onWait()
      await sleep(clock, LOOK_MS)
    }
  } finally {
    seen.close()
  }
}

async function begin({ control }: BotFile, drill: Drill): Promise<void> {
  if (control === undefined || !/^http:\/\/127\.0\.0\.1:\d+\//.test(control))
    throw refused('The bot is still starting.')
  const answer = await ask(`${control}/drill/${drill}`, { method: 'POST', timeoutMs: ASK_MS }).catch((error) => {
    throw refused(`The bot does not answer: ${messageOf(error)}.`)
  })
  if (answer.status === 404)
    throw refused('The bot that runs is of an older version, which knows no drills: restart it.')
  if (answer.status !== 202) throw refused(answer.body.trim())
}

/** How long the way back may take at the most, each of its steps at its longest. */
export function patienceMs(settings: Settings, drill: Drill, longestPauseMs: number): number {
  const { SERVICE_RESTART_DELAY: delay, BOT_START_TIMEOUT: start, BOT_STOP_TIMEOUT: stop } = settings
  const { WATCHDOG_CHECK_INTERVAL: interval, WATCHDOG_FREEZE_THRESHOLD: threshold, BOT_CYCLE_SECONDS: cycle } = settings
  const back = (delay + start + interval) * 1000 + longestPauseMs + MARGIN_MS
  if (drill === 'crash') return back + delay * 1000 // the watchdog waits for the manager first
  return back + (2 * cycle + 2 * threshold + interval + stop) * 1000 + AFTER_STOP_MS + CONFIRM_MS + EVIDENCE_MS
}

/** What is seen of the drill: in the journal, in the incidents, and at the bot's endpoint. */
class Sightings {
  readonly steps: DrillStep[] = []
  /** Of the watchdog, if it made one of it. */
  incident: string | null = null
  /** What the watchdog said last. */
  last: IncidentState | undefined
  readonly #clock: Clock
  readonly #options: DrillOptions
  readonly #journal: JournalTail
  readonly #incidents: Incidents
  readonly #began: number
  readonly #known = new Set<string>()
  #status: Health['status'] = 'healthy'
  #pid: unknown

  constructor(clock: Clock, options: DrillOptions) {
    this.#clock = clock
    this.#options = options
    this.#journal = new JournalTail(options.paths.journal)
    this.#incidents = new Incidents(options.paths.incidents)
    this.#began = clock.now()
  }

  seconds(at = this.#clock.now()): number {
    return Math.max(0, at - this.#began) / 1000
  }

  tell(what: string, at?: number): void {
    const step = { seconds: this.seconds(at), what }
    this.steps.push(step)
    this.#options.onStep(step)
  }

  look(status: Health['status']): void {
    for (const entry of this.#journal.read()) {
      if (entry.kind === 'bot.start') this.#pid = entry.pid
      const what = journalStep(entry)
      if (what !== undefined) this.tell(what, Date.parse(entry.time))
    }
    for (const name of this.#incidents.list().slice(0, NEWEST_INCIDENTS)) this.#lookAt(name)
    if (status !== this.#status && (status === 'unhealthy' || status === 'unreachable'))
      this.tell(status === 'unhealthy' ? 'the bot says: unhealthy' : 'the bot does not answer')
    this.#status = status
  }

  /** Another bot than the one that was brought down works. */
  isBack(status: Health['status']): boolean {
    return this.#pid !== undefined && (status === 'healthy' || status === 'degraded')
  }

  close(): void {
    this.#journal.close()
  }

  /** An earlier incident may be opened again by this drill, so each event is looked at by its time. */
  #lookAt(name: string): void {
    const events = this.#incidents.read(name)?.events ?? []
    for (const event of events.filter(({ at }) => at >= this.#began)) {
      const key = `${name} ${event.at} ${event.state}`
      if (this.#known.has(key)) continue
      this.#known.add(key)
      this.incident = name
      this.tell(incidentStep(name, event), event.at)
      this.last = event.state
    }
  }
}

function refused(why: string): CatalystError {
  return new CatalystError(`The drill is refused, and nothing was done. ${why}`, {
    code: 'DRILL_REFUSED',
    exit: EXIT.failed,
  })
}

function notBack(drill: Drill, seconds: number, works: boolean): CatalystError {
  const after = `within ${Math.round(seconds)} s of the ${drill}`
  const message = works
    ? `The bot works, but the watchdog has not said so ${after}.`
    : `The bot has not come back by itself ${after}.`
  return new CatalystError(message, {
    code: 'DRILL_FAILED',
    exit: EXIT.failed,
    suggestions: [
      'See why: catalyst incident show',
      'and: catalyst logs --level warning',
      'and: catalyst watchdog status',
    ],
  })
}
