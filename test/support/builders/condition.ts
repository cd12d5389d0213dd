import type { Condition, ServiceFacts, VersionFacts, WatchdogFacts, Work } from '#core/condition/condition.js'

const NOON = '2026-03-01T12:00:00.000Z'

export const A_WORK: Work = {
  last_cycle_seconds_ago: 3,
  cycles_today: 412,
  errors_last_hour: 0,
  memory_bytes: 82 * 1024 * 1024,
  uptime_seconds: 11_400,
  proof: 'cycle',
  busy: null,
  starting: null,
}

/** Returns a watchdog that runs and has nothing to do, with what differs from that. */
export function aWatchdog(changes: Partial<WatchdogFacts> = {}): WatchdogFacts {
  return {
    running: true,
    enabled: true,
    pid: 12,
    shared: false,
    last_check: NOON,
    late: false,
    next_check: NOON,
    restarts_used: 0,
    restarts_left: 3,
    next_restart: null,
    incident: null,
    ...changes,
  }
}

/** Returns an incident about which the watchdog does no more. */
export function anOpenIncident(): NonNullable<WatchdogFacts['incident']> {
  return {
    name: '20260301T115500000Z-hangs',
    since: '2026-03-01T11:55:00.000Z',
    why: 'hangs',
    state: 'needs_attention',
    ends: 0,
    attention: { why: 'restarts_used_up', next_restart: null },
  }
}

/** Returns a service that runs, with what differs from that. */
export function aService(changes: Partial<ServiceFacts> = {}): ServiceFacts {
  return {
    name: 'NewsBot',
    role: 'bot',
    manager: 'systemd',
    scope: 'user',
    state: 'running',
    words: 'active (running)',
    pid: 7,
    since: '2026-03-01T08:50:00.000Z',
    restarts: 0,
    automatic: true,
    warnings: [],
    ...changes,
  }
}

/** Returns a version, with what differs from a good one. */
export function aVersion(release: string, changes: Partial<VersionFacts> = {}): VersionFacts {
  return { release, tag: null, rating: 'good', reason: 'healthy', ...changes }
}

/** Returns the condition of a bot that works and runs by hand, with what differs from that. */
export function aCondition(changes: Partial<Condition> = {}): Condition {
  return {
    time: NOON,
    home: '/srv/news',
    name: 'NewsBot',
    health: { status: 'healthy', reasons: [], since: '2026-03-01T08:50:03.000Z' },
    settings_faults: [],
    process: { pid: 7, since: '2026-03-01T08:50:00.000Z', release: null },
    work: A_WORK,
    waits: null,
    stopped_by: null,
    last_exit: null,
    services: [],
    watchdog: aWatchdog({ running: false, enabled: false, pid: null }),
    paused: null,
    release: {
      active: null,
      since: null,
      previous: null,
      last_good: null,
      bakes_until: null,
      runtime_fault: null,
      unfinished: null,
    },
    backups: null,
    failing_alerts: [],
    events: [
      { time: '2026-03-01T08:50:00.000Z', kind: 'bot.start', text: 'the bot started (pid 7) as the working tree' },
    ],
    missing: [],
    next: null,
    ...changes,
  }
}

/** What differs in the condition of a bot that does not run. */
export const DOWN = {
  health: { status: 'unreachable', reasons: ['no bot runs in /srv/news'], since: null },
  process: null,
  work: null,
} as const satisfies Partial<Condition>
