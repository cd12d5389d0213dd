import { Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy-command.js'
import { recoveredText } from '#cli/deploy-text.js'
import { demandYes } from '#cli/prompts.js'
import type { Ending } from '#core/deploy/ending.js'
import { undertaking } from '#core/deploy/names.js'

export default class DeployRecover extends DeployCommand {
  static override summary = 'Bring a deployment that was cut off to its end.'
  static override description =
    `What has proven itself already is finished; everything else goes back to what ran before. A watchdog does it by itself. With nothing to do it says so.

Exit codes: 0 order is restored, or there was nothing to do; 1 the bot is not healthy.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --yes']
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) }

  async run(): Promise<Ending | { outcome: 'nothing' }> {
    const { flags } = await this.parse(DeployRecover)
    const home = await this.deployHome(flags)
    const { cutOff, recover } = await import('#core/deploy/recover.js')
    const { whileLocked } = await import('#core/deploy/deploy-lock.js')
    const found = cutOff(home)
    if (found) {
      const { target, from } = found.deployment
      const to =
        found.direction === 'forward' ? `forward to ${target.name}` : `back to ${from?.name ?? 'the home itself'}`
      const question = `The ${undertaking(found.deployment)} was cut off. Carry it ${to}?`
      await demandYes(flags.yes, 'A recovery', question)
    }
    const { deployHooks } = await import('#cli/deploy-hooks.js')
    const hooks = deployHooks()
    const ending = await whileLocked(home, home.owner, 'a recovery', () => recover(home, hooks)).finally(hooks.close)
    this.say(ending ? recoveredText(ending) : 'Nothing was cut off.')
    if (ending?.outcome === 'needs you') process.exitCode = 1
    return ending ?? { outcome: 'nothing' }
  }
}
