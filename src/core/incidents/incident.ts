import { isTime, timeName } from '#core/text.js'

export const WHYS = ['ended', 'down', 'hangs', 'silent', 'memory', 'settings', 'deaf'] as const

/** The cause of an incident. */
export type Why = (typeof WHYS)[number]

/** The state of an incident. */
export type IncidentState = 'detected' | 'restarting' | 'recovered' | 'needs_attention'

/** An outage, from the first sign to the recovery. Times are wall times, in ms since 1970. */
export interface Incident {
  /** The time at which it was opened, which names it, also on disk. */
  readonly id: number
  /** The last sign of life of the bot. */
  readonly since: number
  /** The cause for which it was opened; one that came to light later is in `why`. */
  readonly opened: Why
  readonly why: Why
  readonly state: IncidentState
  /** The number of exits that nobody asked for. */
  readonly ends: number
  /** The exit code of the last exit; null where it was killed, or that isn't known. */
  readonly exit: number | null
  /** The error that it printed last before that exit, in one line, where it is known. */
  readonly error?: string | undefined
  /** The number of restarts begun for it. */
  readonly restartsBegun: number
  /** The number of those in which the bot was restarted; undefined where an older version wrote it. */
  readonly restarts?: number
  readonly recoveredAt: number | undefined
  /** The reason for which nothing more is done, of an incident that needs attention. */
  readonly attention?: Attention | undefined
  /** The memory that the bot took, of an incident of too much memory. */
  readonly memory?: Memory | undefined
  /** The signs that the bot was deaf, in words. */
  readonly signs?: readonly string[]
  /** The release that ran; null: the working tree. Undefined where that isn't known. */
  readonly release?: string | null | undefined
}

/** The reason for which nothing more is done about an incident, for now. */
export interface Attention {
  readonly why: 'restarts_used_up' | 'restarts_switched_off' | 'not_retried' | 'not_proof'
  /** The restart budget: the restarts allowed in an hour. */
  readonly limit: number
  /** The time from which the next restart is possible, as wall time in ms; undefined where none will be made. */
  readonly nextRestartAt?: number | undefined
}

/** The memory that a bot took, and its limit. */
export interface Memory {
  readonly used_mb: number
  readonly limit_mb: number
}

/** The time after the recovery in which another exit belongs to the same incident. */
const REOPEN_MS = 10 * 60_000

type OpenIncident = Incident & { readonly state: Exclude<IncidentState, 'recovered'> }

export function isOpen(incident: Incident | undefined): incident is OpenIncident {
  return incident !== undefined && incident.state !== 'recovered'
}

/** Returns whether an incident belongs to another release than this one. */
export function isOfAnotherRelease({ release: its }: Incident, release: Incident['release']): boolean {
  return its !== undefined && release !== undefined && its !== release
}

/**
 * Returns whether another exit of this release belongs to this incident: the incident is open, or was closed a moment
 * ago and was one of exits, too. The exits of another version have causes of their own.
 */
export function takesExit(
  incident: Incident | undefined,
  wall: number,
  release: Incident['release'],
): incident is Incident {
  if (incident !== undefined && isOfAnotherRelease(incident, release)) return false
  if (isOpen(incident)) return true
  if (incident?.opened !== 'ended') return false
  // a recovery that seems to lie far ahead was before the clock was set back: nobody would notice an edit of its message
  return Math.abs(wall - (incident.recoveredAt ?? wall)) < REOPEN_MS
}

/** The number of exits from which on they are a crash loop. */
const LOOP_EXITS = 5

export function isCrashLoop({ ends }: Pick<Incident, 'ends'>): boolean {
  return ends >= LOOP_EXITS
}

export function openIncident(why: Why, wall: number, exit: number | null = null, since = wall): Incident {
  return {
    id: wall,
    since,
    opened: why,
    why,
    state: 'detected',
    ends: 0,
    exit,
    restartsBegun: 0,
    restarts: 0,
    recoveredAt: undefined,
  }
}

/** Returns the number of restarts made for an incident. */
export function restartsOf({ restarts, restartsBegun }: Pick<Incident, 'restarts' | 'restartsBegun'>): number {
  return restarts ?? restartsBegun
}

/** Returns the name of an incident, also on disk: `<time>-<why it was opened>`. */
export function incidentName({ id, opened }: Pick<Incident, 'id' | 'opened'>): string {
  return `${timeName(id)}-${opened}`
}

/** Returns whether a value from a file is an incident. The cause it was opened for is a part of its folder's name. */
export function isIncident(value: unknown): value is Incident {
  if (typeof value !== 'object' || value === null) return false
  const { id, since, opened, why, state, ends, exit, restartsBegun, recoveredAt, signs } = value as Record<
    string,
    unknown
  >
  return (
    [id, since].every(isTime) &&
    (recoveredAt === undefined || isTime(recoveredAt)) &&
    (signs === undefined || (Array.isArray(signs) && signs.every((one) => typeof one === 'string'))) &&
    typeof opened === 'string' &&
    /^[a-z]+$/.test(opened) &&
    [why, state].every((one) => typeof one === 'string') &&
    [ends, restartsBegun].every(Number.isSafeInteger) &&
    (exit === null || Number.isSafeInteger(exit))
  )
}
