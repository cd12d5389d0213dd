import { Args, Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy-command.js'
import { planLines } from '#cli/plan-text.js'
import { canAsk, cancelled, confirm, needsYes } from '#cli/prompts.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Shipped } from '#core/deploy/ending.js'
import type { Plan } from '#core/deploy/plan.js'
import type { PrepareOptions } from '#core/deploy/prepare.js'
import { CatalystError, EXIT } from '#core/errors.js'

/** What `--json` says where nothing had to be done. */
interface Nothing {
  readonly outcome: 'active already'
  readonly release: string
}

export default class DeployRollback extends DeployCommand {
  static override summary = 'Go back to a version that has worked; without a target a wizard leads there.'
  static override description =
    `What is still on disk needs neither network nor installation. The settings of the newest backup that was made while that version was active come back, with today's secrets; what they replace is backed up first. The version has to prove itself as with a deployment; if it doesn't, what ran before comes back. Until you confirm, nothing is changed: Esc and Ctrl-C end the wizard.

Exit codes: 0 it is live and healthy, or was already; 1 it is not; 75 somebody else deploys; 77 you may not restart the service.`
  static override examples = [
    { description: 'The wizard:', command: '<%= config.bin %> <%= command.id %>' },
    '<%= config.bin %> <%= command.id %> v1.2.2',
    { description: 'In a script, or in a hurry:', command: '<%= config.bin %> <%= command.id %> --last-good --yes' },
  ]
  static override args = { target: Args.string({ description: 'A tag or a commit.' }) }
  static override flags = {
    'last-good': Flags.boolean({ summary: 'The last version that was good, other than the active one.' }),
    'keep-config': Flags.boolean({
      summary: "The settings of then, with today's secrets. This is the default.",
      exclusive: ['with-secrets', 'current-config'],
    }),
    'with-secrets': Flags.boolean({
      summary: 'The settings of then, their secrets too.',
      exclusive: ['current-config'],
    }),
    'current-config': Flags.boolean({ summary: 'The settings of now.' }),
    'dry-run': Flags.boolean({ summary: 'Only show what would be done.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
  }

  async run(): Promise<Shipped | Plan | Nothing> {
    const { args, flags } = await this.parse(DeployRollback)
    if (args.target !== undefined && flags['last-good']) throw both()
    const isNamed = args.target !== undefined || flags['last-good']
    if (!isNamed && !canAsk()) throw needsTarget()
    const home = await this.deployHome(flags)
    if (!isNamed) {
      const { rollbackWizard } = await import('#cli/rollback-wizard.js')
      const plan = await rollbackWizard(home, (text) => this.logToStderr(text))
      return flags['dry-run'] ? this.shown(plan) : this.ship(home, plan)
    }
    const settings = flags['with-secrets'] ? 'of then with secrets' : flags['current-config'] ? 'of now' : 'of then'
    const plan = await this.planTo(home, args.target, settings)
    if ('outcome' in plan) return plan
    this.shown(plan)
    if (flags['dry-run']) return plan
    if (!flags.yes) {
      if (!canAsk()) throw needsYes('A rollback')
      if (!(await confirm('Go on?', true))) throw cancelled()
    }
    return this.ship(home, plan)
  }

  private async planTo(
    home: DeployHome,
    target: string | undefined,
    settings: PrepareOptions['settings'],
  ): Promise<Plan | Nothing> {
    const { prepare } = await import('#core/deploy/prepare.js')
    const { findTarget, lastGood } = await import('#core/deploy/find-target.js')
    const version = target === undefined ? lastGood(home) : await findTarget(home, target)
    const { plan, warnings, isActive } = await prepare(home, version, { what: 'rollback', force: false, settings })
    for (const warning of warnings) this.logToStderr(`Warning: ${warning}.`)
    if (!isActive) return plan
    this.log(`${plan.target.name} is active already.`)
    return { outcome: 'active already', release: plan.target.name }
  }

  private shown(plan: Plan): Plan {
    this.log(`${plan.from?.name ?? 'The home itself'} → ${plan.target.name}:\n${planLines(plan)}`)
    return plan
  }
}

function both(): CatalystError {
  return new CatalystError('A target and --last-good are two wishes at once.', {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['Give one of them'],
  })
}

function needsTarget(): CatalystError {
  return new CatalystError('Back to which version? There is no terminal to ask on.', {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      'Name it: catalyst deploy rollback v1.2.2 --yes',
      'Or take the last good one: catalyst deploy rollback --last-good --yes',
    ],
  })
}
