import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readJson, writeJson } from '#core/state/json-file.js'
import { removeFile } from '#core/system/files.js'
import { actingAs, type User } from '#core/system/users.js'
import { localTime } from '#core/text.js'
import { undertaking } from './names.js'
import type { Plan, Progress } from './plan.js'

/**
 * `.catalyst/state/deployment.json`: the deployment that is under way, with its plan and how far it has come. One that
 * nobody carries on any more was cut off.
 */
export interface Deployment extends Plan, Progress {
  readonly id: string
  /** ISO 8601. */
  readonly since: string
  readonly by: string
  /** On the way back, and why. */
  readonly back: string | null
  /** Why the bot was degraded before: no reason to refuse the new release. */
  readonly tolerated: readonly string[]
  /** When somebody had stopped the bot on purpose before: a wish that this deployment, which starts it, outlives. */
  readonly stopWish?: string | null
}

export function readDeployment(paths: HomePaths): Deployment | undefined {
  return readJson<Deployment>(
    paths.deployment,
    ({ id, what, steps, begun, target, from }) =>
      typeof id === 'string' &&
      typeof what === 'string' &&
      Array.isArray(steps) &&
      steps.every((step) => typeof step?.do === 'string') &&
      typeof begun === 'number' &&
      isVersion(target) &&
      (from === null || isVersion(from)),
  )
}

export function writeDeployment(paths: HomePaths, deployment: Deployment): void {
  writeJson(paths.deployment, deployment)
}

export function forgetDeployment(paths: HomePaths): void {
  removeFile(paths.deployment)
}

/** @throws CatalystError DEPLOY_CUT_OFF when an earlier one has not come to its end */
export function refuseCutOff({ paths, owner }: { readonly paths: HomePaths; readonly owner: User }): void {
  const cutOff = actingAs(owner, () => readDeployment(paths))
  if (cutOff === undefined) return
  throw new CatalystError(`The ${undertaking(cutOff)} of ${localTime(cutOff.since)} was cut off.`, {
    code: 'DEPLOY_CUT_OFF',
    exit: EXIT.failed,
    suggestions: ['Bring it to an end first: catalyst deploy recover'],
  })
}

/** The backups that a deployment goes back to, or forward with. */
export function backupsInUse(paths: HomePaths): string[] {
  const { backup = null, steps = [] } = readDeployment(paths) ?? {}
  const settings = steps.flatMap((step) => (step.do === 'settings' ? [step.backup] : []))
  return backup === null ? settings : [backup, ...settings]
}

function isVersion(value: unknown): boolean {
  const { name, commit } = (value ?? {}) as Record<string, unknown>
  return typeof name === 'string' && typeof commit === 'string'
}
