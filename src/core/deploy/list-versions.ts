import { readPointer } from '#core/state/active-release.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { actingAs, type User } from '#core/system/users.js'
import type { Git } from './git.js'
import { listTags, type Tag } from './refs.js'
import { Releases } from './releases.js'
import { readVerdicts, type Verdict } from './verdicts.js'

/** A tag with what is known of its commit. */
export interface TaggedVersion extends Tag {
  readonly verdict: Verdict
  readonly on_disk: boolean
  readonly active: boolean
}

/** The newest tags, newest first. */
export async function listVersions(git: Git, paths: HomePaths, owner: User, limit: number): Promise<TaggedVersion[]> {
  const tags = await listTags(git, limit)
  return actingAs(owner, () => {
    const verdicts = readVerdicts(paths)
    const onDisk = new Set(new Releases(paths).list().map(({ commit }) => commit))
    const active = readPointer(paths)?.commit
    return tags.map((tag) => ({
      ...tag,
      verdict: verdicts.get(tag.commit)?.verdict ?? 'unknown',
      on_disk: onDisk.has(tag.commit),
      active: tag.commit === active,
    }))
  })
}
