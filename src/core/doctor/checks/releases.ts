import { readDeployment, refuseForged } from '#core/deploy/deployment-file.js'
import { operationName } from '#core/deploy/names.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { CatalystError, messageOf } from '#core/errors.js'
import { activeRelease } from '#core/home/active-release.js'
import { exists } from '#core/platform/fs/files.js'
import { localTime, quoteWord } from '#core/text.js'

/** The facts about the releases. */
export interface ReleaseFacts {
  /** The name in the pointer; undefined where no release is active. */
  readonly active: string | undefined
  /** The path of a pointer that can't be read. */
  readonly damagedPointer: string | undefined
  /** True where the active release has its folder. */
  readonly hasFolder: boolean
  /** True where it has its manifest, too. */
  readonly isWhole: boolean
  /** The release that the bot runs; undefined where none runs. */
  readonly running: string | null | undefined
  /** Folders of releases that were never finished. */
  readonly unfinished: readonly string[]
  /** True while a deployment goes on or waits for its recovery: then folders of its own are no leftovers. */
  readonly isDeploying: boolean
  readonly count: number
}

const LAST_GOOD = 'catalyst deploy rollback --last-good'

/** Judges whether the releases and the pointer to the active one are whole. */
export function judgeReleases(facts: ReleaseFacts): Judged[] {
  const { active, damagedPointer, hasFolder, isWhole, running, unfinished, isDeploying, count } = facts
  if (damagedPointer !== undefined)
    return [fault(`${damagedPointer} is damaged, so the bot would start in the working tree`, LAST_GOOD)]
  if (active !== undefined && !hasFolder)
    return [fault(`the active release ${active} is gone, so the bot would start in the working tree`, LAST_GOOD)]
  if (active !== undefined && !isWhole)
    return [fault(`the active release ${active} has lost its manifest`, 'catalyst deploy repair')]
  const found: Judged[] = []
  if (!isDeploying && running !== undefined && running !== (active ?? null))
    found.push(
      warning(
        `the bot runs ${running ?? 'the working tree'}, and ${active ?? 'the working tree'} is active`,
        'catalyst service restart',
      ),
    )
  if (!isDeploying && unfinished.length > 0)
    found.push(warning(`${unfinished.join(', ')}: never finished, and of no use`, 'catalyst deploy prune'))
  if (found.length > 0) return found
  return [
    ok(
      active === undefined ? 'none is active: the bot runs in the working tree' : `${active} is active, ${count} kept`,
    ),
  ]
}

export const releasesCheck = checkOf({
  id: 'releases',
  async read({ home, bot }): Promise<ReleaseFacts> {
    const { paths, asOwner } = home
    const releases = new Releases(home)
    const pointer = home.activePointer()
    return {
      active: pointer?.name,
      damagedPointer:
        pointer === undefined && asOwner(() => exists(paths.activeRelease)) ? paths.activeRelease : undefined,
      hasFolder: asOwner(() => activeRelease(paths)) !== undefined,
      isWhole: pointer !== undefined && releases.read(pointer.name) !== undefined,
      running: (await bot())?.release,
      unfinished: releases.unfinished(),
      isDeploying: readDeployment(home) !== undefined || (await home.isHeld('deployLock')),
      count: releases.list().length,
    }
  },
  judge: judgeReleases,
})

/** The facts about a deployment that is under way. */
export interface DeploymentFacts {
  readonly deployment: { readonly name: string; readonly since: string; readonly goesOn: boolean } | undefined
  /** Why the file of one can't be ours, and where it lies. */
  readonly forged: { readonly why: string; readonly path: string } | undefined
}

/** Judges whether a deployment was interrupted. */
export function judgeDeployment({ deployment, forged }: DeploymentFacts): Judged[] {
  if (forged !== undefined) return [fault(forged.why, `rm ${quoteWord(forged.path)}`)]
  if (deployment === undefined) return [ok('none is under way, and none was interrupted')]
  const name = `the ${deployment.name} of ${localTime(deployment.since)}`
  return deployment.goesOn ? [ok(`${name} goes on`)] : [fault(`${name} was interrupted`, 'catalyst deploy recover')]
}

export const deploymentCheck = checkOf({
  id: 'deployment',
  async read({ home }): Promise<DeploymentFacts> {
    try {
      refuseForged(home)
    } catch (error) {
      if (!(error instanceof CatalystError)) throw error
      const why = messageOf(error).replace(' Nothing of it was done.', '').replace(/\.$/, '')
      return { deployment: undefined, forged: { why, path: home.paths.deployment } }
    }
    const found = readDeployment(home)
    if (found === undefined) return { deployment: undefined, forged: undefined }
    const goesOn = await home.isHeld('deployLock')
    return { deployment: { name: operationName(found), since: found.since, goesOn }, forged: undefined }
  },
  judge: judgeDeployment,
})
