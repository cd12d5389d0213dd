import { readNewest } from '#core/journal/journal.js'
import { readPointer } from '#core/state/active-release.js'
import type { DeployHome } from './deploy-home.js'
import { listTags, type Tag, type Version } from './refs.js'
import { type Release, Releases } from './releases.js'
import { openRepository } from './repository.js'
import { goodReleases, type Judgement, type Runs, runsOfReleases, type Verdict, verdictsOf } from './verdicts.js'

/** A version that the home could go back to. */
export interface Candidate extends Version {
  /** When it was tagged or made ready; ms since 1970. */
  readonly at: number
  readonly subject: string
  readonly verdict: Verdict
  /** Why it is bad. */
  readonly reason: string
  /** How long it ran in all, in ms, and how often it ended unasked. */
  readonly runs: Runs | null
  readonly isOnDisk: boolean
  readonly isLastGood: boolean
}

const NEWEST_TAGS = 200

/** Everything but the active version, newest first: the newest tags, and releases on disk that have none. */
export async function rollbackCandidates(home: Pick<DeployHome, 'paths' | 'owner' | 'asOwner'>): Promise<Candidate[]> {
  const { paths, owner, asOwner } = home
  const repository = await openRepository(paths, owner).catch(() => undefined)
  const tags = repository ? await listTags(repository.git, NEWEST_TAGS) : []
  return candidatesOf(tags, {
    releases: asOwner(() => new Releases(paths).list()),
    active: asOwner(() => readPointer(paths))?.commit,
    ...factsOf(asOwner(() => readNewest(paths.journal))),
  })
}

interface CandidateFacts {
  readonly releases: readonly Release[]
  readonly active: string | undefined
  readonly verdicts: ReadonlyMap<string, Judgement>
  readonly runs: ReadonlyMap<string, Runs>
}

function factsOf(entries: ReturnType<typeof readNewest>): Pick<CandidateFacts, 'verdicts' | 'runs'> {
  return { verdicts: verdictsOf(entries), runs: runsOfReleases(entries) }
}

/** The one that a person most likely means: the last good one, else the newest that is not bad. */
export function offeredFirst(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.find((one) => one.isLastGood) ?? candidates.find((one) => one.verdict !== 'bad') ?? candidates[0]
}

/** The candidates, of what is known. A commit of several tags is one version, called as its release is. */
export function candidatesOf(tags: readonly Tag[], facts: CandidateFacts): Candidate[] {
  const { releases, active, verdicts, runs } = facts
  const lastGood = goodReleases(verdicts, releases, [active])[0]?.commit
  const byCommit = new Map<string, Candidate>()
  const add = (version: Version, at: number, subject: string) => {
    const { commit } = version
    if (commit === active || byCommit.has(commit)) return
    const release = releases.find((one) => one.commit === commit)
    const { verdict = 'unknown', reason = '' } = verdicts.get(commit) ?? {}
    byCommit.set(commit, {
      ...version,
      at,
      subject,
      verdict,
      reason,
      runs: (release && runs.get(release.name)) ?? null,
      isOnDisk: release !== undefined,
      isLastGood: commit === lastGood,
    })
  }
  const names = new Set(releases.map(({ tag, commit }) => `${tag} ${commit}`))
  const shippedBy = tags.filter(({ name, commit }) => names.has(`${name} ${commit}`))
  for (const { name, commit, at, subject } of [...shippedBy, ...tags]) add({ tag: name, commit }, at, subject)
  for (const { tag, commit, made_at } of releases) add({ tag, commit }, made_at, '')
  return [...byCommit.values()].sort((one, other) => other.at - one.at)
}
