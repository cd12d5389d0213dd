import { Args, Flags } from '@oclif/core'
import { dataRestoredText, sinceText } from '#cli/deploy/data-text.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { demandYes } from '#cli/prompts.js'
import type { DataRestored } from '#core/deploy/snapshots/restore-data.js'

export default class DeployRestoreData extends DeployCommand {
  static override summary = 'Put the data of a snapshot back, by a restart of the bot.'
  static override description =
    'It shows what would be lost since, and asks. What is there is kept as a snapshot: the same command with its id undoes it. The version that is active stays so.'
  static override examples = ['<%= config.bin %> <%= command.id %> 20260301T120000000Z']
  static override args = {
    snapshot: Args.string({ description: 'Its id, or the beginning of it; see deploy snapshots.', required: true }),
  }
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }) }

  async run(): Promise<DataRestored> {
    const { args, flags } = await this.parse(DeployRestoreData)
    const home = await this.deployHome(flags)
    const { Snapshots } = await import('#core/snapshots/snapshots.js')
    const { lostByRestore } = await import('#core/deploy/snapshots/data-of-then.js')
    const { restoreData } = await import('#core/deploy/snapshots/restore-data.js')
    const snapshot = new Snapshots(home).find(args.snapshot)
    this.log(sinceText(await lostByRestore(home, snapshot), home.clock.now()).join('\n'))
    await demandYes(flags.yes, 'Replacing the data', 'Put it back, and restart the bot?')
    const restored = await restoreData(home, snapshot)
    this.say(dataRestoredText(restored))
    return restored
  }
}
