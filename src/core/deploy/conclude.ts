import { tellAdmin } from './admin-message.js'
import type { DeployHome } from './deploy-home.js'
import { forgetDeployment } from './deployment-file.js'
import { type Ending, isShipped, tidings } from './ending.js'
import type { Plan } from './plan.js'
import { tolerantly } from './steps.js'

/** Writes down how it ended, and tells the admin. Its file stays where a recovery is to go on. */
export async function conclude(
  home: DeployHome,
  plan: Plan,
  ending: Ending,
  onWarning: (text: string) => void,
): Promise<void> {
  const { journal, asOwner, paths } = home
  const { id, outcome, downtime_ms, seconds } = ending
  const how = isShipped(ending) ? { active: ending.release } : { active: ending.active, reason: ending.reason }
  const entry = { id, what: plan.what, release: plan.target.name, outcome, downtime_ms, ...how, seconds }
  tolerantly(() => journal.append('deploy.end', entry), onWarning)
  if (isShipped(ending) || ending.isOver) tolerantly(() => asOwner(() => forgetDeployment(paths)), onWarning)
  const lookFurther = 'catalyst deploy info\ncatalyst history --kind deploy'
  await tellAdmin(home, { ...tidings(ending, plan), lookFurther }, onWarning)
}
