import { readConfig } from '#core/config/load.js'
import { secretForms } from '#core/config/secrets.js'
import type { SettingsHome } from '#core/deploy/settings-backup.js'
import { openJournal } from '#core/journal/journal.js'
import { redactor } from '#core/logging/redact.js'
import { realClock } from '#core/system/clock.js'
import { actingAs, ownerOf, type User } from '#core/system/users.js'
import { BaseCommand } from './base-command.js'

/** What the commands on versions and settings share. */
export abstract class DeployCommand extends BaseCommand {
  static override enableJsonFlag = true

  /** The home with its settings, which may have faults: a restore is to mend them. */
  protected settingsHome(flags: { home?: string | undefined }): SettingsHome & { readonly owner: User } {
    const paths = this.paths(flags)
    const owner = ownerOf(paths.home)
    const config = actingAs(owner, () => readConfig(paths.home, process.env))
    const journal = openJournal(realClock, paths.journal, redactor(secretForms(config.environment)))
    return { clock: realClock, paths, settings: config.settings, journal, owner }
  }
}
