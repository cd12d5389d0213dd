import { CatalystError, EXIT } from '#core/errors.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import { stopWishOf } from '#core/service/stop-wish.js'
import { readBotFile } from '#core/state/bot-file.js'
import { sleep } from '#core/system/clock.js'
import { isRunning } from '#core/system/processes.js'
import type { DeployHome } from './deploy-home.js'
import type { Deployment } from './deployment-file.js'

const LOOK_MS = 100
/** After its time to end is over, a service manager needs a moment to kill it. */
const MARGIN_MS = 10_000

/**
 * Whether somebody has stopped the bot on purpose since the deployment began: then it must not start the bot again, and
 * that the bot is gone tells nothing of the version. By which wish that is told, since clocks are set.
 */
export function isStopped(home: DeployHome, { stopWish = null }: Pick<Deployment, 'stopWish'>): boolean {
  const wish = stopWishOf(home)
  return wish !== undefined && wish !== stopWish
}

/** The same once the bot has ended: whoever finds that they may not stop it takes the wish back. */
export async function staysStopped(home: DeployHome, deployment: Pick<Deployment, 'stopWish'>): Promise<boolean> {
  const { clock, paths, settings, asOwner } = home
  const until = clock.monotonic() + stopTimeoutMs(settings) + MARGIN_MS
  while (isStopped(home, deployment)) {
    const bot = asOwner(() => readBotFile(paths.bot))
    if (bot === undefined || !(await isRunning(bot)) || clock.monotonic() >= until) return true
    await sleep(clock, LOOK_MS)
  }
  return false
}

/** @throws CatalystError DEPLOY_CANCELLED */
export function refuseStopped(home: DeployHome, deployment: Pick<Deployment, 'stopWish'>): void {
  if (!isStopped(home, deployment)) return
  throw new CatalystError('The bot was stopped on purpose meanwhile.', {
    code: 'DEPLOY_CANCELLED',
    exit: EXIT.failed,
    suggestions: ['Once it is to run again: catalyst service start'],
  })
}
