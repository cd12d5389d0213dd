import { Args, Flags } from '@oclif/core'
import { changedKeysText, restoredText } from '#cli/backup-text.js'
import { DeployCommand } from '#cli/deploy-command.js'
import { demandYes } from '#cli/prompts.js'
import type { Restored } from '#core/deploy/settings-backup.js'
import { actingAs } from '#core/system/users.js'

export default class DeployRestore extends DeployCommand {
  static override summary = 'Put the settings of a backup in force again.'
  static override description =
    'It shows which settings change, never their values, and asks. What is replaced is backed up first: the same command once more undoes it.'
  static override examples = [
    { description: 'The newest:', command: '<%= config.bin %> <%= command.id %>' },
    '<%= config.bin %> <%= command.id %> before-move --yes',
  ]
  static override args = {
    backup: Args.string({ description: 'Its id, how that begins, or its name. Default: the newest.' }),
  }
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) }

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(DeployRestore)
    const { owner, ...home } = this.settingsHome(flags)
    const { findBackup, preview, restore } = await import('#core/deploy/settings-backup.js')
    const { refuseCutOff } = await import('#core/deploy/deployment-file.js')
    const { whileLocked } = await import('#core/deploy/deploy-lock.js')
    const backup = actingAs(owner, () => findBackup(home, args.backup))
    this.log(`${backup.id} (${backup.reason}):\n${changedKeysText(actingAs(owner, () => preview(home, backup)))}`)
    await demandYes(flags.yes, 'Replacing the settings', 'Put them in force?')
    const { keepOutOfGit } = await import('#core/deploy/keep-out-of-git.js')
    await keepOutOfGit(home.paths, owner)
    const restored = await whileLocked(home, owner, 'a restore', async () => {
      refuseCutOff({ paths: home.paths, owner }) // its recovery would put other settings over these
      return actingAs(owner, () => restore(home, backup))
    })
    this.say(restoredText(restored))
    return restored
  }
}
