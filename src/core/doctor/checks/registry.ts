import { checkOf } from '#core/doctor/check.js'
import type { Context } from '#core/doctor/context.js'
import { type Judged, ok, warning } from '#core/doctor/finding.js'
import { registeredHomes, registerHome, registryPath } from '#core/home/registry.js'
import { isInContainer } from '#core/platform/container.js'
import { isFolder } from '#core/platform/fs/files.js'

/** The facts about the registry of homes. */
export interface RegistryFacts {
  /** Its path; undefined where Windows names no folder for it. */
  readonly path: string | undefined
  readonly isRegistered: boolean
  readonly isInContainer: boolean
}

/** Judges whether `ls` finds this home. */
export function judgeRegistry({ path, isRegistered, isInContainer }: RegistryFacts): Judged[] {
  if (path === undefined) return [ok('this system has no place for one')]
  if (isRegistered) return [ok('catalyst ls finds this home')]
  if (isInContainer) return [ok('a container has one home, which CATALYST_HOME names')]
  return [warning(`this home is not in ${path}, so catalyst ls may not find it`, 'catalyst doctor --fix')]
}

function readRegistry({ home }: Context): RegistryFacts {
  const { paths, owner, asOwner } = home
  const path = registryPath(owner)
  // a home in which nothing was ever started is none to be found
  const isNew = !isFolder(paths.own)
  return {
    path,
    isRegistered: isNew || asOwner(() => registeredHomes(path)).includes(paths.home),
    isInContainer: isInContainer(),
  }
}

export const registryCheck = checkOf({
  id: 'registry',
  read: readRegistry,
  judge: judgeRegistry,
  async fix(context) {
    await registerHome(context.home.clock, context.home.paths.home)
    const { path, isRegistered } = readRegistry(context)
    return isRegistered ? [`this home was added to ${path}`] : []
  },
})
