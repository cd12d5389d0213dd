import { timeName } from '#core/text.js'

/** Why an incident was opened. */
export type Why = 'ended' | 'down' | 'hangs' | 'silent' | 'memory' | 'settings'

/** How far it has come. */
export type IncidentState = 'detected' | 'restarting' | 'recovered' | 'needs you'

/** One outage, from the first sign to the recovery. Times are wall times, in ms since 1970. */
export interface Incident {
  /** Names it, also on disk: the time it was opened. */
  readonly id: number
  /** Since when the bot was away: its last sign of life. */
  readonly since: number
  /** Why it was opened; what came to light later is in `why`. */
  readonly opened: Why
  readonly why: Why
  readonly state: IncidentState
  /** Of why `ended`: how often by now. */
  readonly ends: number
  /** The last end's exit code; null where it was killed or nobody knows. */
  readonly exit: number | null
  /** Rescues begun for it. */
  readonly rescues: number
  readonly recoveredAt: number | undefined
}

/** Another end this soon after the recovery is the same incident. */
const REOPEN_MS = 10 * 60_000

type OpenIncident = Incident & { readonly state: Exclude<IncidentState, 'recovered'> }

export function isOpen(incident: Incident | undefined): incident is OpenIncident {
  return incident !== undefined && incident.state !== 'recovered'
}

/** Whether another end belongs to this incident: it is open, or was closed a moment ago and was one of ends, too. */
export function takesEnd(incident: Incident | undefined, wall: number): incident is Incident {
  if (isOpen(incident)) return true
  if (incident?.opened !== 'ended') return false
  // a recovery that seems to lie far ahead was before the clock was set back: nobody would notice an edit of its message
  return Math.abs(wall - (incident.recoveredAt ?? wall)) < REOPEN_MS
}

/** Ends from this one on are a crash loop. */
const LOOP_ENDS = 5

export function isCrashLoop({ ends }: Incident): boolean {
  return ends >= LOOP_ENDS
}

export function openIncident(why: Why, wall: number, exit: number | null = null, since = wall): Incident {
  return { id: wall, since, opened: why, why, state: 'detected', ends: 0, exit, rescues: 0, recoveredAt: undefined }
}

/** Its name, also on disk: `<time>-<why it was opened>`. */
export function incidentName({ id, opened }: Pick<Incident, 'id' | 'opened'>): string {
  return `${timeName(id)}-${opened}`
}
