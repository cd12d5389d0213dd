import { splitCommand } from '#core/config/command-words.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'
import { readPointer } from '#core/state/active-release.js'
import { exists } from '#core/system/files.js'
import { localTime, quoteWord } from '#core/text.js'
import { Backups } from './backups.js'
import { type Installation, installationFor } from './dependencies.js'
import type { DeployHome } from './deploy-home.js'
import { refuseIfLocked } from './deploy-lock.js'
import { refuseCutOff } from './deployment-file.js'
import { releaseName, versionName } from './names.js'
import { type Plan, type PlanFacts, planFor, type Target } from './plan.js'
import type { Version } from './refs.js'
import { Releases } from './releases.js'
import { openRepository, type Repository } from './repository.js'
import { readTree, type TreeEntry, trackedBelow } from './tree.js'
import { readVerdicts } from './verdicts.js'

export interface PrepareOptions {
  readonly what: Plan['what']
  /** Deploys a commit that is bad, and one that is active already. */
  readonly force: boolean
  /** A rollback's settings: those of then with today's secrets, those of then, or those of now. */
  readonly settings: 'of then' | 'of then with secrets' | 'of now'
}

/** A plan, and what is to be said before it is carried out. */
export interface Prepared {
  readonly plan: Plan
  readonly warnings: readonly string[]
  /** It is active already: then there is nothing to do. */
  readonly isActive: boolean
}

/**
 * Gathers what the plan to this version depends on, and makes it. Nothing is changed.
 * @throws CatalystError VERSION_BAD, TRACKED_SHARED, DEPLOY_CUT_OFF
 */
export async function prepare(home: DeployHome, version: Version, options: PrepareOptions): Promise<Prepared> {
  const { paths, settings, keeper, asOwner } = home
  const { what, force } = options
  await refuseIfLocked(paths, home.owner)
  refuseCutOff(home)
  const from = asOwner(() => readPointer(paths)) ?? null
  if (!force) refuseBad(home, version, what)
  const releases = new Releases(paths)
  const known = asOwner(() => releases.list().find(({ commit }) => commit === version.commit))
  // one that is not on disk is active in name only
  const isActive = from?.commit === version.commit && known !== undefined && !force
  const rebuilds = known !== undefined && force && what === 'deployment' && known.name !== from?.name
  const repository = known && !rebuilds ? undefined : await openRepository(paths, home.owner)
  const subfolder = repository?.subfolder ?? known?.subfolder ?? ''
  const plain = releaseName(version.tag, version.commit)
  // the active one may have lost its manifest; it is not taken apart while it runs
  const name = known?.name ?? (plain === from?.name ? `${plain}-2` : plain)
  const target: Target = { name, commit: version.commit, tag: version.tag ?? known?.tag ?? null, subfolder }
  const built = repository ? await lookInto(repository, target, settings.DEPLOY_SHARED_PATHS) : []
  const installation = installationFor(
    built.map(({ path }) => path),
    subfolder,
  )
  const facts: PlanFacts = {
    what,
    target,
    from,
    hasSettings: exists(paths.env),
    isBuilt: repository === undefined,
    ...toolsFor(settings, installation, subfolder),
    settings: what === 'rollback' ? asOwner(() => settingsOfThen(home, target.name, options.settings)) : undefined,
    keeper: keeper.kind,
  }
  return { plan: planFor(facts), warnings: warningsOf(home, installation), isActive }
}

function refuseBad({ paths, asOwner }: DeployHome, version: Version, what: Plan['what']): void {
  const judgement = asOwner(() => readVerdicts(paths)).get(version.commit)
  if (judgement?.verdict !== 'bad') return
  const name = versionName(version)
  throw new CatalystError(`${name} has proven bad at ${localTime(judgement.at)}: ${judgement.reason}`, {
    code: 'VERSION_BAD',
    exit: EXIT.failed,
    suggestions: [
      what === 'deployment'
        ? 'Ship one that mends it: catalyst deploy run TAG'
        : 'Take the last good one: catalyst deploy rollback --last-good',
      `Or, if it was not to blame: catalyst deploy run ${name} --force`,
    ],
  })
}

