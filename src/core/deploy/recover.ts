import { type Rating, ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { Execution } from '#core/deploy/run/execution.js'
import type { DeployResult } from '#core/deploy/run/result.js'
import { stopTools } from '#core/deploy/run/run-tool.js'
import type { Hooks } from '#core/deploy/run/steps.js'
import { isStopped } from '#core/deploy/run/stopped.js'
import type { SupervisorKind } from '#core/supervisor/supervisor.js'
import type { DeployHome } from './deploy-home.js'
import { type Deployment, forgetDeployment, readDeployment, refuseForged, writeDeployment } from './deployment-file.js'
import { isPastProof, type PlainStep, type RecordedStep } from './plan.js'

const INTERRUPTED = 'it was interrupted'

/** The direction of a recovery: an interrupted deployment is resumed, or rolled back. */
export type Direction = 'forward' | 'back'

/**
 * Returns the direction of a recovery: forward if the version has proven itself already, or if it is a rollback that
 * has switched to a version known to be good; else back to what ran before. A repair that has switched goes forward,
 * too: the release before can't run.
 */
export function directionOf(
  deployment: Deployment,
  facts: { rating: Rating | undefined; isWhole: boolean },
): Direction {
  const { back, what, steps, begun } = deployment
  if (back !== null) return 'back'
  if (isPastProof(deployment, begun)) return 'forward'
  const isSwitched = steps.slice(0, begun).some((step) => step.do === 'switch')
  const isTrusted = what === 'repair' || (what === 'rollback' && facts.rating === 'good')
  return isTrusted && isSwitched && facts.isWhole ? 'forward' : 'back'
}

/**
 * Returns the deployment that was interrupted, and the direction of its recovery; undefined where there is none.
 * @throws CatalystError STATE_REFUSED
 */
export function interruptedDeployment(home: DeployHome): { deployment: Deployment; direction: Direction } | undefined {
  refuseForged(home)
  const deployment = readDeployment(home)
  if (deployment === undefined) return undefined
  const { target } = deployment
  const rating = ratingOf(readRatings(home), target.commit)?.rating
  const isWhole = new Releases(home).read(target.name) !== undefined
  return { deployment, direction: directionOf(deployment, { rating, isWhole }) }
}

/**
 * Resumes a deployment that was interrupted, or rolls it back. Returns undefined where there was none. The caller holds
 * the deployment lock.
 */
export async function recover(home: DeployHome, hooks: Hooks): Promise<DeployResult | undefined> {
  const { clock, supervisor, journal } = home
  const found = interruptedDeployment(home)
  if (found === undefined) {
    forgetDeployment(home) // one that could not be read
    return undefined
  }
  const { direction } = found
  const deployment = withSupervisor(found.deployment, isStopped(home, found.deployment) ? 'none' : supervisor.kind)
  await stopTools(clock, deployment.id) // an installation may have outlived the process that started it
  journal.append('deploy.recover', {
    id: deployment.id,
    what: deployment.what,
    release: deployment.target.name,
    direction,
  })
  writeDeployment(home, deployment)
  const execution = new Execution(home, hooks, deployment)
  return direction === 'forward'
    ? execution.forward(deployment.steps.slice(Math.max(0, deployment.begun - 1)).filter(isPlain))
    : execution.rollBack(deployment.back ?? INTERRUPTED)
}

/** Returns whether a step can be resumed: the installation and the check were done before the switch. */
function isPlain(step: RecordedStep): step is PlainStep {
  return step.do !== 'install' && step.do !== 'check'
}

/**
 * Returns the deployment with its current supervisor. Without one, or for a bot that is to stay stopped, nothing can be
 * proven: then it only switches, as any deployment without a supervisor.
 */
function withSupervisor(deployment: Deployment, supervisor: SupervisorKind): Deployment {
  if (supervisor !== 'none') return { ...deployment, supervisor }
  const { steps, begun } = deployment
  // a proof that was given before stays given
  const stays = (step: RecordedStep, index: number) =>
    index < begun - 1 || (step.do !== 'restart' && step.do !== 'gate')
  return { ...deployment, supervisor, steps: steps.filter(stays), begun: steps.slice(0, begun).filter(stays).length }
}
