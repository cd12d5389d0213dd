import type { Logger } from 'pino'
import type { Beat } from '#core/alerts/heartbeat.js'
import { messageOf, writeFault } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { quotedLine } from '#core/logging/read/plain.js'
import { bestEffort } from '#core/platform/best-effort.js'
import type { Clock } from '#core/platform/clock.js'
import { memoryKills } from '#core/platform/container.js'
import type { Where } from './diagnosis.js'
import { gatherEvidence, newestLines, type Observed } from './evidence.js'
import { type Incident, type IncidentState, incidentName, isCrashLoop } from './incident.js'
import { headline, stateText, story, whyText } from './incident-words.js'
import type { Incidents } from './store.js'

export interface ReporterOptions {
  readonly paths: HomePaths
  readonly log: Logger
  readonly incidents: Incidents
  readonly journal: (kind: string, details: Record<string, unknown>) => void
  /** Alerts the admin; `where` is known once the evidence is gathered. */
  readonly alert: (incident: Incident, where: Where | undefined) => void
  /** Tells an outside monitor how the bot is. */
  readonly beat: (beat: Beat) => void
  /** Returns what the supervisor knows of the bot: its service manager, or the watchdog itself. */
  readonly service: () => Promise<unknown>
}

/** The states of an incident that the outside monitor gets at once. */
const ATTENTION: readonly IncidentState[] = ['detected', 'needs_attention']

/**
 * The reporter of the incidents: it writes their states, saves their evidence, and sends their alerts. A full disk
 * stops nothing.
 */
export class IncidentReporter {
  readonly #clock: Clock
  readonly #options: ReporterOptions
  #observed: Omit<Observed, 'service'> = { now: undefined, last: undefined, memoryKills: memoryKills() }
  /** The incident that evidence was gathered for last, in its current state, and where its bot was stuck. */
  #latest: { incident: Incident; where: Where | undefined } | undefined
  #gathering: Promise<void> = Promise.resolve()

  /** The run of the bot that is under way, or was the last. */
  #run: string | undefined
  /** The newest incident that could not be saved so far. */
  #unsaved: Incident | undefined

  constructor(clock: Clock, options: ReporterOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** Takes in the bot's health at an observation, for the evidence. */
  observed(health: Health): void {
    const last = health.report === undefined ? this.#observed.last : { at: this.#clock.now(), health }
    this.#observed = { now: health, last, memoryKills: memoryKills() }
    if (this.#unsaved !== undefined) this.#save(this.#unsaved)
  }

  report(incident: Incident): void {
    const { log, journal, beat } = this.#options
    const { why, state, ends, restartsBegun } = incident
    const crash_loop = isCrashLoop(incident)
    const name = incidentName(incident)
    log[state === 'recovered' ? 'info' : 'error'](`incident ${name}: ${whyText(incident)}, ${stateText(state)}`)
    this.#save(incident)
    this.#bestEffort('the journal', () =>
      journal('incident', { incident: name, why, crash_loop, state, ends, restarts_begun: restartsBegun }),
    )
    if (this.#latest?.incident.id === incident.id) this.#latest.incident = incident
    this.alert(incident)
    if (ATTENTION.includes(state)) beat(this.#failing(incident))
  }

  /** Returns what the outside monitor is told of an incident. */
  #failing(incident: Incident): Beat {
    const { paths } = this.#options
    const message = `${headline(incident)}. ${story(incident)} See: catalyst incident show ${incidentName(incident)}`
    const lines = async () => (await newestLines(paths.logs)).map(({ text }) => quotedLine(text))
    return { is: 'failing', message, run: this.#run, lines }
  }

  /** Takes in which run of the bot is under way. */
  runs(run: string | undefined): void {
    this.#run = run
  }

  /** Returns whether an incident should have evidence, and has none yet. */
  lacksEvidence({ id, state }: Incident): boolean {
    return ATTENTION.includes(state) && this.#latest?.incident.id !== id
  }

  /**
   * Gathers and saves the evidence of an incident, one after the other; its alert then says where the bot was stuck.
   */
  gather(incident: Incident): Promise<void> {
    const { paths, log, incidents, service } = this.#options
    const seen = { ...this.#observed, service }
    const latest = { incident, where: undefined as Where | undefined }
    this.#latest = latest
    const gather = async () => {
      const { evidence, log: lines } = await gatherEvidence(this.#clock, paths, incident, seen)
      latest.where = evidence.where ?? undefined
      const isSaved = this.#bestEffort('the evidence', () => incidents.saveEvidence(incident, evidence, lines))
      if (isSaved) log.info(`evidence: catalyst incident show ${incidentName(incident)}`)
      if (this.#latest === latest) this.alert(latest.incident)
    }
    this.#gathering = this.#gathering.then(gather).catch((error) => log.error(`no evidence: ${messageOf(error)}`))
    return this.#gathering
  }

  /** Hands the alert of an incident to the queue; a later one of the same incident replaces it. */
  alert(incident: Incident): void {
    const { alert } = this.#options
    const where = this.#latest?.incident.id === incident.id ? this.#latest.where : this.#savedWhere(incident)
    this.#bestEffort('the alert', () => alert(incident, where))
  }

  /** Returns where the bot was stuck, by the evidence that an earlier watchdog has saved. */
  #savedWhere(incident: Incident): Where | undefined {
    try {
      return this.#options.incidents.evidence(incidentName(incident), 'first')?.where ?? undefined
    } catch {
      return undefined // the alert matters more than its detail
    }
  }

  /** Saves an incident; one that a full disk refuses is saved at an observation after there is room. */
  #save(incident: Incident): void {
    const write = () => this.#options.incidents.save(incident, this.#clock.now())
    const isKnown = this.#unsaved === incident // its failure was logged
    const isSaved = isKnown ? bestEffort(write, () => {}) : this.#bestEffort('the incident', write)
    this.#unsaved = isSaved ? undefined : incident
  }

  #bestEffort(what: string, write: () => void): boolean {
    const { log, paths } = this.#options
    const textOf = (error: unknown) => writeFault(error, paths.home)
    return bestEffort(write, (fault) => log.error(`${what} can't be written: ${fault}`), textOf)
  }
}
