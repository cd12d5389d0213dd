import { CatalystError, EXIT } from '#core/errors.js'
import type { Evidence } from './evidence.js'
import { isCrashLoop } from './incident.js'
import { type IncidentRecord, Incidents } from './store.js'

/** An incident with its evidence. */
export interface FoundIncident {
  readonly name: string
  /** The folder of the incident. */
  readonly folder: string
  readonly incident: IncidentRecord
  readonly crash_loop: boolean
  /** The evidence from before the first restart. */
  readonly evidence: Evidence | null
  /** The evidence from before the last restart, where that was another one. */
  readonly last_evidence: Evidence | null
}

/**
 * Finds the incident whose name begins with `asked`; the last one where that is undefined.
 * @throws CatalystError INCIDENT_UNKNOWN, INCIDENT_AMBIGUOUS
 */
export function findIncident(folder: string, asked: string | undefined): FoundIncident {
  const incidents = new Incidents(folder)
  const known = incidents.list().filter((name) => incidents.read(name) !== undefined)
  const meant = asked === undefined ? known.slice(0, 1) : known.filter((name) => name.startsWith(asked))
  const [name] = meant
  if (name === undefined) throw unknown(known.length === 0 ? undefined : asked)
  if (meant.length > 1) {
    throw new CatalystError(`${meant.length} incidents begin with ${asked}.`, {
      code: 'INCIDENT_AMBIGUOUS',
      exit: EXIT.usage,
      suggestions: meant.slice(0, 5).map((one) => `catalyst incident show ${one}`),
    })
  }
  const incident = incidents.read(name) as IncidentRecord
  return {
    name,
    folder: incidents.pathOf(name),
    incident,
    crash_loop: isCrashLoop(incident),
    evidence: incidents.evidence(name, 'first') ?? null,
    last_evidence: incidents.evidence(name, 'last') ?? null,
  }
}

function unknown(asked: string | undefined): CatalystError {
  const message = asked === undefined ? 'No incident is known.' : `No incident begins with ${asked}.`
  return new CatalystError(message, {
    code: 'INCIDENT_UNKNOWN',
    exit: asked === undefined ? EXIT.failed : EXIT.usage,
    suggestions: asked === undefined ? [] : ['See those there are: catalyst incident list'],
  })
}
