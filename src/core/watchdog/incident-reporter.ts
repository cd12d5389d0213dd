import type { Logger } from 'pino'
import { messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import { gatherEvidence, type Seen } from './evidence.js'
import { type Incident, type IncidentState, incidentName } from './incident.js'
import type { Incidents } from './incidents.js'
import type { Where } from './where.js'

export interface ReporterOptions {
  readonly paths: HomePaths
  readonly log: Logger
  readonly incidents: Incidents
  readonly journal: (kind: string, details: Record<string, unknown>) => void
  /** Tells the admin; `where` is known once the evidence is. */
  readonly tell: (incident: Incident, where: Where | undefined) => void
  /** Tells an outside monitor that all is well, or that there is an incident. */
  readonly beat: (isWell: boolean) => void
  /** What the keeper knows of the bot: its service manager, or the watchdog itself. */
  readonly service: () => Promise<unknown>
}

/** States of an incident that somebody should hear of at once. */
const ATTENTION: readonly IncidentState[] = ['detected', 'needs you']

/** Writes down what becomes of the incidents, keeps their evidence, and tells of them. A full disk stops nothing. */
export class IncidentReporter {
  readonly #clock: Clock
  readonly #options: ReporterOptions
  #seen: Omit<Seen, 'service'> = { now: undefined, last: undefined }
  /** The incident that evidence was gathered of last, as it is by now, and where its bot was stuck. */
  #latest: { incident: Incident; where: Where | undefined } | undefined
  #gathering: Promise<void> = Promise.resolve()

  constructor(clock: Clock, options: ReporterOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** What the bot said at a look, for the evidence. */
  saw(health: Health): void {
    const last = health.report === undefined ? this.#seen.last : { at: this.#clock.now(), health }
    this.#seen = { now: health, last }
  }

  report(incident: Incident): void {
    const { log, incidents, journal, beat } = this.#options
    const { why, state, ends, rescues } = incident
    const name = incidentName(incident)
    log[state === 'recovered' ? 'info' : 'error'](`incident ${name}: ${why}, ${state}`)
    this.#attempt('the incident', () => incidents.note(incident, this.#clock.now()))
    this.#attempt('the journal', () => journal('incident', { incident: name, why, state, ends, rescues }))
    if (this.#latest?.incident.id === incident.id) this.#latest.incident = incident
    this.#tell(incident)
    if (ATTENTION.includes(state)) beat(false)
  }

  /** Whether somebody should look at this, and nothing is known about it yet. */
  lacksEvidence({ id, state }: Incident): boolean {
    return ATTENTION.includes(state) && this.#latest?.incident.id !== id
  }

  /** Keeps the evidence of an incident, one after the other; its message then says where. */
  gather(incident: Incident): Promise<void> {
    const { paths, log, incidents, service } = this.#options
    const seen = { ...this.#seen, service }
    const latest = { incident, where: undefined as Where | undefined }
    this.#latest = latest
    const gather = async () => {
      const { evidence, log: lines } = await gatherEvidence(this.#clock, paths, incident, seen)
      latest.where = evidence.where ?? undefined
      this.#attempt('the evidence', () => incidents.keep(incident, evidence, lines))
      log.info(`evidence: catalyst incident show ${incidentName(incident)}`)
      if (this.#latest === latest) this.#tell(latest.incident)
    }
    this.#gathering = this.#gathering.then(gather).catch((error) => log.error(`no evidence: ${messageOf(error)}`))
    return this.#gathering
  }

  #tell(incident: Incident): void {
    const { tell } = this.#options
    tell(incident, this.#latest?.incident.id === incident.id ? this.#latest.where : this.#keptWhere(incident))
  }

  /** What an earlier watchdog has found out about this incident. */
  #keptWhere(incident: Incident): Where | undefined {
    try {
      return this.#options.incidents.evidence(incidentName(incident), 'first')?.where ?? undefined
    } catch {
      return undefined // the message is more than its detail
    }
  }

  #attempt(what: string, write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#options.log.error(`${what} can't be written: ${messageOf(error)}`)
    }
  }
}
