import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Plan } from '#core/deploy/plan.js'
import { prepare } from '#core/deploy/prepare.js'
import { ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { faultUnder } from './release-runtime.js'

/** A repair of the active release: why it is needed, and the plan. Both are undefined where nothing is to be repaired. */
export interface Repair {
  readonly release: string
  readonly why: string | undefined
  readonly plan: Plan | undefined
  readonly warnings: readonly string[]
}

/**
 * Plans to build the active release anew, beside the one on disk. Needs git, and no network of its own. Without `force`
 * only one whose runtime has changed, or that isn't on disk, is rebuilt.
 * @throws CatalystError RELEASE_MISSING where the bot runs in the working tree; those of {@link prepare}
 */
export async function planRepair(home: DeployHome, { force }: { force: boolean }): Promise<Repair> {
  const active = home.activePointer()
  if (active === undefined) throw nothingActive()
  const { name, commit } = active
  const onDisk = new Releases(home).read(name)
  const fault = onDisk && (await faultUnder(home, onDisk))
  const why = onDisk === undefined ? `The active release ${name} is not on disk.` : fault?.text
  if (why === undefined && !force) return { release: name, why, plan: undefined, warnings: [] }
  const tag = onDisk?.tag ?? ratingOf(readRatings(home), commit)?.tag ?? null
  const { plan, warnings } = await prepare(home, { commit, tag }, { what: 'repair', force, settings: 'current' })
  return { release: name, why, plan, warnings }
}

function nothingActive(): CatalystError {
  return new CatalystError('No release is active: the bot runs in the working tree, which is yours to repair.', {
    code: 'RELEASE_MISSING',
    exit: EXIT.failed,
    suggestions: ['Deploy a version: catalyst deploy run v1.2.3'],
  })
}
