import { Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { recoveredText } from '#cli/deploy/deploy-text.js'
import { demandYes } from '#cli/prompts.js'
import { operationName } from '#core/deploy/names.js'
import type { DeployResult } from '#core/deploy/run/result.js'

export default class DeployRecover extends DeployCommand {
  static override summary = 'Resume a deployment that was interrupted, or roll it back.'
  static override description =
    `A version that has proven itself already is finished; anything else is rolled back to what ran before. A watchdog does it by itself. With nothing to do it says so.

Exit codes: 0 it is done, or there was nothing to do; 1 the bot is not healthy.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --yes']
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) }

  async run(): Promise<DeployResult | { outcome: 'nothing' }> {
    const { flags } = await this.parse(DeployRecover)
    const home = await this.deployHome(flags)
    const { interruptedDeployment, recover } = await import('#core/deploy/recover.js')
    const { lockVersion } = await import('#core/deploy/deploy-lock.js')
    const found = interruptedDeployment(home)
    if (found) {
      const { target, from } = found.deployment
      const what =
        found.direction === 'forward'
          ? `Finish it, with ${target.name} active?`
          : `Roll it back to ${from?.name ?? 'the working tree'}?`
      const question = `The ${operationName(found.deployment)} was interrupted. ${what}`
      await demandYes(flags.yes, 'A recovery', question)
    }
    const { deployHooks } = await import('#cli/deploy/deploy-hooks.js')
    using _lock = await lockVersion(home, 'a recovery')
    const hooks = deployHooks()
    const result = await recover(home, hooks).finally(hooks.close)
    this.say(result ? recoveredText(result) : 'No deployment was interrupted.')
    if (result?.outcome === 'needs_attention') process.exitCode = 1
    return result ?? { outcome: 'nothing' }
  }
}
