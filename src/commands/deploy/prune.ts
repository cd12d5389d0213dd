import { Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { prunedText } from '#cli/deploy/deploy-text.js'
import type { Pruned } from '#core/deploy/releases/prune.js'

export default class DeployPrune extends DeployCommand {
  static override summary = 'Remove releases and backups beyond the retention limit.'
  static override description =
    'DEPLOY_KEEP_RELEASES stay, good ones before others and newer before older; the active one and the two newest good ones always do. Each deployment does this by itself, also one that fails.'
  static override examples = ['<%= config.bin %> <%= command.id %> --dry-run']
  static override flags = { 'dry-run': Flags.boolean({ summary: 'Only show what would be removed.' }) }

  async run(): Promise<Pruned> {
    const { flags } = await this.parse(DeployPrune)
    const { prune } = await import('#core/deploy/releases/prune.js')
    const { lockVersion } = await import('#core/deploy/deploy-lock.js')
    const { refuseInterrupted } = await import('#core/deploy/deployment-file.js')
    const home = this.home(flags)
    const { refuseForeignState } = await import('#core/home/foreign-state.js')
    for (const warning of await refuseForeignState(home)) this.warn(`${warning}.`)
    const isDry = flags['dry-run']
    using _lock = await lockVersion(home, 'a clean-up')
    refuseInterrupted(home)
    const pruned = prune(home, { isDry })
    this.say(prunedText(pruned, isDry))
    if (pruned.spared.length > 0)
      this.logToStderr(
        `Not removed, since a bot has put data of its own in the place of shared paths: ${pruned.spared.join(', ')}`,
      )
    return pruned
  }
}
