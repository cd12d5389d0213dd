import { Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy-command.js'
import type { Backup } from '#core/deploy/backups.js'
import { actingAs } from '#core/system/users.js'

export default class DeployBackup extends DeployCommand {
  static override summary = 'Keep the settings (.env) as they are now.'
  static override description =
    'A backup is readable by the owner of the home alone, and is proven to be whole right after it was made. The newest BACKUP_KEEP are kept.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --name before-move',
  ]
  static override flags = {
    name: Flags.string({ summary: 'A name to find it by.', helpValue: 'NAME' }),
  }

  async run(): Promise<Backup> {
    const { flags } = await this.parse(DeployBackup)
    const { owner, ...home } = this.settingsHome(flags)
    const { backUp } = await import('#core/deploy/settings-backup.js')
    const { keepOutOfGit } = await import('#core/deploy/keep-out-of-git.js')
    await keepOutOfGit(home.paths, owner)
    const backup = actingAs(owner, () => backUp(home, 'by hand', flags.name))
    this.log(`Kept, and read again: ${backup.id}`)
    return backup
  }
}
