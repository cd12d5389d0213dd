import { fullFlag } from '#cli/base-command.js'
import { snapshotLines } from '#cli/deploy/data-text.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import type { Snapshot } from '#core/snapshots/snapshots.js'

export default class DeploySnapshots extends DeployCommand {
  static override summary = 'List the snapshots of the data, newest first, with the version whose data it was.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override flags = { full: fullFlag }

  async run(): Promise<readonly Snapshot[]> {
    const { flags } = await this.parse(DeploySnapshots)
    const { Snapshots } = await import('#core/snapshots/snapshots.js')
    const snapshots = new Snapshots(this.home(flags)).list()
    this.sayList(snapshotLines(snapshots), { full: flags.full, command: 'catalyst deploy snapshots' })
    return snapshots
  }
}
