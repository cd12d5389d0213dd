import { BackupCommand } from '#cli/backup/backup-command.js'
import { restoreTestText } from '#cli/backup/home-backup-text.js'
import type { RestoreTest } from '#core/backup/test-restore.js'

export default class BackupCheck extends BackupCommand {
  static override summary = 'Check that the newest backup can be restored.'
  static override description =
    'The repository is checked, and the newest backup restored into a folder of its own in .catalyst/, which is removed again. Every file must come back as it was backed up, and every SQLite database must pass its integrity check. The bot is not disturbed.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<RestoreTest> {
    const { flags } = await this.parse(BackupCheck)
    const home = this.home(flags)
    const { testRestore } = await import('#core/backup/test-restore.js')
    const { alertBackups } = await import('#core/backup/backup-alert.js')
    try {
      const passed = await this.withProgress((hooks) => testRestore(home, hooks))
      this.say(restoreTestText(passed))
      return passed
    } finally {
      await alertBackups(home, (text) => this.warn(text))
    }
  }
}
