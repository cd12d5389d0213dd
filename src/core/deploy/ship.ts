import { randomUUID } from 'node:crypto'
import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth } from '#core/health/client.js'
import { stopWishOf } from '#core/service/stop-wish.js'
import { readPointer } from '#core/state/active-release.js'
import { readBotFile } from '#core/state/bot-file.js'
import { isRunning } from '#core/system/processes.js'
import type { DeployHome } from './deploy-home.js'
import { whileLocked } from './deploy-lock.js'
import { refuseCutOff } from './deployment-file.js'
import { errorOf, isShipped, type Shipped } from './ending.js'
import { Execution } from './execution.js'
import { keepOutOfGit } from './keep-out-of-git.js'
import { undertaking } from './names.js'
import type { Plan } from './plan.js'
import type { Hooks } from './steps.js'

/**
 * Carries out a plan, while nobody else deploys.
 * @throws CatalystError DEPLOY_BUSY; DEPLOY_FAILED, DEPLOY_CANCELLED: the way back has been gone then
 */
export function ship(home: DeployHome, plan: Plan, hooks: Hooks): Promise<Shipped> {
  return whileLocked(home, home.owner, `the ${undertaking(plan)}`, async () => {
    refuseStale(home, plan)
    // before anything of ours is written there; what is on disk has been through this
    if (plan.steps.some((step) => step.do === 'export')) await keepOutOfGit(home.paths, home.owner)
    return shipLocked(home, plan, hooks)
  })
}

/** The plan was made before the lock was taken. */
function refuseStale(home: DeployHome, { from }: Plan): void {
  refuseCutOff(home)
  const now = home.asOwner(() => readPointer(home.paths))
  if ((now?.name ?? null) === (from?.name ?? null)) return
  throw new CatalystError(`Meanwhile ${now?.name ?? 'the home itself'} has become active. Nothing was done.`, {
    code: 'DEPLOY_BUSY',
    exit: EXIT.busy,
    suggestions: ['See how things stand: catalyst deploy info'],
  })
}

async function shipLocked(home: DeployHome, plan: Plan, hooks: Hooks): Promise<Shipped> {
  const { paths, settings, asOwner, clock, by, keeper } = home
  const bot = asOwner(() => readBotFile(paths.bot))
  const runs = bot !== undefined && (await isRunning(bot))
  const before = runs ? await askHealth(paths, settings) : undefined
  const execution = new Execution(home, hooks, {
    ...plan,
    id: randomUUID(),
    since: new Date(clock.now()).toISOString(),
    by,
    begun: 0,
    backup: null,
    instance: runs ? bot.instance : null,
    keeper: keeper.kind,
    back: null,
    stopWish: stopWishOf(home) ?? null,
    tolerated: before?.status === 'degraded' ? before.reasons : [],
  })
  const ending = await execution.run()
  if (isShipped(ending)) return ending
  throw errorOf(ending, plan, execution.failure)
}
