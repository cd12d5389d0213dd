import { CatalystError, EXIT } from '#core/errors.js'
import { readStopWish } from '#core/state/wanted.js'
import type { DeployHome } from './deploy-home.js'
import type { Deployment } from './deployment-file.js'

/**
 * Whether somebody has stopped the bot on purpose since the deployment began: then it must not start the bot again, and
 * that the bot is gone tells nothing of the version.
 */
export function isStopped({ paths, asOwner }: DeployHome, { since }: Pick<Deployment, 'since'>): boolean {
  try {
    const wish = asOwner(() => readStopWish(paths))
    return wish !== undefined && Date.parse(wish.at) >= Date.parse(since)
  } catch {
    return false // it can't be read; that is no reason not to go back
  }
}

/** @throws CatalystError DEPLOY_CANCELLED */
export function refuseStopped(home: DeployHome, deployment: Pick<Deployment, 'since'>): void {
  if (!isStopped(home, deployment)) return
  throw new CatalystError('The bot was stopped on purpose meanwhile.', {
    code: 'DEPLOY_CANCELLED',
    exit: EXIT.failed,
    suggestions: ['Once it is to run again: catalyst service start'],
  })
}
