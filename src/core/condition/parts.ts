import type { AlertsStatus } from '#core/alerts/status.js'
import type { KnownVersion, Versions } from '#core/deploy/versions.js'
import { announcedIn } from '#core/health/announced/announced.js'
import type { Health } from '#core/health/client.js'
import type { HealthReport } from '#core/health/report.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { entryText, timeline } from '#core/journal/timeline.js'
import type { ServiceStatus } from '#core/service/status/status.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'
import type {
  Condition,
  FailingAlert,
  LastSeenExit,
  ReleaseFacts,
  ServiceFacts,
  VersionFacts,
  WatchdogFacts,
  Work,
} from './condition.js'

const MB = 1024 * 1024
const EVENTS_SHOWN = 3

/**
 * Returns the health with the time since which it is so: by the bot itself; of one that gives no answer by the incident
 * that the watchdog has opened for it, else by its last exit.
 */
export function healthOf(
  { status, reasons, report }: Health,
  { exit, incident }: { exit: LastSeenExit | null; incident: WatchdogStatus['incident'] },
): Condition['health'] {
  const isOpen = incident !== null && incident.state !== 'recovered'
  const silent = exit?.at ?? (isOpen ? incident.since : null)
  const known = report === undefined ? (status === 'unreachable' ? silent : null) : report.status_since
  return { status, reasons, since: typeof known === 'string' ? known : null }
}

/** Returns the figures of a report. A bot of an older version may lack some. */
export function workOf(report: HealthReport): Work {
  return {
    last_cycle_seconds_ago: report.last_cycle_seconds_ago ?? null,
    cycles_today: report.cycles_today,
    errors_last_hour: report.errors_last_hour,
    memory_bytes: report.rss_mb * MB,
    uptime_seconds: report.uptime_seconds,
    proof: report.proof,
    busy: announcedIn(report.busy) ?? null,
    starting: announcedIn(report.starting) ?? null,
  }
}

export function serviceFacts(status: ServiceStatus): ServiceFacts {
  const { name, role, manager, scope, state, words, pid, since, restarts, automatic, warnings } = status
  return { name, role, manager, scope, state, words, pid, since, restarts, automatic, warnings }
}

export function watchdogFacts(status: WatchdogStatus): WatchdogFacts {
  const { running, enabled, pid, shared, last_check, late, next_check } = status
  const { restarts_used, restarts_left, next_restart, incident } = status
  return {
    ...{ running, enabled, pid, shared, last_check, late, next_check, restarts_used, restarts_left, next_restart },
    incident: incident === null || incident.state === 'recovered' ? null : incidentFacts(incident),
  }
}

function incidentFacts(incident: NonNullable<WatchdogStatus['incident']>): WatchdogFacts['incident'] {
  const { name, since, why, state, ends, attention } = incident
  return { name, since, why, state, ends, attention }
}

export function releaseFacts(versions: Versions): ReleaseFacts {
  const { active, since, bakes_until, previous, last_good, runtime_fault, unfinished } = versions
  return {
    active: versionFacts(active),
    since,
    previous: versionFacts(previous),
    last_good: versionFacts(last_good),
    bakes_until,
    runtime_fault,
    unfinished,
  }
}

function versionFacts(version: KnownVersion | null): VersionFacts | null {
  if (version === null) return null
  const { release, tag, rating, reason } = version
  return { release, tag, rating, reason }
}

/** Returns the alerts that were tried in vain, oldest first. */
export function failingAlerts({ waiting, given_up }: AlertsStatus): FailingAlert[] {
  return [
    ...given_up.map(({ at: _at, ...alert }) => ({ ...alert, state: 'given_up', tries: null }) as const),
    ...waiting.flatMap(({ why, ...alert }) => (why === null ? [] : [{ ...alert, state: 'waiting', why } as const])),
  ]
}

/** Returns the last things that happened, in the words of `history`. */
export function eventsOf(entries: readonly JournalEntry[]): NonNullable<Condition['events']> {
  return timeline(entries, {})
    .slice(-EVENTS_SHOWN)
    .map((entry) => ({ time: entry.time, kind: entry.kind, text: entryText(entry) }))
}
