import { Args, Flags } from '@oclif/core'
import { changedKeysText, restoredText } from '#cli/deploy/backup-text.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { demandYes } from '#cli/prompts.js'
import type { Restored } from '#core/deploy/settings/settings-backup.js'

export default class DeployRestore extends DeployCommand {
  static override summary = 'Put the settings of a backup in force again.'
  static override description =
    'It shows which settings change, never their values, and asks. The replaced settings are backed up first: the same command once more undoes it.'
  static override examples = [
    { description: 'The newest:', command: '<%= config.bin %> <%= command.id %>' },
    '<%= config.bin %> <%= command.id %> before-move --yes',
    { description: 'A sealed one:', command: '<%= config.bin %> <%= command.id %> --identity identity.txt' },
  ]
  static override args = {
    backup: Args.string({ description: 'Its id, the beginning of it, or its label. Default: the newest.' }),
  }
  static override flags = {
    identity: Flags.string({ summary: 'The file of the identity that opens a sealed backup.', helpValue: 'FILE' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  }

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(DeployRestore)
    const home = this.home(flags)
    const { refuseForeignState } = await import('#core/home/foreign-state.js')
    for (const warning of await refuseForeignState(home)) this.warn(`${warning}.`)
    const { findBackup, openBackup, preview, restore } = await import('#core/deploy/settings/settings-backup.js')
    const { refuseInterrupted } = await import('#core/deploy/deployment-file.js')
    const { lockVersion } = await import('#core/deploy/deploy-lock.js')
    const backup = findBackup(home, args.backup)
    const settings = await openBackup(home, backup, flags.identity)
    this.log(`${backup.id} (${backup.reason}):\n${changedKeysText(preview(home, settings))}`)
    await demandYes(flags.yes, 'Replacing the settings', 'Put them in force?')
    const { keepOutOfGit } = await import('#core/deploy/git/keep-out-of-git.js')
    await keepOutOfGit(home)
    using _lock = await lockVersion(home, 'a restore')
    refuseInterrupted(home) // its recovery would put other settings over these
    const restored = await restore(home, backup, settings)
    this.say(restoredText(restored))
    return restored
  }
}