async function lookInto(
  { git }: Repository,
  { commit, subfolder, tag }: Target,
  shared: readonly string[],
): Promise<readonly TreeEntry[]> {
  const entries = await readTree(git, commit)
  const tracked = trackedBelow(entries, subfolder, shared, process.platform)
  if (tracked.length > 0) {
    const rest = shared.filter((path) => trackedBelow(entries, subfolder, [path], process.platform).length === 0)
    const inHome = tracked.map((path) => (path.startsWith(subfolder) ? path.slice(subfolder.length) : path))
    throw trackedShared(versionName({ tag, commit }), inHome, { shared, rest })
  }
  if (subfolder !== '' && !entries.some(({ path }) => path.startsWith(subfolder))) {
    throw new CatalystError(
      `${versionName({ tag, commit })} does not have the folder ${subfolder} that this home is.`,
      {
        code: 'RELEASE_INCOMPLETE',
        exit: EXIT.failed,
        suggestions: ['Take a version that has it: catalyst deploy list-tags'],
      },
    )
  }
  return entries
}

function trackedShared(
  version: string,
  tracked: readonly string[],
  { shared, rest }: { shared: readonly string[]; rest: readonly string[] },
): CatalystError {
  const shown = tracked.slice(0, 3).join(', ')
  const more = tracked.length > 3 ? ` and ${tracked.length - 3} more` : ''
  const hit = shared.filter((path) => !rest.includes(path))
  // a link or a submodule above a shared path is in the way itself
  const culprits = tracked.map((one) => hit.find((path) => one === path || one.startsWith(`${path}/`)) ?? one)
  return new CatalystError(`${version} has files of its own where the home's are to appear: ${shown}${more}.`, {
    code: 'TRACKED_SHARED',
    exit: EXIT.failed,
    suggestions: [
      `Take them out of git: git rm -r --cached ${[...new Set(culprits)].map((path) => quoteWord(path)).join(' ')}`,
      ...(rest.length === 0 ? [] : [`Or share less, in .env: DEPLOY_SHARED_PATHS=${rest.join(',')}`]),
    ],
  })
}

function toolsFor(
  { DEPLOY_INSTALL_COMMAND, DEPLOY_CHECK_COMMAND }: DeployHome['settings'],
  own: Installation,
  subfolder: string,
): Pick<PlanFacts, 'install' | 'check' | 'folders'> {
  const asked = wordsOf(DEPLOY_INSTALL_COMMAND)
  return {
    install: asked ? [asked] : own.commands,
    check: wordsOf(DEPLOY_CHECK_COMMAND),
    folders: { install: asked ? subfolder : own.folder, check: subfolder },
  }
}

/** The settings have been checked: a command that can't be split is one of their faults. */
function wordsOf(command: string | undefined): [string, ...string[]] | undefined {
  const words = command === undefined ? [] : splitCommand(command)
  return 'fault' in words || words.length === 0 ? undefined : (words as [string, ...string[]])
}

/** The newest backup that was made while that release was active. */
function settingsOfThen(
  { paths }: DeployHome,
  release: string,
  wish: PrepareOptions['settings'],
): PlanFacts['settings'] {
  if (wish === 'of now') return undefined
  const backup = new Backups(paths.backups).list().find((one) => one.release === release)
  if (backup === undefined) return undefined
  return { backup: backup.id, secrets: wish === 'of then' && exists(paths.env) ? 'of today' : 'of the backup' }
}

function warningsOf({ settings, keeper, paths }: DeployHome, { unknown }: Installation): string[] {
  return [
    ...(unknown.length > 0 && settings.DEPLOY_INSTALL_COMMAND === undefined
      ? [`Nothing is installed for ${unknown.join(', ')}: set DEPLOY_INSTALL_COMMAND`]
      : []),
    ...(keeper.kind === 'nobody'
      ? [
          `Nobody keeps the bot of ${paths.home}, so nothing restarts it and nothing is proven. Have it kept: catalyst service install`,
        ]
      : []),
    ...(isEndpointOn(settings)
      ? []
      : ['The health endpoint is switched off: only that the process runs will be proven']),
  ]
}
