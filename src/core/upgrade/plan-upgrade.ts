import type { Health } from '#core/health/client.js'
import type { ServiceState } from '#core/service/manager.js'

/** The facts about one service before the program that it runs is replaced by this one. */
export interface UpgradeFacts {
  readonly state: ServiceState | undefined
  /** True if its process runs this program already. */
  readonly isCurrent: boolean
  /** True if a deployment restarts its bot itself. */
  readonly isDeploying: boolean
  /** The health of the bot that stops with it; undefined for a watchdog beside a bot's service. */
  readonly health: Health['status'] | undefined
  /** True if an update is taken back: then each service that ran it is to work again. */
  readonly isBack: boolean
}

/**
 * What is to be done with one service. `gate`: restart it, and let it prove that it works no less than before; `wait`: its
 * manager has restarted it already, so wait until it is up.
 */
export type UpgradeStep =
  | { readonly do: 'gate' | 'wait' }
  | { readonly do: 'restart'; readonly why: string }
  | { readonly do: 'nothing'; readonly outcome: 'current' | 'not_running' | 'left'; readonly why: string }

/** The health of a bot that works. `unknown`: its endpoint is switched off, and its process runs. */
const WORKS: readonly Health['status'][] = ['healthy', 'degraded', 'unknown']

/**
 * Decides what a new program means for a service. Only a bot that works can show that the new program is to blame: one
 * that was out of order before is restarted, and decides nothing.
 */
export function upgradeStep({ state, isCurrent, isDeploying, health, isBack }: UpgradeFacts): UpgradeStep {
  const isDown = state === 'restarting' || state === 'failed' // perhaps for the very program that is taken back
  if (!(state === 'running' || state === 'starting' || (isDown && isBack)))
    return { do: 'nothing', outcome: 'not_running', why: 'it does not run, and its next start runs this program' }
  const works = health === undefined || WORKS.includes(health)
  if (isCurrent && isBack && !works) return { do: 'wait' }
  if (isCurrent) return { do: 'nothing', outcome: 'current', why: 'it runs this program already' }
  if (isDeploying) return { do: 'nothing', outcome: 'left', why: 'a deployment is under way' }
  if (isBack || works) return { do: 'gate' }
  return { do: 'restart', why: `it was ${health} before, so it is not waited for` }
}
