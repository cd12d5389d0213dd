import { Flags } from '@oclif/core'
import { loadFullConfig } from '#bots/config.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { repairedText } from '#cli/deploy/deploy-text.js'
import { planText } from '#cli/deploy/plan-text.js'
import { demandYes } from '#cli/prompts.js'
import type { Plan } from '#core/deploy/plan.js'
import type { Shipped } from '#core/deploy/run/result.js'

/** The output of `--json` where nothing had to be repaired. */
interface NothingToRepair {
  readonly outcome: 'nothing_to_repair'
  readonly release: string
}

export default class DeployRepair extends DeployCommand {
  static override summary = 'Build the active version anew, where its Python or its node has changed.'
  static override description =
    `An upgrade of the operating system may remove the Python of a virtual environment, or bring a node that native modules don't fit: then no release on disk can start. The active commit is built anew in a folder beside, with the steps of a deployment and from the repository here, and has to prove itself. If that fails before the switch, everything stays as it was. With nothing to repair it says so. A watchdog does it by itself, once for each broken release.

Exit codes: 0 it is live and healthy, or there was nothing to do; 1 it is not, and the message says what runs now; 75 somebody else deploys; 77 you are not permitted to restart the service.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'What it would do:', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'In a script:', command: '<%= config.bin %> <%= command.id %> --yes --json' },
  ]
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Only show what would be done.' }),
    force: Flags.boolean({ summary: 'Also build a version anew that nothing is known against.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  }

  async run(): Promise<Shipped | Plan | NothingToRepair> {
    const { flags } = await this.parse(DeployRepair)
    const home = await this.deployHome(flags, loadFullConfig)
    const { planRepair } = await import('#core/deploy/repair/plan-repair.js')
    const { release, why, plan, warnings } = await planRepair(home, { force: flags.force })
    if (plan === undefined) {
      this.log(`Nothing is wrong with the runtime under ${release}. To build it anew all the same: --force`)
      return { outcome: 'nothing_to_repair', release }
    }
    if (why !== undefined) this.logToStderr(why)
    for (const warning of warnings) this.logToStderr(`Warning: ${warning}.`)
    this.log(planText(plan, home))
    if (flags['dry-run']) return plan
    await demandYes(flags.yes, 'A repair', 'Go on?')
    return this.ship(home, plan, {}, repairedText)
  }
}
