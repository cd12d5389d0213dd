import { fullFlag } from '#cli/base-command.js'
import { backupLines } from '#cli/deploy/backup-text.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import type { Backup } from '#core/deploy/settings/backups.js'

export default class DeployBackups extends DeployCommand {
  static override summary = 'List the backups of the settings, newest first.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  static override flags = { full: fullFlag }

  async run(): Promise<readonly Backup[]> {
    const { flags } = await this.parse(DeployBackups)
    const { Backups } = await import('#core/deploy/settings/backups.js')
    const backups = new Backups(this.home(flags)).list()
    this.sayList(backupLines(backups), { full: flags.full, command: 'catalyst deploy backups' })
    return backups
  }
}
