import { isShipped, shippedSentence } from '#core/deploy/run/result.js'
import { unattendedHooks } from '#core/deploy/run/unattended-hooks.js'
import { CatalystError } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import { openDeployHome } from './deploy-home.js'
import { lockVersion } from './deploy-lock.js'
import { recover } from './recover.js'

/** Recovers an interrupted deployment for a watchdog, with nobody at a terminal. */
export async function recoverUnattended(
  clock: Clock,
  paths: HomePaths,
  supervisor: Supervisor,
  tell: (text: string) => void,
): Promise<void> {
  const home = await openDeployHome(clock, paths, undefined, supervisor)
  try {
    using _lock = await lockVersion(home, 'a recovery by the watchdog')
    const result = await recover(home, unattendedHooks(tell))
    if (result) tell(isShipped(result) ? shippedSentence(result) : `${result.reason}. ${result.summary}`)
  } catch (error) {
    if (!(error instanceof CatalystError && error.code === 'DEPLOY_BUSY')) throw error
  }
}
