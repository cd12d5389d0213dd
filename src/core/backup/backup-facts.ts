import type { Settings } from '#core/config/schema.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type AnyFamily, flag, gauge, timestamp } from '#core/metrics/family.js'
import { isoOf } from '#core/text.js'
import { backupFault, readBackupState } from './backup-state.js'

/** How the backups of a home are. Times are RFC 3339. */
export interface BackupFacts {
  readonly last_good: string | null
  readonly last_good_age_seconds: number | null
  /** The outcome of the last try; null before the first one. */
  readonly last_outcome: 'good' | 'partial' | 'failed' | null
  readonly last_good_test: string | null
  readonly last_good_test_age_seconds: number | null
  /** What is wrong, in words; null where nothing is. */
  readonly fault: string | null
}

/** Returns how the backups of a home are; null where none are set up. */
export function backupFacts(paths: HomePaths, settings: Settings, now: number): BackupFacts | null {
  if (settings.BACKUP_REPOSITORY === undefined) return null
  const state = readBackupState(paths)
  const ageOf = (at: number | undefined) => (at === undefined ? null : Math.round((now - at) / 1000))
  const [good, test] = [state?.last_good?.at, state?.last_good_test?.at]
  return {
    last_good: isoOf(good),
    last_good_age_seconds: ageOf(good),
    last_outcome: state?.last_run?.outcome ?? null,
    last_good_test: isoOf(test),
    last_good_test_age_seconds: ageOf(test),
    fault: backupFault(state, settings, now)?.text ?? null,
  }
}

/** Returns the metrics of a home's backups; none where none are set up. */
export function backupMetrics(paths: HomePaths, settings: Settings, now: number): AnyFamily[] {
  const facts = backupFacts(paths, settings, now)
  if (facts === null) return []
  const at = (time: string | null) => timestamp(time === null ? 0 : Date.parse(time))
  return [
    gauge(
      'catalyst_backup_last_good_timestamp_seconds',
      'Time of the newest backup that holds all it was to hold; 0 before the first.',
      at(facts.last_good),
    ),
    gauge(
      'catalyst_backup_last_good_restore_test_timestamp_seconds',
      'Time of the newest restore test that has passed; 0 before the first.',
      at(facts.last_good_test),
    ),
    gauge(
      'catalyst_backup_max_age_seconds',
      'Age above which the newest good backup is too old, by BACKUP_MAX_AGE_HOURS.',
      settings.BACKUP_MAX_AGE_HOURS * 3600,
    ),
    ...(settings.BACKUP_TEST_DAYS === 0
      ? []
      : [
          gauge(
            'catalyst_backup_test_interval_seconds',
            'Time from one restore test to the next, by BACKUP_TEST_DAYS; missing where none are made.',
            settings.BACKUP_TEST_DAYS * 86_400,
          ),
        ]),
    gauge(
      'catalyst_backup_needs_attention',
      'Whether the newest good backup is too old, or the last restore test has failed.',
      flag(facts.fault !== null),
    ),
  ]
}
