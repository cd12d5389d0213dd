import { objectIn } from '#core/json.js'

const RELEASE = /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/

/**
 * Returns the newest version that an answer names, without a `v`: npm's metadata of a package, the newest release as
 * GitHub and GitLab tell it, or an object with a `version`. Returns undefined for any other answer.
 */
export function versionInAnswer(text: string): string | undefined {
  const answer = objectIn(text)
  const tags = answer?.['dist-tags']
  const latest = typeof tags === 'object' && tags !== null && 'latest' in tags ? tags.latest : undefined
  const named = [latest, answer?.version, answer?.tag_name].find((one) => typeof one === 'string')
  return typeof named === 'string' && RELEASE.test(named) ? named.replace(/^v/, '') : undefined
}

/** Returns the newest version among the tags that `git ls-remote --tags --refs` lists; those before a release don't count. */
export function newestTag(listed: string): string | undefined {
  const names = listed.split('\n').flatMap((line) => /\trefs\/tags\/(\S+)$/.exec(line)?.[1] ?? [])
  const releases = names.filter((name) => RELEASE.exec(name)?.[4] === undefined && RELEASE.test(name))
  const newest = releases.reduce<string | undefined>((best, name) => (isNewer(name, best) ? name : best), undefined)
  return newest?.replace(/^v/, '')
}

/** Returns whether a version is newer than another one; any is newer than none. */
export function isNewer(version: string, than: string | undefined): boolean {
  const [a, b] = [partsOf(version), partsOf(than ?? '')]
  if (a === undefined) return false
  if (b === undefined) return true
  const differing = a.findIndex((part, index) => part !== b[index])
  return differing !== -1 && (a[differing] as number) > (b[differing] as number)
}

/** Returns the numbers of a version; the last is 0 for what comes before the release (https://semver.org/#spec-item-9). */
function partsOf(version: string): number[] | undefined {
  const match = RELEASE.exec(version)
  return match ? [Number(match[1]), Number(match[2]), Number(match[3]), match[4] === undefined ? 1 : 0] : undefined
}
