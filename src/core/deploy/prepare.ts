import { withRemedy } from '#core/bot/runtime/runtime-fault.js'
import { commandWords } from '#core/config/command-words.js'
import type { Version } from '#core/deploy/git/refs.js'
import { openRepository, type Repository } from '#core/deploy/git/repository.js'
import { readTree, type TreeEntry, trackedBelow } from '#core/deploy/git/tree.js'
import { type Installation, installationFor } from '#core/deploy/releases/dependencies.js'
import { ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { faultUnder } from '#core/deploy/repair/release-runtime.js'
import { type Backup, Backups } from '#core/deploy/settings/backups.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'
import { exists } from '#core/platform/fs/files.js'
import { localTime, quoteWord } from '#core/text.js'
import type { DeployHome } from './deploy-home.js'
import { refuseIfLocked } from './deploy-lock.js'
import { refuseInterrupted } from './deployment-file.js'
import { freeName, releaseName, versionName } from './names.js'
import { type Plan, type PlanFacts, planFor, type Target } from './plan.js'
import { dataOfThen, snapshotPaths } from './snapshots/data-of-then.js'

/** The options of {@link prepare}. */
export interface PrepareOptions {
  readonly what: Plan['what']
  /** True to deploy a commit that is bad or active already, or to repair what needs no repair. */
  readonly force: boolean
  /**
   * The settings after a rollback: the version's snapshot with today's secrets, the snapshot as it is, or the current
   * ones.
   */
  readonly settings: 'snapshot' | 'snapshot with its secrets' | 'current'
  /** True to bring back the data of then, too: the newest snapshot of the version's data. */
  readonly withData?: boolean
  /** True to wait for no bot that is busy. */
  readonly now?: boolean
}

/** A plan, with the warnings to show before it is carried out. */
export interface Prepared {
  readonly plan: Plan
  readonly warnings: readonly string[]
  /** True if it is active already: then there is nothing to do. */
  readonly isActive: boolean
}

/**
 * Gathers the facts that the plan to this version depends on, and makes the plan. Nothing is changed.
 * @throws CatalystError VERSION_BAD, TRACKED_SHARED, DEPLOY_CUT_OFF
 */
export async function prepare(home: DeployHome, version: Version, options: PrepareOptions): Promise<Prepared> {
  const { paths, settings, supervisor } = home
  const { what, force } = options
  await refuseIfLocked(home)
  const releases = new Releases(home)
  const { from, onDisk } = home.asOwner(() => {
    refuseInterrupted(home)
    // one that failed may have failed for its data
    if (!force && !options.withData && what !== 'repair') refuseBad(home, version, what)
    return {
      from: home.activePointer() ?? null,
      onDisk: releases.list().filter(({ commit }) => commit === version.commit),
    }
  })
  const known = onDisk[0]
  const fault = known && what !== 'repair' ? await faultUnder(home, known) : undefined
  const isBroken = fault?.isSure === true
  // a release that is not on disk, or can't run on today's runtime, is active in name only
  const isActive = from?.commit === version.commit && known !== undefined && !isBroken && !force
  const isRebuilt = known !== undefined && force && what === 'deployment' && known.name !== from?.name
  const isBuiltBeside = isBroken || what === 'repair'
  const repository = known && !isRebuilt && !isBuiltBeside ? undefined : await openRepository(home)
  const subfolder = repository?.subfolder ?? known?.subfolder ?? ''
  // the active one is not taken apart while it runs; it may have lost its manifest
  const plain = onDisk.at(-1)?.name ?? releaseName(version.tag, version.commit)
  const taken = isBuiltBeside ? [...releases.names(), ...(from ? [from.name] : [])] : from ? [from.name] : []
  const name = isBuiltBeside ? freeName(plain, taken) : (known?.name ?? freeName(plain, taken))
  const target: Target = { name, commit: version.commit, tag: version.tag ?? known?.tag ?? null, subfolder }
  const built = repository ? await inspectTree(repository, target, settings.DEPLOY_SHARED_PATHS) : []
  const installation = installationFor(
    built.map(({ path }) => path),
    subfolder,
  )
  const facts: PlanFacts = {
    what,
    target,
    from,
    isBuilt: repository === undefined,
    ...toolsFor(settings, installation, subfolder),
    ...home.asOwner(() => ({
      hasSettings: exists(paths.env),
      settings: what === 'rollback' ? settingsSnapshot(home, target, options.settings) : undefined,
    })),
    snapshotPaths: from?.commit === version.commit ? [] : await snapshotPaths(home, known),
    data: options.withData ? dataOfThen(home, target).id : undefined,
    supervisor: supervisor.kind,
    busyMaxSeconds: options.now ? 0 : settings.BOT_BUSY_MAX,
  }
  const warnings = [
    ...(fault ? [isBroken ? `${fault.text} It is built anew` : withRemedy(fault)] : []),
    ...warningsOf(home, installation),
  ]
  return { plan: planFor(facts), warnings, isActive }
}

function refuseBad(home: DeployHome, version: Version, what: Plan['what']): void {
  const known = ratingOf(readRatings(home), version.commit)
  if (known?.rating !== 'bad') return
  const name = versionName(version)
  throw new CatalystError(`${name} has proven bad at ${localTime(known.rated_at)}: ${known.reason}`, {
    code: 'VERSION_BAD',
    exit: EXIT.failed,
    suggestions: [
      what === 'deployment'
        ? 'Deploy one that repairs it: catalyst deploy run TAG'
        : 'Take the last good one: catalyst deploy rollback --last-good',
      `Or, if it was not to blame: catalyst deploy run ${name} --force`,
    ],
  })
}

async function inspectTree(
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

/** Splits a command. The settings have been checked: a command that can't be split is one of their faults. */
function wordsOf(command: string | undefined): [string, ...string[]] | undefined {
  const words = commandWords(command ?? '')
  return words.length === 0 ? undefined : (words as [string, ...string[]])
}

/** Finds the backup with which a version last proved good; without one the newest that was made while it was active. */
function settingsSnapshot(
  home: DeployHome,
  { name, commit }: Target,
  desired: PrepareOptions['settings'],
): PlanFacts['settings'] {
  if (desired === 'current') return undefined
  const backups = new Backups(home).list()
  const proved = ratingOf(readRatings(home), commit)?.backup
  const backup = backups.find(({ id }) => id === proved) ?? backups.find(({ release }) => release === name)
  if (backup === undefined) return undefined
  const hasSettings = exists(home.paths.env)
  const secrets = desired === 'snapshot' && hasSettings ? 'of today' : 'of the backup'
  if (secrets === 'of the backup') refuseSealed(home, backup, hasSettings)
  return { backup: backup.id, secrets }
}

/**
 * Refuses a rollback of secrets that are sealed, or whose replacement would be: it could not take them back by itself.
 * @throws CatalystError BACKUP_SEALED
 */
function refuseSealed({ settings }: DeployHome, { id, sealed_to }: Backup, hasSettings: boolean): void {
  if (sealed_to === null && !(hasSettings && settings.SETTINGS_BACKUP_RECIPIENT !== undefined)) return
  throw new CatalystError('Backups of the settings are sealed, so a rollback can not bring secrets back.', {
    code: 'BACKUP_SEALED',
    exit: EXIT.failed,
    suggestions: [
      `Restore them first: catalyst deploy restore ${id}${sealed_to === null ? '' : ' --identity FILE'}`,
      'Then roll back with the current settings: --current-config',
      ...(hasSettings ? ["Or roll back with today's secrets: leave --with-secrets out"] : []),
    ],
  })
}

function warningsOf({ settings, supervisor, paths }: DeployHome, { unknown }: Installation): string[] {
  return [
    ...(unknown.length > 0 && settings.DEPLOY_INSTALL_COMMAND === undefined
      ? [`Nothing is installed for ${unknown.join(', ')}: set DEPLOY_INSTALL_COMMAND`]
      : []),
    ...(supervisor.kind === 'none'
      ? [
          `Nothing supervises the bot of ${paths.home}: it is not restarted, and the version is not proven. Install its service: catalyst service install`,
        ]
      : []),
    ...(isEndpointOn(settings)
      ? []
      : ['The health endpoint is switched off: only that the process runs will be proven']),
  ]
}
