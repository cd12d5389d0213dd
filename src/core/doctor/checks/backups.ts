import { type BackupFacts, backupFacts } from '#core/backup/backup-facts.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { duration } from '#core/text.js'

/** Judges the age of the backups, and of their last restore test. */
export function judgeBackups(facts: BackupFacts | null): Judged[] {
  if (facts === null) return [ok('none are set up (BACKUP_REPOSITORY)')]
  const { last_good_age_seconds: age, last_good_test_age_seconds: testAge, last_outcome } = facts
  if (last_outcome === null) return [warning('set up, and none was ever made', 'catalyst backup run --init')]
  if (facts.fault !== null) return [fault(facts.fault.replace(/\.$/, ''), 'catalyst backup run')]
  const good = `the newest good one is ${duration((age ?? 0) * 1000)} old`
  if (last_outcome !== 'good')
    return [
      warning(
        `${good}, and the last ${last_outcome === 'partial' ? 'one is partial' : 'try failed'}`,
        'catalyst backup run',
      ),
    ]
  if (testAge === null) return [warning(`${good}, and no restore test has passed`, 'catalyst backup check')]
  return [ok(`${good}; a restore test passed ${duration(testAge * 1000)} ago`)]
}

export const backupsCheck = checkOf({
  id: 'backups',
  read: ({ home }) => home.asOwner(() => backupFacts(home.paths, home.settings, home.clock.now())),
  judge: judgeBackups,
})

/** The facts about the backups of the settings. */
interface SettingsBackupFacts {
  /** The number of those in plain text. */
  readonly plain: number
  /** The recipient that new ones are sealed to. */
  readonly recipient: string | undefined
}

/** Judges who can read the backups of the settings. */
export function judgeSettingsBackups({ plain, recipient }: SettingsBackupFacts): Judged[] {
  const count = `${plain} backup${plain === 1 ? '' : 's'} of the settings`
  if (recipient === undefined)
    return [ok(plain === 0 ? 'no backup of the settings yet' : `${count}, in plain text, for the owner alone to read`)]
  if (plain === 0) return [ok('backups of the settings are sealed')]
  return [
    warning(`${count} in plain text, from before they are sealed: the next one seals them`, 'catalyst deploy backup'),
  ]
}

export const settingsBackupsCheck = checkOf({
  id: 'sealing',
  read: ({ home }) => ({
    plain: new Backups(home).list().filter(({ sealed_to }) => sealed_to === null).length,
    recipient: home.settings.SETTINGS_BACKUP_RECIPIENT,
  }),
  judge: judgeSettingsBackups,
})
