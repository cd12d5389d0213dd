import { DeployCommand } from '#cli/deploy-command.js'
import { infoText } from '#cli/deploy-text.js'
import type { DeployInfo } from '#core/deploy/info.js'
import { ownerOf } from '#core/system/users.js'

export default class DeployInfoCommand extends DeployCommand {
  static override summary = 'Show which version is active, which was before, and what is ahead.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<DeployInfo> {
    const { flags } = await this.parse(DeployInfoCommand)
    const { deployInfo } = await import('#core/deploy/info.js')
    const paths = this.paths(flags)
    const info = await deployInfo(paths, ownerOf(paths.home))
    this.say(infoText(info))
    return info
  }
}
