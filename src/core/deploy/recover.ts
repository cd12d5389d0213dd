import { exists } from '#core/system/files.js'
import type { DeployHome } from './deploy-home.js'
import { type Deployment, forgetDeployment, readDeployment, writeDeployment } from './deployment-file.js'
import type { Ending } from './ending.js'
import { Execution } from './execution.js'
import { isBeyondReturn, type KeeperKind, type Step } from './plan.js'
import { Releases } from './releases.js'
import { endTools } from './run-tool.js'
import type { Hooks } from './steps.js'
import { isStopped } from './stopped.js'
import { readVerdicts, type Verdict } from './verdicts.js'

const CUT_OFF = 'it was cut off'

/** Where a deployment that was cut off is carried to: its end, or back. */
export type Direction = 'forward' | 'back'

/**
 * Forward where it has proven itself already, or where it is a rollback to a version that is known to be good and has
 * been switched to; else back to what ran before.
 */
export function directionOf(
  deployment: Deployment,
  facts: { verdict: Verdict | undefined; isWhole: boolean },
): Direction {
  const { back, what, steps, begun } = deployment
  if (back !== null) return 'back'
  if (isBeyondReturn(deployment, begun)) return 'forward'
  const isSwitched = steps.slice(0, begun).some((step) => step.do === 'switch')
  return what === 'rollback' && isSwitched && facts.isWhole && facts.verdict === 'good' ? 'forward' : 'back'
}

/** The deployment that was cut off, and where it would be carried; undefined where there is none. */
export function cutOff({ paths, asOwner }: DeployHome): { deployment: Deployment; direction: Direction } | undefined {
  return asOwner(() => {
    const deployment = readDeployment(paths)
    if (deployment === undefined) return undefined
    const { target } = deployment
    const verdict = readVerdicts(paths).get(target.commit)?.verdict
    const isWhole = new Releases(paths).read(target.name) !== undefined
    return { deployment, direction: directionOf(deployment, { verdict, isWhole }) }
  })
}

/**
 * Carries a deployment that was cut off to its end, or back. Undefined where there was none. Nobody else may deploy
 * meanwhile.
 */
export async function recover(home: DeployHome, hooks: Hooks): Promise<Ending | undefined> {
  const { clock, paths, keeper, asOwner, journal } = home
  const found = cutOff(home)
  if (found === undefined) {
    if (asOwner(() => exists(paths.deployment))) asOwner(() => forgetDeployment(paths)) // nobody could read it
    return undefined
  }
  const { direction } = found
  const deployment = withKeeper(found.deployment, isStopped(home, found.deployment) ? 'nobody' : keeper.kind)
  await endTools(clock, deployment.id) // an installation may have outlived whoever started it
  journal.append('deploy.recover', {
    id: deployment.id,
    what: deployment.what,
    release: deployment.target.name,
    direction,
  })
  asOwner(() => writeDeployment(paths, deployment))
  const execution = new Execution(home, hooks, deployment)
  return direction === 'forward'
    ? execution.forward(Math.max(0, deployment.begun - 1))
    : execution.back(deployment.back ?? CUT_OFF)
}

/**
 * Where nobody keeps the bot any more, or it is to stay stopped, nothing can be proven: then it is only switched, as by a
 * deployment there.
 */
function withKeeper(deployment: Deployment, keeper: KeeperKind): Deployment {
  if (keeper !== 'nobody') return { ...deployment, keeper }
  const { steps, begun } = deployment
  // a proof that was given before stays given
  const isLeft = (step: Step, index: number) => index < begun - 1 || (step.do !== 'restart' && step.do !== 'gate')
  return { ...deployment, keeper, steps: steps.filter(isLeft), begun: steps.slice(0, begun).filter(isLeft).length }
}
