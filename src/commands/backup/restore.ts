import { Args, Flags } from '@oclif/core'
import { BackupCommand } from '#cli/backup/backup-command.js'
import { homeRestoredText, restorePlanText } from '#cli/backup/home-backup-text.js'
import { demandYes } from '#cli/prompts.js'
import type { Restored } from '#core/backup/restore/restore-backup.js'
import type { Starter } from '#core/backup/restore/start-on-it.js'
import { Home } from '#core/home/home.js'
import { realClock } from '#core/platform/clock.js'

export default class BackupRestore extends BackupCommand {
  static override summary = 'Restore the home from a backup.'
  static override description =
    `Folders get what they had then, and nothing else; the log stays. It shows what is replaced, and asks. It is refused while the bot runs, unless --start restarts it. All is fetched and checked before anything is changed. What is replaced is kept, so that --undo can put it back. Catalyst's own journal, incidents and ratings come back only where they are missing.

Exit codes: 0 it is restored, and with --start the bot is healthy; 1 it is not, and nothing was changed, or the bot is not healthy; 75 the bot runs, or somebody else is changing the home; 78 the settings are wrong.`
  static override examples = [
    { description: 'The newest:', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'And the bot back at work on it:', command: '<%= config.bin %> <%= command.id %> --start' },
    '<%= config.bin %> <%= command.id %> 1a2b3c4d --yes',
    {
      description: 'One file, or elsewhere:',
      command: '<%= config.bin %> <%= command.id %> latest --only data/bot.db',
    },
    '<%= config.bin %> <%= command.id %> latest --to /tmp/look',
    {
      description: 'Back from it, under a bot that runs:',
      command: '<%= config.bin %> <%= command.id %> --undo --start',
    },
  ]
  static override args = {
    backup: Args.string({ description: 'Its id, or the beginning of it. Default: the newest of this home.' }),
  }
  static override flags = {
    only: Flags.string({ summary: 'Only this file or folder, relative to the home.', helpValue: 'PATH' }),
    to: Flags.string({
      summary: 'Into this empty folder; the home stays as it is.',
      helpValue: 'FOLDER',
      exclusive: ['start', 'undo'],
    }),
    start: Flags.boolean({
      summary: 'Have the bot restarted on it, or started, by its service or watchdog, and wait until it is healthy.',
    }),
    undo: Flags.boolean({ summary: 'Put back what the last restore has replaced.', exclusive: ['only', 'to'] }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  }

  async run(): Promise<Restored | undefined> {
    const { args, flags } = await this.parse(BackupRestore)
    if (flags.start) {
      const { restoreForOwner } = await import('#core/backup/restore/start-on-it.js')
      const exit = await restoreForOwner(Home.open(realClock, this.paths(flags), process.env))
      if (exit !== undefined) {
        process.exitCode = exit
        return undefined // the child has told all
      }
    }
    const home = this.home(flags)
    const { planRestore, restoreTo } = await import('#core/backup/restore/restore-backup.js')
    const { only, to } = flags
    const { findStarter } = await import('#core/backup/restore/start-on-it.js')
    if (to === undefined) await this.settle(home, flags.start)
    const starter = flags.start ? await findStarter(home) : undefined
    if (flags.undo) return this.undo(home, flags.yes, starter)
    const plan = await this.withProgress((hooks) => planRestore(home, args.backup, { ...hooks, only }))
    if (to !== undefined) return this.told(await this.withProgress(({ signal }) => restoreTo(home, plan, to, signal)))
    this.log(restorePlanText(plan))
    await demandYes(flags.yes, 'A restore', 'Restore it?', false)
    return this.changing(home, 'a restore', async () => {
      const { restoreBackup } = await import('#core/backup/restore/restore-backup.js')
      return this.withProgress(({ signal, say }) => {
        say(`Restoring ${plan.backup.id}`)
        return restoreBackup(home, plan, signal, starter)
      })
    })
  }

  private async undo(home: Home, isSure: boolean, starter: Starter | undefined): Promise<Restored> {
    await demandYes(isSure, 'The undo of a restore', 'Put back what the last restore has replaced?', false)
    const { undoRestore } = await import('#core/backup/restore/restore-backup.js')
    return this.changing(home, 'the undo of a restore', () => undoRestore(home, starter))
  }

  /** Finishes a restore that was interrupted. */
  private async settle(home: Home, mayRestart: boolean): Promise<void> {
    const { finishInterrupted } = await import('#core/backup/restore/restore-backup.js')
    const finished = await finishInterrupted(home, mayRestart)
    if (finished !== undefined) this.logToStderr(`The restore of ${finished} was interrupted: it is finished now.`)
  }

  /** Changes the home while nobody else can change its version or its settings. */
  private async changing(home: Home, what: string, work: () => Promise<Restored>): Promise<Restored> {
    const { lockVersion } = await import('#core/deploy/deploy-lock.js')
    const { refuseInterrupted } = await import('#core/deploy/deployment-file.js')
    using _lock = await lockVersion(home, what)
    refuseInterrupted(home)
    return this.told(await work())
  }

  private told(restored: Restored): Restored {
    this.say(homeRestoredText(restored))
    return restored
  }
}
