import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { lockBackups } from '#core/backup/backup-lock.js'
import { findBackup, type HomeBackup, listBackups } from '#core/backup/list-backups.js'
import { BackupRepository } from '#core/backup/restic/open-repository.js'
import type { BackupHooks } from '#core/backup/run-backup.js'
import { seriesOf } from '#core/backup/series.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { beginRestoring, finishRestoring, type Restoring, readReplaced, readRestoring } from '#core/home/restoring.js'
import { exists, listFolder, realPath } from '#core/platform/fs/files.js'
import { kindAt } from '#core/platform/fs/links.js'
import { copyAtomically, makeFolder, OWNER_FOLDER, removeFile, removeFolder } from '#core/platform/fs/write-files.js'
import { inSeconds, localTime, quoteWord, timeName, timeOfName } from '#core/text.js'
import { fetchBackup, type OpenedBackup, openBackup, parentsOf } from './fetch-backup.js'
import { type Replacements, replacementsOf } from './replacements.js'
import { type KeptSettings, sealedIn, sealKept } from './seal-kept.js'
import { findStarter, type Starter, startOn } from './start-on-it.js'

/** A restore before it is confirmed. */
export interface RestorePlan extends Replacements {
  readonly backup: HomeBackup
  readonly opened: OpenedBackup
  readonly repository: BackupRepository
  readonly only: string | undefined
}

/** A restore that was done, or undone. */
export interface Restored {
  /** Null for an undo. */
  readonly backup: string | null
  /** The time of the backup, or of the restore that was undone, RFC 3339. */
  readonly time: string
  /** The folder that the files are in: the home, or another one. */
  readonly folder: string
  /** The paths that came back, relative to it. */
  readonly restored: readonly string[]
  /** The paths that were removed, since the backup has none of them. */
  readonly removed: readonly string[]
  /** The folder with what was replaced; null where nothing was. */
  readonly replaced: string | null
  /** The settings in it; null where they were not replaced. */
  readonly replaced_settings: KeptSettings | null
  /** The settings that an undo has left as they are, since those of before are sealed; null where it has not. */
  readonly sealed_settings: string | null
  /** The healthy bot that was started on it; null where none was to be. */
  readonly pid: number | null
  readonly seconds: number
}

/**
 * Reads a backup, and returns what its restore would replace in the home.
 * @throws CatalystError BACKUP_UNKNOWN, BACKUP_DAMAGED, USAGE for a path that is not in it
 */
export async function planRestore(
  home: Home,
  asked: string | undefined,
  { only, signal, say }: { only?: string | undefined } & Pick<BackupHooks, 'signal' | 'say'>,
): Promise<RestorePlan> {
  const { paths } = home
  const repository = await BackupRepository.open(home, say)
  const series = seriesOf(home)
  const backup = findBackup(await listBackups(repository, series, signal), asked, series)
  const opened = await openBackup(repository, backup.id, 'restore', signal)
  const path = only === undefined ? undefined : pathInHome(paths.home, only)
  if (path !== undefined && !opened.listing.has(path)) throw notInBackup(path, backup.id)
  if (path !== undefined) refuseLinkedParents(paths.home, path, opened.manifest.paths)
  const replacements = replacementsOf({
    listing: opened.listing,
    roots: opened.manifest.paths,
    only: path,
    exists: (one) => kindAt(join(paths.home, one)) !== undefined,
    isFileLink: (one) => isFileLink(join(paths.home, one)),
    namesIn: (folder) => listFolder(join(paths.home, folder)),
  })
  return { backup, opened, repository, only: path, ...replacements }
}

/**
 * Restores a backup in its home. What it replaces is kept, for {@link undoRestore}. Until all has been fetched and checked
 * nothing is changed; an interruption after that is finished by the next start of the bot, or by the next restore. With a
 * starter the bot may run: it goes on until all has been fetched, and its restart puts the files in their places.
 * @throws CatalystError BOT_RUNNING, RESTORE_FAILED, BACKUP_BUSY, SERVICE_NOT_RUNNING
 */
