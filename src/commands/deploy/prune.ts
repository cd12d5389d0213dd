import { Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy-command.js'
import type { Pruned } from '#core/deploy/prune.js'
import { actingAs } from '#core/system/users.js'
import { countOf } from '#core/text.js'

export default class DeployPrune extends DeployCommand {
  static override summary = 'Remove releases and backups that are one too many.'
  static override description =
    'The newest DEPLOY_KEEP_RELEASES stay, and the active one and the last two good ones always do. Each deployment does this by itself.'
  static override examples = ['<%= config.bin %> <%= command.id %> --dry-run']
  static override flags = { 'dry-run': Flags.boolean({ summary: 'Only show what would be removed.' }) }

  async run(): Promise<Pruned> {
    const { flags } = await this.parse(DeployPrune)
    const { prune } = await import('#core/deploy/prune.js')
    const { whileLocked } = await import('#core/deploy/deploy-lock.js')
    const { refuseCutOff } = await import('#core/deploy/deployment-file.js')
    const home = this.settingsHome(flags)
    const isDry = flags['dry-run']
    const pruned = await whileLocked(home, home.owner, 'a clean-up', async () => {
      refuseCutOff(home)
      return actingAs(home.owner, () => prune(home, isDry))
    })
    const names = [...pruned.releases, ...pruned.unfinished]
    const what = [...names, ...(pruned.backups > 0 ? [countOf(pruned.backups, 'backup')] : [])].join(', ')
    this.log(what === '' ? 'There is nothing to remove.' : `${isDry ? 'Would remove' : 'Removed'}: ${what}`)
    if (pruned.spared.length > 0)
      this.logToStderr(
        `Left, since a bot has put data of its own in the place of shared paths: ${pruned.spared.join(', ')}`,
      )
    return pruned
  }
}
