import { Args } from '@oclif/core'
import { sinceText } from '#cli/deploy/data-text.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { planText } from '#cli/deploy/plan-text.js'
import { needsTarget, rollbackFlags, settingsOf, targetAndLastGood } from '#cli/deploy/rollback-flags.js'
import { canAsk, demandYes, typeToConfirm } from '#cli/prompts.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { versionName } from '#core/deploy/names.js'
import type { Plan } from '#core/deploy/plan.js'
import type { PrepareOptions } from '#core/deploy/prepare.js'
import type { AlreadyActive, Shipped } from '#core/deploy/run/result.js'

export default class DeployRollback extends DeployCommand {
  static override summary = 'Roll back to a version that has worked; without a target a wizard leads there.'
  static override description =
    `A version that is still on disk needs neither network nor installation. The snapshot of the settings with which it last proved good is restored, with today's secrets; the replaced settings are backed up first. The data stays as it is, unless you ask for that of then (--with-data), where DEPLOY_SNAPSHOT has kept it. The version has to prove itself as with a deployment; if it doesn't, what ran before comes back. Until you confirm, nothing is changed: Esc and Ctrl-C end the wizard.

Exit codes: 0 it is live and healthy, or was already; 1 it is not; 75 somebody else deploys; 77 you are not permitted to restart the service.`
  static override examples = [
    { description: 'The wizard:', command: '<%= config.bin %> <%= command.id %>' },
    '<%= config.bin %> <%= command.id %> v1.2.2',
    { description: 'In a script, or in a hurry:', command: '<%= config.bin %> <%= command.id %> --last-good --yes' },
  ]
  static override args = { target: Args.string({ description: 'A tag or a commit.' }) }
  static override flags = rollbackFlags

  async run(): Promise<Shipped | Plan | AlreadyActive> {
    const { args, flags } = await this.parse(DeployRollback)
    if (args.target !== undefined && flags['last-good']) throw targetAndLastGood()
    const isNamed = args.target !== undefined || flags['last-good']
    if (!isNamed && !canAsk()) throw needsTarget()
    const home = await this.deployHome(flags)
    const settings = settingsOf(flags)
    if (!isNamed) {
      const { rollbackWizard } = await import('#cli/deploy/rollback-wizard.js')
      const plan = await rollbackWizard(home, { settings, now: flags.now, withData: flags['with-data'] }, (text) =>
        this.logToStderr(text),
      )
      if (flags['dry-run']) {
        this.log(planText(plan, home))
        return plan
      }
      await typeToConfirm(versionName(plan.target), plan.from?.name ?? 'the working tree')
      return this.ship(home, plan)
    }
    const plan = await this.planTo(home, args.target, {
      settings: settings ?? 'snapshot',
      now: flags.now,
      withData: flags['with-data'],
    })
    if ('outcome' in plan) return plan
    this.log(planText(plan, home))
    const { lostBy } = await import('#core/deploy/snapshots/data-of-then.js')
    const lost = await lostBy(home, plan)
    if (lost) this.log(sinceText(lost, home.clock.now()).join('\n'))
    if (flags['dry-run']) return plan
    await demandYes(flags.yes, 'A rollback', 'Go on?')
    return this.ship(home, plan)
  }

  private async planTo(
    home: DeployHome,
    target: string | undefined,
    options: Pick<PrepareOptions, 'settings' | 'now' | 'withData'>,
  ): Promise<Plan | AlreadyActive> {
    const { prepare } = await import('#core/deploy/prepare.js')
    const { findTarget, lastGood } = await import('#core/deploy/releases/find-target.js')
    const version = target === undefined ? lastGood(home) : await findTarget(home, target)
    const { plan, warnings, isActive } = await prepare(home, version, { what: 'rollback', force: false, ...options })
    for (const warning of warnings) this.logToStderr(`Warning: ${warning}.`)
    if (!isActive) return plan
    this.log(`${plan.target.name} is active already.`)
    return { outcome: 'already_active', release: plan.target.name }
  }
}