export async function restoreBackup(
  home: Home,
  plan: RestorePlan,
  signal: AbortSignal | undefined,
  starter?: Starter,
): Promise<Restored> {
  const { clock, paths } = home
  const began = clock.monotonic()
  const { backup, opened, come, go, linked } = plan
  await refuseRunning(home, `Have it restarted on it: catalyst backup restore ${backup.id} --start`, starter)
  const from = join(paths.restore, backup.id)
  const undo = join(paths.undo, timeName(clock.now()))
  {
    using _lock = await lockBackups(home, 'a restore')
    try {
      await fetchBackup(plan.repository, opened, from, { clock, task: 'restore', only: plan.only, signal })
      const restoring = { backup: backup.id, from: inHome(paths, from), undo: inHome(paths, undo), come, go, linked }
      await replace(home, restoring, starter)
    } finally {
      if (readRestoring(paths) === undefined) removeFolder(from)
    }
  }
  const note = () => home.journal.note('backup.restore', { backup: backup.id, paths: come })
  return {
    backup: backup.id,
    time: backup.time,
    folder: paths.home,
    restored: come,
    removed: go,
    replaced: undo,
    sealed_settings: null,
    ...(await startAndTidy(home, { undo, starter, note })),
    seconds: inSeconds(clock.monotonic() - began),
  }
}

function inHome({ home }: HomePaths, path: string): string {
  return relative(home, path).split(sep).join('/')
}

/**
 * Puts files in their places, unless a bot has started meanwhile. The restart of a bot that runs does so itself, which is left
 * to its starter.
 */
async function replace(home: Home, restoring: Restoring, starter: Starter | undefined): Promise<void> {
  const { paths } = home
  beginRestoring(paths, restoring)
  if (starter?.before !== undefined) return
  try {
    await refuseRunning(home, 'Do it again with --start, which has it restarted') // one that starts from now on finds the record
  } catch (error) {
    removeFile(paths.restoring)
    removeFolder(join(paths.home, restoring.undo))
    throw error
  }
  finishRestoring(paths, restoring)
}

/**
 * Starts the bot on what was restored, where there is a starter. Whether it is healthy or not, what was replaced is tidied up and
 * the restore noted, once its files are in their places.
 */
async function startAndTidy(
  home: Home,
  { undo, starter, note }: { undo: string; starter: Starter | undefined; note: () => void },
): Promise<Pick<Restored, 'pid' | 'replaced_settings'>> {
  let replaced_settings: KeptSettings | null = null
  const tidy = async () => {
    if (readRestoring(home.paths) !== undefined) return
    replaced_settings = (await sealKept(home, undo)) ?? null
    removeOlder(home.paths, undo)
    note()
  }
  const pid = await startOn(home, starter).finally(tidy)
  return { pid, replaced_settings }
}

/** Removes what earlier restores have replaced. */
function removeOlder(paths: HomePaths, undo: string): void {
  for (const name of listFolder(paths.undo)) if (join(paths.undo, name) !== undo) removeFolder(join(paths.undo, name))
}

/** Restores a backup into another folder, which must be empty: the home stays as it is. */
export async function restoreTo(home: Home, plan: RestorePlan, to: string, signal?: AbortSignal): Promise<Restored> {
  const folder = resolve(to)
  const began = home.clock.monotonic()
  if (listFolder(folder).length > 0)
    throw new CatalystError(`${folder} is not empty. Nothing was restored.`, {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Name a folder that is empty, or new: --to FOLDER'],
    })
  using _lock = await lockBackups(home, 'a restore')
  await fetchBackup(plan.repository, plan.opened, folder, {
    clock: home.clock,
    task: 'restore',
    only: plan.only,
    signal,
  })
  return {
    backup: plan.backup.id,
    time: plan.backup.time,
    folder,
    restored: listFolder(folder),
    removed: [],
    replaced: null,
    replaced_settings: null,
    sealed_settings: null,
    pid: null,
    seconds: inSeconds(home.clock.monotonic() - began),
  }
}

/**
 * Finishes a restore that was interrupted, and returns its backup; undefined where none was. A bot that runs is restarted
 * for it only where it `mayRestart`.
 * @throws CatalystError BOT_RUNNING, BACKUP_BUSY, SUPERVISOR_MISSING, SERVICE_NOT_RUNNING
 */
export async function finishInterrupted(home: Home, mayRestart: boolean): Promise<string | undefined> {
  const restoring = readRestoring(home.paths)
  if (restoring === undefined) return undefined
  const starter = mayRestart ? await findStarter(home) : undefined
  await refuseRunning(home, 'Do it again with --start: a restore was interrupted, and the restart finishes it', starter)
  if (starter?.before !== undefined) await startOn(home, starter)
  using _lock = await lockBackups(home, 'a restore')
  if (readRestoring(home.paths) !== undefined) finishRestoring(home.paths, restoring)
  await sealKept(home)
  return restoring.backup
}

