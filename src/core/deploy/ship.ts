import { randomUUID } from 'node:crypto'
import { proofBefore } from '#core/deploy/gate/proof-before.js'
import { keepOutOfGit } from '#core/deploy/git/keep-out-of-git.js'
import { ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { Execution } from '#core/deploy/run/execution.js'
import { errorOf, isShipped, type Shipped } from '#core/deploy/run/result.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth } from '#core/health/client.js'
import type { DeployHome } from './deploy-home.js'
import { lockVersion } from './deploy-lock.js'
import { type Deployment, refuseInterrupted } from './deployment-file.js'
import { operationName } from './names.js'
import { type Plan, recordedSteps } from './plan.js'
import { refuseUnready } from './readiness.js'
import { refuseDamaged } from './snapshots/damaged-data.js'

export interface ShipOptions {
  /** True to take a version that proves nothing, though the one before did. */
  readonly acceptsNoProof?: boolean
}

/**
 * Carries out a plan, while nobody else deploys.
 * @throws CatalystError DEPLOY_BUSY, DATA_DAMAGED; DEPLOY_FAILED, DEPLOY_CANCELLED: it has been rolled back then
 */
export async function ship(home: DeployHome, plan: Plan, hooks: Hooks, options: ShipOptions = {}): Promise<Shipped> {
  using _lock = await lockVersion(home, `the ${operationName(plan)}`)
  refuseStale(home, plan)
  refuseUnready(home, plan)
  await refuseDamaged(home, plan, hooks.signal)
  // before anything of ours is written there; what is on disk has been through this
  if (plan.steps.some((step) => step.do === 'export')) await keepOutOfGit(home)
  const execution = new Execution(home, hooks, await newDeployment(home, plan, options))
  const result = await execution.run(plan.steps)
  if (isShipped(result)) return result
  throw errorOf(result, plan, execution.failure)
}

/** Refuses a plan that is out of date: it was made before the lock was taken. */
function refuseStale(home: DeployHome, { from }: Plan): void {
  const now = home.asOwner(() => {
    refuseInterrupted(home)
    return home.activePointer()
  })
  if ((now?.name ?? null) === (from?.name ?? null)) return
  throw new CatalystError(`Meanwhile ${now?.name ?? 'the working tree'} has become active. Nothing was done.`, {
    code: 'DEPLOY_BUSY',
    exit: EXIT.busy,
    suggestions: ['See what is active now: catalyst deploy info'],
  })
}

/** Returns the record of a deployment that is about to begin. */
async function newDeployment(
  home: DeployHome,
  plan: Plan,
  { acceptsNoProof = false }: ShipOptions,
): Promise<Deployment> {
  const { paths, settings, clock, by, supervisor } = home
  const bot = await home.runningBot()
  const before = bot && (await askHealth(paths, settings))
  const { known, desiredStop } = home.asOwner(() => ({
    known: plan.from === null ? undefined : ratingOf(readRatings(home), plan.from.commit),
    desiredStop: home.desiredStopAt() ?? null,
  }))
  return {
    ...plan,
    steps: recordedSteps(plan.steps),
    id: randomUUID(),
    since: new Date(clock.now()).toISOString(),
    by,
    begun: 0,
    backup: null,
    instance: bot?.instance ?? null,
    supervisor: supervisor.kind,
    back: null,
    desiredStop,
    tolerated: before?.status === 'degraded' ? before.reasons : [],
    proofBefore: proofBefore({
      what: plan.what,
      acceptsNoProof,
      named: settings.BOT_PROOF,
      running: before?.report?.proof,
      rated: known?.proof,
    }),
  }
}
