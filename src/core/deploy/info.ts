import { readConfig } from '#core/config/load.js'
import { messageOf } from '#core/errors.js'
import { askHealth } from '#core/health/client.js'
import { type JournalEntry, readNewest } from '#core/journal/journal.js'
import { readPointer } from '#core/state/active-release.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readHolderNow } from '#core/state/lock.js'
import { isRunning } from '#core/system/processes.js'
import { actingAs, type User } from '#core/system/users.js'
import { readDeployment } from './deployment-file.js'
import type { Git } from './git.js'
import { undertaking } from './names.js'
import { type Release, Releases } from './releases.js'
import { openRepository } from './repository.js'
import { goodReleases, type Judgement, type Verdict, verdictsOf } from './verdicts.js'

/** A version that is or was active. */
export interface KnownVersion {
  readonly release: string
  readonly tag: string | null
  readonly commit: string
  readonly verdict: Verdict
  /** Why, of a bad one. */
  readonly reason: string
}

/** What `deploy info --json` says. Times are ISO 8601. */
export interface DeployInfo {
  /** null: the bot runs in the home itself. */
  readonly active: KnownVersion | null
  readonly since: string | null
  readonly previous: KnownVersion | null
  /** Other than the active one, and on disk. */
  readonly last_good: KnownVersion | null
  readonly bot: { readonly status: string; readonly release: string | null; readonly reasons: readonly string[] }
  readonly releases_on_disk: number
  /** A deployment that goes on, or was cut off. */
  readonly unfinished: { readonly what: string; readonly since: string; readonly goes_on: boolean } | null
  /** null where there is no repository. */
  readonly home: HomeState | null
  /** Why there is none: no repository, or git refuses it, or is not installed. */
  readonly home_fault: string | null
}

interface HomeState {
  readonly branch: string | null
  readonly commit: string | null
  /** Files that differ from it, untracked ones too. */
  readonly dirty: number
  /** Commits of the branch, and of what it follows, that the active version does not have. */
  readonly ahead: { readonly branch: number | null; readonly upstream: number | null }
}

/** How a home stands: what is active, what was, and what is ahead. */
export async function deployInfo(paths: HomePaths, owner: User): Promise<DeployInfo> {
  const asOwner = <T>(work: () => T) => actingAs(owner, work)
  const entries = asOwner(() => readNewest(paths.journal))
  const onDisk = asOwner(() => new Releases(paths).list())
  const pointer = asOwner(() => readPointer(paths))
  const { settings } = asOwner(() => readConfig(paths.home, process.env))
  const health = await askHealth(paths, settings)
  const change = lastChange(entries, pointer?.name ?? null)
  const verdicts = verdictsOf(entries)
  const [good] = goodReleases(verdicts, onDisk, [pointer?.commit])
  const find = (which: (release: Release) => boolean) => {
    const release = onDisk.find(which)
    return release ? known(release, verdicts) : null
  }
  const unfinished = asOwner(() => readDeployment(paths))
  const holder = asOwner(() => readHolderNow(paths.deployLock))
  return {
    active: pointer
      ? known({ tag: null, ...pointer, ...onDisk.find(({ name }) => name === pointer.name) }, verdicts)
      : null,
    since: change?.at ?? null,
    previous: find(({ name }) => name === change?.before),
    last_good: good ? known(good, verdicts) : null,
    bot: { status: health.status, release: health.report?.release ?? null, reasons: health.reasons },
    releases_on_disk: onDisk.length,
    unfinished: unfinished
      ? {
          what: undertaking(unfinished),
          since: unfinished.since,
          goes_on: holder !== undefined && (await isRunning(holder)),
        }
      : null,
    ...(await stateOfHome(paths, owner, pointer?.commit)),
  }
}

function known(
  { name, tag, commit }: Pick<Release, 'name' | 'tag' | 'commit'>,
  verdicts: ReadonlyMap<string, Judgement>,
): KnownVersion {
  const { verdict = 'unknown', reason = '' } = verdicts.get(commit) ?? {}
  return { release: name, tag, commit, verdict, reason }
}

/** Outcomes that leave active what was. */
const BACK: readonly unknown[] = ['back', 'cancelled', 'needs you']

/** When the active release became so, and what was active before. */
export function lastChange(
  entries: readonly JournalEntry[],
  active: string | null,
): { at: string; before: string | null } | undefined {
  let current: string | null | undefined
  let change: { at: string; before: string | null } | undefined
  for (const { kind, active: name, time, outcome } of entries) {
    if (kind !== 'deploy.end' || (typeof name !== 'string' && name !== null)) continue
    // the first that is known: one that failed only says what was active already
    current ??= BACK.includes(outcome) ? name : null
    if (name !== current) change = { at: time, before: current }
    current = name
  }
  return current === active ? change : undefined
}

async function stateOfHome(
  paths: HomePaths,
  owner: User,
  active: string | undefined,
): Promise<Pick<DeployInfo, 'home' | 'home_fault'>> {
  try {
    const { git } = await openRepository(paths, owner)
    return { home: await stateOf(git, active), home_fault: null }
  } catch (error) {
    return { home: null, home_fault: messageOf(error).replace(/\.$/, '') }
  }
}

async function stateOf(git: Git, active: string | undefined): Promise<HomeState> {
  const [branch, commit, status] = await Promise.all([
    git.ask('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git.ask('rev-parse', '--verify', '--quiet', 'HEAD'),
    git.ask('--no-optional-locks', 'status', '--porcelain'),
  ])
  return {
    branch: branch?.trim() ?? null,
    commit: commit?.trim() ?? null,
    dirty: (status ?? '').split('\n').filter(Boolean).length,
    ahead: { branch: await commitsIn(git, active, 'HEAD'), upstream: await commitsIn(git, active, '@{upstream}') },
  }
}

async function commitsIn(git: Git, active: string | undefined, tip: string): Promise<number | null> {
  if (active === undefined) return null
  const count = await git.ask('rev-list', '--count', `${active}..${tip}`, '--')
  return count === undefined ? null : Number(count)
}
