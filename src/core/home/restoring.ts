import { dirname, join, resolve } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { readText } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { kindAt, linkText } from '#core/platform/fs/links.js'
import { temporaryName } from '#core/platform/fs/temporary.js'
import {
  copyAtomically,
  makeFolder,
  movePath,
  OWNER_FOLDER,
  removeFile,
  removeFolder,
} from '#core/platform/fs/write-files.js'
import { isRunning } from '#core/platform/process/process-id.js'
import type { HomePaths } from './home-paths.js'
import { readHolderNow } from './lock.js'

/** The record of a restore while it replaces files: who finds it later finishes it. Paths are relative to the home. */
export interface Restoring {
  /** The backup that is restored. */
  readonly backup: string
  /** The folder with the files that come, each under its path in the home. */
  readonly from: string
  /** The folder that takes what they replace. */
  readonly undo: string
  /** The files and folders that come. */
  readonly come: readonly string[]
  /** Those that are there, and were not then. */
  readonly go: readonly string[]
  /** Those of `come` that are links to shared files: the link stays, and what it leads to is replaced. */
  readonly linked: readonly string[]
}

/** Reads the record of a restore that is under way, or was interrupted. */
export function readRestoring({ restoring }: HomePaths): Restoring | undefined {
  const isPath = (value: unknown) => typeof value === 'string' && !value.split(/[\\/]/).includes('..')
  return readJson<Restoring>(
    restoring,
    ({ backup, from, undo, come, go, linked }) =>
      [backup, from, undo].every(isPath) &&
      [come, go, linked].every((list) => Array.isArray(list) && list.every(isPath)),
  )
}

/** Writes the record; from then on the restore is carried out, whatever happens. */
export function beginRestoring(paths: HomePaths, restoring: Restoring): void {
  makeFolder(join(paths.home, restoring.undo), OWNER_FOLDER)
  writeJson(paths.restoring, restoring)
}

/** The settings of a home: who starts in the middle of a restore reads the old ones or the new ones, never none. */
const SETTINGS = '.env'

/**
 * Puts every file of a restore in its place, and removes the record. What was done before an interruption is found, and
 * not done again.
 */
export function finishRestoring(paths: HomePaths, { from, undo, come, go, linked }: Restoring): void {
  const at = (folder: string, path: string) => join(paths.home, folder, path)
  // no other link is followed: what it leads to is not the home's
  const placeOf = (path: string) => (linked.includes(path) ? endOfLink(at('', path)) : at('', path))
  for (const path of [...go, ...come.filter((one) => kindAt(at(from, one)) !== undefined)]) {
    const place = placeOf(path)
    const kind = kindAt(place)
    if (kind === undefined) continue
    const kept = at(undo, path)
    const isKept = kindAt(kept) !== undefined
    if (path === SETTINGS && kind === 'file') {
      if (!isKept) copyAtomically(place, kept)
    } else if (!isKept) movePath(place, kept)
    // it was made anew in between, as by a program that appends to it
    else if (come.includes(path)) movePath(place, temporaryName(kept))
  }
  for (const path of come) if (kindAt(at(from, path)) !== undefined) movePath(at(from, path), placeOf(path))
  writeJson(at(undo, RECORD), { come, go, linked })
  removeFile(paths.restoring)
  removeFolder(join(paths.home, from))
}

/** The name of the record in a folder of what was replaced. */
const RECORD = 'replaced.json'

/** Returns what a restore has replaced, by its folder. */
export function readReplaced(folder: string): Pick<Restoring, 'come' | 'go' | 'linked'> | undefined {
  return readJson(join(folder, RECORD), ({ come, go, linked }) => [come, go, linked].every(Array.isArray))
}

/** Links in a row that are followed, as Linux does. */
const MOST_LINKS = 40

/** Returns where a link leads, though nothing may be there now. */
function endOfLink(path: string): string {
  let place = path
  for (let count = 0; count < MOST_LINKS && kindAt(place) === 'link'; count++)
    place = resolve(dirname(place), linkText(place))
  return place
}

/**
 * Lets a bot start only on whole data: finishes a restore that was interrupted, or that waits for the bot's restart.
 * @throws CatalystError BACKUP_BUSY while one is under way, and where one has changed the settings that the bot has read
 */
export async function settleRestore(paths: HomePaths): Promise<void> {
  const restoring = readRestoring(paths)
  if (restoring === undefined) return
  const holder = readHolderNow(paths.backupLock)
  if (holder !== undefined && (await isRunning(holder))) {
    throw new CatalystError(`A backup is being restored in ${paths.home}, by pid ${holder.pid}. Nothing was started.`, {
      code: 'BACKUP_BUSY',
      exit: EXIT.busy,
      suggestions: ['Wait until that is done, then do it again.'],
    })
  }
  const before = readText(paths.env)
  finishRestoring(paths, restoring)
  if (readText(paths.env) === before) return
  throw new CatalystError(`The restore of ${restoring.backup} is finished, and has brought other settings.`, {
    code: 'BACKUP_BUSY',
    exit: EXIT.busy,
    suggestions: ['Start the bot with them; its service or watchdog does so by itself: catalyst bot start'],
  })
}
