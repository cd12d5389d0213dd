import type { Drill } from '#core/bot/drill.js'
import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { askHealth, type Health } from '#core/health/client.js'
import { type BotFile, controlUrl } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { EVIDENCE_MS } from '#core/incidents/evidence.js'
import type { IncidentState } from '#core/incidents/incident.js'
import { Incidents } from '#core/incidents/store.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import { ask } from '#core/platform/net/http.js'
import { AFTER_STOP_MS } from '#core/service/spec.js'
import { CONFIRM_MS } from '#core/watchdog/policy/policy.js'
import { type DrillStep, incidentStep, journalStep } from './timeline.js'

export interface DrillOptions {
  readonly paths: HomePaths
  readonly settings: Settings
  readonly drill: Drill
  /** The running bot, which is brought down. */
  readonly bot: BotFile
  /** True where a watchdog runs: then the drill waits until that reports the recovery. */
  readonly isWatched: boolean
  /** The longest pause of the supervisor before a start, beyond SERVICE_RESTART_DELAY. */
  readonly longestPauseMs: number
  readonly onStep: (step: DrillStep) => void
  readonly onWait: () => void
}

/** The result of a drill. */
export interface DrillResult {
  readonly drill: Drill
  /** The time from the beginning until another bot was healthy. */
  readonly down_seconds: number
  /** The incident that the watchdog opened for it. */
  readonly incident: string | null
  readonly steps: readonly DrillStep[]
}

const ASK_MS = 1000
const POLL_INTERVAL_MS = 100
/** The time for all that has no limit of its own, such as a busy machine. */
const MARGIN_MS = 15_000
const NEWEST_INCIDENTS = 3

/**
 * Brings the running bot down, and watches how it comes back.
 * @throws CatalystError DRILL_REFUSED by the bot, DRILL_FAILED when it did not come back in time
 */
export async function runDrill(clock: Clock, options: DrillOptions): Promise<DrillResult> {
  const { paths, settings, drill, bot, isWatched, longestPauseMs, onWait } = options
  const observed = new Observations(clock, options)
  try {
    await begin(bot, drill)
    observed.add(`${drill}: the bot (pid ${bot.pid}) is brought down`)
    const until = clock.monotonic() + timeLimitMs(settings, drill, longestPauseMs)
    let down: number | undefined
    for (;;) {
      const { status } = await askHealth(paths, settings, ASK_MS)
      observed.poll(status)
      if (down === undefined && observed.isBack(status)) {
        down = observed.seconds()
        observed.add('the bot works again')
      }
      if (down !== undefined && (!isWatched || observed.last === 'recovered'))
        return { drill, down_seconds: down, incident: observed.incident, steps: observed.steps }
      if (observed.last === 'needs_attention' || clock.monotonic() > until)
        throw notBack(drill, observed.seconds(), down !== undefined)
      onWait()
      await sleep(clock, POLL_INTERVAL_MS)
    }
  } finally {
    observed.close()
  }
}

async function begin(bot: BotFile, drill: Drill): Promise<void> {
  const url = controlUrl(bot, `/drill/${drill}`)
  if (url === undefined) throw refused('The bot is still starting.')
  const answer = await ask(url, { method: 'POST', timeoutMs: ASK_MS }).catch((error) => {
    throw refused(`The bot does not answer: ${messageOf(error)}.`)
  })
  if (answer.status === 404) throw refused('The bot that runs is of an older version, which has no drills: restart it.')
  if (answer.status !== 202) throw refused(answer.body.trim())
}

/** Returns the longest time until the bot is back, with each step at its longest. */
export function timeLimitMs(settings: Settings, drill: Drill, longestPauseMs: number): number {
  const times = timings(settings)
  const { restartDelayMs, checkIntervalMs } = times
  const backMs = restartDelayMs + times.startTimeoutMs + checkIntervalMs + longestPauseMs + MARGIN_MS
  if (drill === 'crash') return backMs + restartDelayMs // the watchdog waits for the manager first
  const noticedMs = 2 * times.cycleMs + 2 * times.freezeThresholdMs + checkIntervalMs
  return backMs + noticedMs + times.stopTimeoutMs + AFTER_STOP_MS + CONFIRM_MS + EVIDENCE_MS
}

/** The steps of the drill, as observed in the journal, in the incidents, and at the bot's endpoint. */
class Observations {
  readonly steps: DrillStep[] = []
  /** The watchdog's incident, if it opened one. */
  incident: string | null = null
  /** The last state of that incident. */
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

  add(what: string, at?: number): void {
    const step = { seconds: this.seconds(at), what }
    this.steps.push(step)
    this.#options.onStep(step)
  }

  poll(status: Health['status']): void {
    for (const entry of this.#journal.read()) {
      if (entry.kind === 'bot.start') this.#pid = entry.pid
      const what = journalStep(entry)
      if (what !== undefined) this.add(what, Date.parse(entry.time))
    }
    for (const name of this.#incidents.list().slice(0, NEWEST_INCIDENTS)) this.#readIncident(name)
    if (status !== this.#status && (status === 'unhealthy' || status === 'unreachable'))
      this.add(status === 'unhealthy' ? 'the bot says: unhealthy' : 'the bot does not answer')
    this.#status = status
  }

  /** Returns whether another bot than the one that was brought down works. */
  isBack(status: Health['status']): boolean {
    return this.#pid !== undefined && (status === 'healthy' || status === 'degraded')
  }

  close(): void {
    this.#journal.close()
  }

  /** Adds the new events of an incident. This drill may reopen an earlier one, so the time of each event decides. */
  #readIncident(name: string): void {
    const events = this.#incidents.read(name)?.events ?? []
    for (const event of events.filter(({ at }) => at >= this.#began)) {
      const key = `${name} ${event.at} ${event.state}`
      if (this.#known.has(key)) continue
      this.#known.add(key)
      this.incident = name
      this.add(incidentStep(name, event), event.at)
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
    ? `The bot works, but the watchdog has not reported the recovery ${after}.`
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
