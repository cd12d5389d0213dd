import { join } from 'node:path'

/** Returns the paths of everything in a home. `.catalyst/` is ours, `data/` is the bot's and outlives releases. */
export function homePaths(home: string) {
  const own = join(home, '.catalyst')
  const state = join(own, 'state')
  const data = join(home, 'data')
  return {
    home,
    own,
    data,
    logs: join(data, 'logs'),
    journal: join(own, 'journal.jsonl'),
    state,
    bot: join(state, 'bot.json'),
    counters: join(state, 'counters.json'),
    history: join(own, 'history.jsonl'),
    rhythm: join(state, 'rhythm.json'),
    services: join(state, 'services.json'),
    serviceLock: join(state, 'services.lock'),
    desiredState: join(state, 'desired-state.json'),
    /** Its name before 0.2. */
    wanted: join(state, 'wanted.json'),
    unwrittenStarts: join(state, 'unwritten-starts.json'),
    /** A pause of the watchdog. */
    pause: join(state, 'pause.json'),
    watchdog: join(state, 'watchdog.json'),
    watchdogLock: join(state, 'watchdog.lock'),
    alerts: join(state, 'alerts'),
    alertsLock: join(state, 'alerts.lock'),
    deployLock: join(state, 'deploy.lock'),
    deployment: join(state, 'deployment.json'),
    ratings: join(state, 'ratings.json'),
    incidents: join(own, 'incidents'),
    backups: join(own, 'backups'),
    /** The state of the backups of the home. */
    backup: join(state, 'backup.json'),
    backupAlert: join(state, 'backup-alert.json'),
    backupLock: join(state, 'backup.lock'),
    /** Copies of databases, for a backup that is under way. */
    staging: join(own, 'staging'),
    resticCache: join(own, 'cache', 'restic'),
    /** What a restore has fetched, and the record of it while it replaces files. */
    restore: join(own, 'restore'),
    restoring: join(own, 'restore', 'restoring.json'),
    /** What restores have replaced. */
    undo: join(own, 'undo'),
    env: join(home, '.env'),
    releases: join(own, 'releases'),
    activeRelease: join(own, 'releases', 'active.json'),
  } as const
}

export type HomePaths = ReturnType<typeof homePaths>
