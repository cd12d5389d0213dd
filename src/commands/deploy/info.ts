import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { infoText } from '#cli/deploy/deploy-text.js'
import type { DeployInfo } from '#core/deploy/info.js'

export default class DeployInfoCommand extends DeployCommand {
  static override summary = 'Show which version is active, which was before, and what is ahead.'
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<DeployInfo> {
    const { flags } = await this.parse(DeployInfoCommand)
    const { deployInfo } = await import('#core/deploy/info.js')
    const info = await deployInfo(this.home(flags))
    this.say(infoText(info))
    return info
  }
}
