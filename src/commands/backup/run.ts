import { Flags } from '@oclif/core'
import { BackupCommand } from '#cli/backup/backup-command.js'
import { backedUpText } from '#cli/backup/home-backup-text.js'
import type { BackedUp } from '#core/backup/run-backup.js'

/** The exit code for a backup that lacks something, as restic has it. */
const PARTIAL = 3

export default class BackupRun extends BackupCommand {
  static override summary = 'Back up settings and data, encrypted, to BACKUP_REPOSITORY.'
  static override description =
    `The home's settings, data, journal, incidents and settings backups go there, by restic; of releases, caches and logs nothing does. Only what has changed is sent. SQLite databases are copied by their online backup first, while the bot goes on. Then the backups beyond BACKUP_KEEP_DAILY, BACKUP_KEEP_WEEKLY and BACKUP_KEEP_MONTHLY are removed. Ctrl-C cancels it; what was sent is not sent again.

Exit codes: 0 all is in it; 3 something could not be read, and all else is in it; 1 there is no new backup; 75 somebody else uses the repository; 78 the settings are wrong.`
  static override examples = [
    { description: 'The first time:', command: '<%= config.bin %> <%= command.id %> --init' },
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override flags = {
    init: Flags.boolean({ summary: 'Make the repository, where there is none yet.' }),
    test: Flags.boolean({
      summary: 'Follow it by a restore test, if one is due (BACKUP_TEST_DAYS), as scheduled ones do.',
    }),
  }

  async run(): Promise<BackedUp> {
    const { flags } = await this.parse(BackupRun)
    const home = this.home(flags)
    const { runBackup } = await import('#core/backup/run-backup.js')
    const { alertBackups } = await import('#core/backup/backup-alert.js')
    const { testIfDue } = await import('#core/backup/test-restore.js')
    try {
      const made = await this.withProgress((hooks) => runBackup(home, hooks, { creates: flags.init }))
      this.say(backedUpText(made))
      if (made.outcome === 'partial') process.exitCode = PARTIAL
      if (flags.test) await this.withProgress((hooks) => testIfDue(home, hooks))
      return made
    } finally {
      await alertBackups(home, (text) => this.warn(text))
    }
  }
}
