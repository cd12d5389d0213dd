import { Args, Flags } from '@oclif/core'
import { loadFullConfig } from '#bots/config.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { planText } from '#cli/deploy/plan-text.js'
import { nowFlag } from '#cli/now-flag.js'
import { demandYes } from '#cli/prompts.js'
import type { Plan } from '#core/deploy/plan.js'
import type { AlreadyActive, Shipped } from '#core/deploy/run/result.js'

export default class DeployRun extends DeployCommand {
  static override summary = 'Deploy a version: a tag, or a commit.'
  static override description =
    `The version is made ready beside the running one: its files, what it depends on (DEPLOY_INSTALL_COMMAND), its check (DEPLOY_CHECK_COMMAND). Then the bot is restarted as that version, once it is not busy, and has to become healthy within BOT_START_TIMEOUT and to stay so for DEPLOY_SETTLE_SECONDS; where the version before proved more than that its process lives (BOT_PROOF), so must this one. If it doesn't, the version before comes back by itself. The working tree is never touched. Ctrl-C rolls back, until the version has proven itself.

Exit codes: 0 it is live and healthy, or was already; 1 it is not, and the message says what runs now; 75 somebody else deploys; 77 you are not permitted to restart the service.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> v1.2.3',
    { description: 'What it would do:', command: '<%= config.bin %> <%= command.id %> v1.2.3 --dry-run' },
    { description: 'In a script:', command: '<%= config.bin %> <%= command.id %> v1.2.3 --yes --json' },
  ]
  static override args = {
    ref: Args.string({ description: 'A tag or a commit. On a terminal the newest version of the branch is offered.' }),
  }
  static override flags = {
    'accept-no-proof': Flags.boolean({
      summary: 'Also take a version that proves only that its process lives, though the one before proved more.',
    }),
    'dry-run': Flags.boolean({ summary: 'Only show what would be done.' }),
    force: Flags.boolean({ summary: 'Also deploy a version that has proven bad, or is active already.' }),
    now: nowFlag,
    'skip-fetch': Flags.boolean({ summary: 'Deploy what is here, without asking the remote.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  }

  async run(): Promise<Shipped | Plan | AlreadyActive> {
    const { args, flags } = await this.parse(DeployRun)
    const home = await this.deployHome(flags, loadFullConfig)
    const version = await this.version(home, args.ref, !flags['skip-fetch'])
    const { prepare } = await import('#core/deploy/prepare.js')
    const options = { what: 'deployment', force: flags.force, settings: 'current', now: flags.now } as const
    const { plan, warnings, isActive } = await prepare(home, version, options)
    const { name } = plan.target
    if (isActive) {
      this.log(`${name} is active already.`)
      return { outcome: 'already_active', release: name }
    }
    for (const warning of warnings) this.logToStderr(`Warning: ${warning}.`)
    this.log(planText(plan, home))
    if (flags['dry-run']) return plan
    await demandYes(flags.yes, 'A deployment', 'Go on?')
    return this.ship(home, plan, { acceptsNoProof: flags['accept-no-proof'] })
  }
}
