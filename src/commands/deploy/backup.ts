import { Flags } from '@oclif/core'
import { backedUpText } from '#cli/deploy/backup-text.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import type { Backup } from '#core/deploy/settings/backups.js'

export default class DeployBackup extends DeployCommand {
  static override summary = 'Back up the settings (.env) as they are now.'
  static override description =
    'A backup is readable by the owner of the home alone, and is verified right after it was made. It is plain text, unless SETTINGS_BACKUP_RECIPIENT seals it. The newest BACKUP_KEEP stay.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --name before-move',
  ]
  static override flags = {
    name: Flags.string({ summary: 'A label for it.', helpValue: 'NAME' }),
  }

  async run(): Promise<Backup> {
    const { flags } = await this.parse(DeployBackup)
    const home = this.home(flags)
    const { backUp } = await import('#core/deploy/settings/settings-backup.js')
    const { keepOutOfGit } = await import('#core/deploy/git/keep-out-of-git.js')
    await keepOutOfGit(home)
    const backup = await backUp(home, 'by hand', flags.name)
    this.log(backedUpText(backup))
    return backup
  }
}
