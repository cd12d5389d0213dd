import { openDeployHome } from '#core/deploy/deploy-home.js'
import { versionName } from '#core/deploy/names.js'
import type { Plan } from '#core/deploy/plan.js'
import { alertAdmin } from '#core/deploy/run/admin-message.js'
import { shippedSentence } from '#core/deploy/run/result.js'
import { unattendedHooks } from '#core/deploy/run/unattended-hooks.js'
import { ship } from '#core/deploy/ship.js'
import { CatalystError, messageOf } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import type { Broken } from '#core/watchdog/repairs.js'
import { planRepair } from './plan-repair.js'

/** The hooks of {@link repairUnattended}. */
interface RepairOptions extends Broken {
  readonly supervisor: Supervisor
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/**
 * Builds a broken release anew for a watchdog, with nobody at a terminal. The admin is alerted before and after. It does
 * nothing where another release is active by now, or somebody deploys.
 */
export async function repairUnattended(clock: Clock, paths: HomePaths, options: RepairOptions): Promise<void> {
  const { release, why, supervisor, signal, tell } = options
  const home = await openDeployHome(clock, paths, undefined, supervisor)
  if (home.activePointer()?.name !== release) return
  const alert = (title: string, lines: readonly string[]) =>
    alertAdmin(
      home,
      {
        id: `repair-${release}`,
        title,
        description: lines.join('\n'),
        isGood: false,
        lookFurther: 'catalyst deploy info\ncatalyst history --kind deploy',
      },
      tell,
    )
  let plan: Plan | undefined
  try {
    plan = (await planRepair(home, { force: true })).plan as Plan
    await alert(`${versionName(plan.target)} is built anew`, [
      why,
      `The watchdog tries that once, as ${plan.target.name}.`,
    ])
    tell(shippedSentence(await ship(home, plan, unattendedHooks(tell, signal))))
  } catch (error) {
    if (error instanceof CatalystError && error.code === 'DEPLOY_BUSY') return
    tell(messageOf(error))
    // the outcome of one that had begun has an alert of its own
    if (error instanceof CatalystError && 'outcome' in error.details) return
    await alert(`${plan ? versionName(plan.target) : release} could not be built anew`, [why, messageOf(error)])
  }
}
