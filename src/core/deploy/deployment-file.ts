import { CatalystError, EXIT } from '#core/errors.js'
import type { HomeFiles } from '#core/home/home.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { migrateDeployment } from '#core/home/migrate-names.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { localTime, quoteWord } from '#core/text.js'
import { operationName } from './names.js'
import { type Deployment, parseDeployment } from './parse-deployment.js'

export type { Deployment } from './parse-deployment.js'

/** Returns the deployment that is under way or was interrupted; undefined where there is none that we can have made. */
export function readDeployment({ paths, asOwner }: HomeFiles): Deployment | undefined {
  const value = asOwner(() => readFields(paths))
  const read = value && parseDeployment(value)
  return read && 'deployment' in read ? read.deployment : undefined
}

/**
 * Refuses to carry out a deployment that can't have been made by us.
 * @throws CatalystError STATE_REFUSED
 */
export function refuseForged({ paths, asOwner }: HomeFiles): void {
  const value = asOwner(() => readFields(paths))
  const read = value && parseDeployment(value)
  if (read === undefined || 'deployment' in read) return
  throw new CatalystError(
    `${paths.deployment} is not a deployment that catalyst can have made: ${read.fault}. Nothing of it was done.`,
    {
      code: 'STATE_REFUSED',
      exit: EXIT.failed,
      suggestions: [
        'See whose it is, and what it says. If nobody needs it, remove it:',
        `rm ${quoteWord(paths.deployment)}`,
      ],
    },
  )
}

/** Reads what at least looks like a deployment: nothing else can be resumed or rolled back. */
function readFields(paths: HomePaths): Record<string, unknown> | undefined {
  return readJson<Record<string, unknown>>(
    paths.deployment,
    ({ id, what, steps, begun, target }) =>
      typeof id === 'string' &&
      typeof what === 'string' &&
      Array.isArray(steps) &&
      steps.every((step) => typeof step?.do === 'string') &&
      typeof begun === 'number' &&
      typeof target === 'object' &&
      target !== null,
    migrateDeployment,
  )
}

export function writeDeployment({ paths, asOwner }: HomeFiles, deployment: Deployment): void {
  asOwner(() => writeJson(paths.deployment, deployment))
}

export function forgetDeployment({ paths, asOwner }: HomeFiles): void {
  asOwner(() => removeFile(paths.deployment))
}

/**
 * Refuses to begin anything while an interrupted deployment waits for its recovery.
 * @throws CatalystError DEPLOY_CUT_OFF, STATE_REFUSED
 */
export function refuseInterrupted(home: HomeFiles): void {
  const interrupted = home.asOwner(() => {
    refuseForged(home)
    return readDeployment(home)
  })
  if (interrupted === undefined) return
  throw new CatalystError(`The ${operationName(interrupted)} of ${localTime(interrupted.since)} was interrupted.`, {
    code: 'DEPLOY_CUT_OFF',
    exit: EXIT.failed,
    suggestions: ['Resume it or roll it back first: catalyst deploy recover'],
  })
}
