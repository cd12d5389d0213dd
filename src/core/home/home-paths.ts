import { join, sep } from 'node:path'

/** Returns the paths of everything in a home. `.catalyst/` is ours, `data/` is the bot's and outlives releases. */
export function homePaths(home: string) {
  const own = join(home, '.catalyst')
  const data = join(home, 'data')
  const under = (folder: string, ...names: string[]) => [folder, ...names].join(sep) // they are clean: join() takes longer
  const state = under(own, 'state')
  return {
    home,
    own,
    data,
    logs: under(data, 'logs'),
    journal: under(own, 'journal.jsonl'),
    state,
    bot: under(state, 'bot.json'),
    counters: under(state, 'counters.json'),
    history: under(own, 'history.jsonl'),
    rhythm: under(state, 'rhythm.json'),
    services: under(state, 'services.json'),
    serviceLock: under(state, 'services.lock'),
    desiredState: under(state, 'desired-state.json'),
    /** Its name before 0.2. */
    wanted: under(state, 'wanted.json'),
    unwrittenStarts: under(state, 'unwritten-starts.json'),
    /** A pause of the watchdog. */
    pause: under(state, 'pause.json'),
    watchdog: under(state, 'watchdog.json'),
    watchdogLock: under(state, 'watchdog.lock'),
    alerts: under(state, 'alerts'),
    alertsLock: under(state, 'alerts.lock'),
    deployLock: under(state, 'deploy.lock'),
    deployment: under(state, 'deployment.json'),
    ratings: under(state, 'ratings.json'),
    incidents: under(own, 'incidents'),
    backups: under(own, 'backups'),
    /** Snapshots of the bot's data. */
    snapshots: under(own, 'snapshots'),
    /** What is to be done to the data before the bot runs. */
    dataOrders: under(state, 'data-orders'),
    /** The state of the backups of the home. */
    backup: under(state, 'backup.json'),
    backupAlert: under(state, 'backup-alert.json'),
    backupLock: under(state, 'backup.lock'),
    /** Copies of databases, for a backup that is under way. */
    staging: under(own, 'staging'),
    resticCache: under(own, 'cache', 'restic'),
    /** What a restore has fetched, and the record of it while it replaces files. */
    restore: under(own, 'restore'),
    restoring: under(own, 'restore', 'restoring.json'),
    /** What restores have replaced. */
    undo: under(own, 'undo'),
    env: join(home, '.env'),
    releases: under(own, 'releases'),
    activeRelease: under(own, 'releases', 'active.json'),
  } as const
}

export type HomePaths = ReturnType<typeof homePaths>
