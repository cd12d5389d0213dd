import { backupLines } from '#cli/backup-text.js'
import { DeployCommand } from '#cli/deploy-command.js'
import type { Backup } from '#core/deploy/backups.js'
import { actingAs } from '#core/system/users.js'

export default class DeployBackups extends DeployCommand {
  static override summary = 'List the backups of the settings, newest first.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<readonly Backup[]> {
    const { flags } = await this.parse(DeployBackups)
    const { owner, paths } = this.settingsHome(flags)
    const { Backups } = await import('#core/deploy/backups.js')
    const backups = actingAs(owner, () => new Backups(paths.backups).list())
    this.say(backupLines(backups))
    return backups
  }
}
