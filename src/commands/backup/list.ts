import { BackupCommand } from '#cli/backup/backup-command.js'
import { homeBackupLines } from '#cli/backup/home-backup-text.js'
import { fullFlag } from '#cli/base-command.js'
import type { HomeBackup } from '#core/backup/list-backups.js'

export default class BackupList extends BackupCommand {
  static override summary = 'List the backups in BACKUP_REPOSITORY, newest first.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { full: fullFlag }

  async run(): Promise<readonly HomeBackup[]> {
    const { flags } = await this.parse(BackupList)
    const home = this.home(flags)
    const { BackupRepository } = await import('#core/backup/restic/open-repository.js')
    const { listBackups } = await import('#core/backup/list-backups.js')
    const { seriesOf } = await import('#core/backup/series.js')
    const backups = await this.withProgress(async ({ say, signal }) =>
      listBackups(await BackupRepository.open(home, say), seriesOf(home), signal),
    )
    this.sayList(homeBackupLines(backups), { full: flags.full, command: 'catalyst backup list' })
    return backups
  }
}
