import type { Settings } from '#core/config/schema.js'
import type { HomeFiles } from '#core/home/home.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { duration, localTime } from '#core/text.js'

/** The content of `.catalyst/state/backup.json`. Times are wall times, in ms since 1970. */
export interface BackupState {
  /** The last backup; null before the first one. */
  readonly last_run: { readonly at: number; readonly outcome: BackupOutcome; readonly why: string | null } | null
  /** The newest backup that holds all it was to hold. */
  readonly last_good: { readonly at: number; readonly backup: string } | null
  readonly last_test: { readonly at: number; readonly backup: string | null; readonly fault: string | null } | null
  /** The newest restore test that has passed. */
  readonly last_good_test: { readonly at: number; readonly backup: string } | null
  /** The newest backup, good or partial; the next one sends what has changed since. */
  readonly newest?: string
  /** The last time that the retention was enforced. */
  readonly kept_at?: number
  /** The time from which on there is to be a good backup: that of the first try. */
  readonly since: number
}

type BackupOutcome = 'good' | 'partial' | 'failed'

const isRecord = (value: unknown) => value === null || typeof (value as { at?: unknown } | undefined)?.at === 'number'

/** Reads the state; undefined where no backup was ever tried. */
export function readBackupState({ backup }: HomePaths): BackupState | undefined {
  return readJson<BackupState>(
    backup,
    ({ since, last_run, last_good, last_test, last_good_test }) =>
      typeof since === 'number' && [last_run, last_good, last_test, last_good_test].every(isRecord),
  )
}

/** Writes what has changed in the state. */
export function updateBackupState({ paths, asOwner }: HomeFiles, now: number, more: Partial<BackupState>): void {
  asOwner(() => {
    const first: BackupState = { last_run: null, last_good: null, last_test: null, last_good_test: null, since: now }
    writeJson(paths.backup, { ...first, ...readBackupState(paths), ...more })
  })
}

/** Returns whether old backups are to be removed now: once a day is enough. */
export function isRetentionDue(state: BackupState | undefined, now: number): boolean {
  const at = state?.kept_at
  return at === undefined || now - at >= DAY_MS - 4 * HOUR_MS || at > now
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** The room for a clock that is set: a backup from further ahead says nothing of its age. */
const AHEAD_MS = HOUR_MS

/** What is wrong with the backups of a home. */
export interface BackupFault {
  /** `test`: a restore test has failed; `age`: the newest good backup is too old, or there is none. */
  readonly kind: 'test' | 'age'
  readonly text: string
}

/** Returns what is wrong with the backups of a home; undefined where nothing is, or none were ever tried. */
export function backupFault(state: BackupState | undefined, settings: Settings, now: number): BackupFault | undefined {
  if (settings.BACKUP_REPOSITORY === undefined || state === undefined) return undefined
  const { last_good, last_test, last_run, since } = state
  if (last_test !== null && last_test.fault !== null)
    return { kind: 'test', text: `The restore test of the backups failed: ${last_test.fault}` }
  const limitMs = settings.BACKUP_MAX_AGE_HOURS * HOUR_MS
  const at = last_good?.at ?? since
  if (now - at <= limitMs && at - now <= AHEAD_MS) return undefined
  const why = last_run?.why ?? null
  const because = why === null ? '' : ` The last try: ${why}`
  return { kind: 'age', text: `${ageText(last_good?.at, since, now)}${because}` }
}

function ageText(at: number | undefined, since: number, now: number): string {
  if (at === undefined) return `There is no good backup since the first try, ${localTime(since)}.`
  if (at > now) return `The newest good backup is from ${localTime(at)}, which is still to come: the clock was set.`
  return `The newest good backup is ${duration(now - at)} old.`
}

/** Returns whether a backup that is scheduled is to be followed by a restore test. */
export function isTestDue(state: BackupState | undefined, { BACKUP_TEST_DAYS: days }: Settings, now: number): boolean {
  if (days === 0) return false
  const at = state?.last_good_test?.at
  // a daily timer is early by a minute at times: a test that is due in an hour is due
  return at === undefined || now - at >= days * DAY_MS - HOUR_MS || at - now > AHEAD_MS
}