/**
 * Puts back what the last restore has replaced. What it replaces itself is kept in the same way. For the starter see
 * {@link restoreBackup}.
 * @throws CatalystError BACKUP_UNKNOWN where nothing is kept, BOT_RUNNING, BACKUP_BUSY, SERVICE_NOT_RUNNING
 */
export async function undoRestore(home: Home, starter?: Starter): Promise<Restored> {
  const began = home.clock.monotonic()
  await refuseRunning(home, 'Have it restarted on it: catalyst backup restore --undo --start', starter)
  const undone = await putBack(home, starter)
  const note = () => home.journal.note('backup.undo', { restored: undone.time })
  const ended = await startAndTidy(home, { undo: undone.replaced, starter, note })
  return { ...undone, ...ended, seconds: inSeconds(home.clock.monotonic() - began) }
}

async function putBack(
  home: Home,
  starter: Starter | undefined,
): Promise<Omit<Restored, 'pid' | 'replaced_settings' | 'seconds'> & { readonly replaced: string }> {
  const { paths, clock } = home
  using _lock = await lockBackups(home, 'the undo of a restore')
  const name = listFolder(paths.undo).at(-1)
  const folder = join(paths.undo, name ?? '')
  const replaced = name === undefined ? undefined : readReplaced(folder)
  if (name === undefined || replaced === undefined)
    throw new CatalystError('There is no restore to undo.', {
      code: 'BACKUP_UNKNOWN',
      exit: EXIT.failed,
      suggestions: ['Restore a backup instead: catalyst backup list'],
    })
  const isKept = (path: string) => kindAt(join(folder, path)) !== undefined
  const sealed = sealedIn(folder)
  // those of before come back only by an identity: until then today's stay
  const all = [...replaced.come, ...replaced.go].filter((path) => path !== '.env' || sealed === undefined)
  const come = all.filter(isKept)
  const go = all.filter((path) => !isKept(path) && exists(join(paths.home, path)))
  const undo = join(paths.undo, timeName(clock.now()))
  const from = inHome(paths, folder)
  const keptSealed = sealed && join(undo, basename(sealed))
  if (sealed !== undefined && keptSealed !== undefined) {
    makeFolder(undo, OWNER_FOLDER)
    copyAtomically(sealed, keptSealed)
  }
  await replace(home, { backup: name, from, undo: inHome(paths, undo), come, go, linked: replaced.linked }, starter)
  return {
    backup: null,
    time: new Date(timeOfName(name)).toISOString(),
    folder: paths.home,
    restored: come,
    removed: go,
    replaced: undo,
    sealed_settings: keptSealed ?? null,
  }
}

/** Refuses to change what a bot runs on, unless a starter restarts it. `next` says what else can be done. */
async function refuseRunning(home: Home, next: string, starter?: Starter): Promise<void> {
  const bot = starter?.before === undefined ? await home.runningBot() : undefined
  if (bot === undefined) return
  throw new CatalystError(
    `The bot runs on this data: pid ${bot.pid}, since ${localTime(bot.since)}. Nothing in the home was changed.`,
    {
      code: 'BOT_RUNNING',
      exit: EXIT.busy,
      suggestions: [
        next,
        'Or stop it first, by what keeps it, such as its service: catalyst service stop',
        'Or restore elsewhere: catalyst backup restore --to FOLDER',
      ],
    },
  )
}

function isFileLink(path: string): boolean {
  const target = kindAt(path) === 'link' ? realPath(path) : undefined
  return target !== undefined && kindAt(target) === 'file'
}

/** Refuses a path that a link in the home leads elsewhere, unless the settings name that link. */
function refuseLinkedParents(home: string, path: string, roots: readonly string[]): void {
  const link = parentsOf(path).find((parent) => !roots.includes(parent) && kindAt(join(home, parent)) === 'link')
  if (link === undefined) return
  throw new CatalystError(`${path} can't be restored there: ${link} is a link now. Nothing was changed.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['Restore it elsewhere: catalyst backup restore --to FOLDER'],
  })
}

/** Returns a path of the home as a backup has it. */
function pathInHome(home: string, asked: string): string {
  const path = relative(home, resolve(home, asked)).split(sep).join('/')
  if (path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path)) return path
  throw new CatalystError(`${asked} is not a path inside the home.`, { code: 'USAGE', exit: EXIT.usage })
}

function notInBackup(path: string, id: string): CatalystError {
  return new CatalystError(`${path} is not in the backup ${id}. Nothing was changed.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [`See what is in it, in an empty folder: catalyst backup restore ${quoteWord(id)} --to FOLDER`],
  })
}
