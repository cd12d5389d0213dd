import type { Step } from '#core/deploy/plan.js'
import { Backups } from '#core/deploy/settings/backups.js'
import type { HomeFiles } from '#core/home/home.js'
import { withSecretsOf } from './merge-settings.js'
import { withOpenPart } from './open-part.js'

/**
 * Returns the settings that a step puts in force in the place of today's. Of a sealed backup it takes the open part: the
 * secrets are today's then, whatever the step asks for.
 * @throws CatalystError BACKUP_UNKNOWN, BACKUP_DAMAGED
 */
export function settingsAfter(
  home: HomeFiles,
  { backup: id, secrets }: Extract<Step, { do: 'settings' }>,
  today: string,
): string {
  const backups = new Backups(home)
  const backup = backups.find(id)
  if (backup.sealed_to !== null) return withOpenPart(backups.sealedOf(backup).open, today)
  const backedUp = backups.settingsOf(backup)
  return secrets === 'of today' ? withSecretsOf(backedUp, today) : backedUp
}
