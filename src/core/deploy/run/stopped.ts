import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Deployment } from '#core/deploy/deployment-file.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { sleep } from '#core/platform/clock.js'
import { stopTimeoutMs } from '#core/service/spec.js'

const POLL_INTERVAL_MS = 100
/** The time that a service manager needs to kill the bot after its stop timeout. */
const MARGIN_MS = 10_000

/**
 * Returns whether somebody has stopped the bot since the deployment began. Then it must not start the bot again, and a
 * bot that is gone tells nothing of the version. The stops are compared for equality, not by time, since clocks can be
 * set.
 */
export function isStopped(home: DeployHome, { desiredStop = null }: Pick<Deployment, 'desiredStop'>): boolean {
  const desired = home.desiredStopAt()
  return desired !== undefined && desired !== desiredStop
}

/**
 * Waits for the exit of a bot that was stopped, and returns whether the stop stays: one that turns out to be not
 * permitted is taken back.
 */
export async function staysStopped(home: DeployHome, deployment: Pick<Deployment, 'desiredStop'>): Promise<boolean> {
  const { clock, settings } = home
  const until = clock.monotonic() + stopTimeoutMs(settings) + MARGIN_MS
  while (isStopped(home, deployment)) {
    if ((await home.runningBot()) === undefined || clock.monotonic() >= until) return true
    await sleep(clock, POLL_INTERVAL_MS)
  }
  return false
}

/**
 * Refuses to go on where somebody has stopped the bot since the deployment began.
 * @throws CatalystError DEPLOY_CANCELLED
 */
export function refuseStopped(home: DeployHome, deployment: Pick<Deployment, 'desiredStop'>): void {
  if (!isStopped(home, deployment)) return
  throw new CatalystError('The bot was stopped on purpose meanwhile.', {
    code: 'DEPLOY_CANCELLED',
    exit: EXIT.failed,
    suggestions: ['Once it is to run again: catalyst service start'],
  })
}
