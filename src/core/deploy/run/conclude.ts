import type { DeployHome } from '#core/deploy/deploy-home.js'
import { forgetDeployment } from '#core/deploy/deployment-file.js'
import type { RecordedPlan } from '#core/deploy/plan.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { alertAdmin } from './admin-message.js'
import { forgetOrders } from './order-data.js'
import { alertOf, type DeployResult, isShipped } from './result.js'

/** Records the outcome of a deployment, and alerts the admin. Its file stays where a recovery is still needed. */
export async function conclude(
  home: DeployHome,
  plan: RecordedPlan,
  result: DeployResult,
  onWarning: (text: string) => void,
): Promise<void> {
  const { journal } = home
  const { id, outcome, downtime_seconds, proven_seconds, waited_seconds, seconds, active, bot } = result
  const why = isShipped(result) ? {} : { reason: result.reason, ...(result.said.length > 0 && { said: result.said }) }
  const waited = waited_seconds === null ? {} : { waited_seconds }
  const facts = { outcome, downtime_seconds, proven_seconds, ...waited, active, bot, ...why, seconds }
  const entry = { id, what: plan.what, release: plan.target.name, ...facts }
  bestEffort(() => journal.append('deploy.end', entry), onWarning)
  if (isShipped(result) || result.isOver)
    bestEffort(() => {
      forgetOrders(home, result)
      forgetDeployment(home)
    }, onWarning)
  const lookFurther = 'catalyst deploy info\ncatalyst history --kind deploy'
  await alertAdmin(home, { id, ...alertOf(result, plan), lookFurther }, onWarning)
}
