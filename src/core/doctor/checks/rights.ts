import { join } from 'node:path'
import { askAsOwner } from '#core/condition/gather.js'
import { hasSecrets } from '#core/config/open-settings.js'
import { checkOf } from '#core/doctor/check.js'
import type { Context } from '#core/doctor/context.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { codeOf, writeFault } from '#core/errors.js'
import { exists, listFolder } from '#core/platform/fs/files.js'
import { changeMode, type Rights, readRights, whyNotWritable } from '#core/platform/fs/permissions.js'
import { OWNER_FOLDER, OWNER_ONLY } from '#core/platform/fs/write-files.js'
import { quoteWord } from '#core/text.js'

const OTHERS = 0o007
const GROUP_AND_OTHERS = 0o077

/** A file or folder, and its rights. */
interface ModeFacts {
  readonly path: string
  readonly mode: number
  /** The mode that it should have. */
  readonly wanted: number
}

/** The facts about the rights of the home. */
interface RightsFacts {
  /** `.env`, if more can read it than should; `hasSecrets`: it holds some. */
  readonly env: (ModeFacts & { readonly hasSecrets: boolean }) | undefined
  /** Files and folders of ours that more can read than should. */
  readonly open: readonly ModeFacts[]
}

/** Judges who can read `.env`, backups and state. */
function judgeRights({ env, open }: RightsFacts): Judged[] {
  const found = [
    ...(env === undefined ? [] : [judgeEnv(env)]),
    ...open.map(({ path, mode, wanted }) => warning(`${path} is open to others (${octal(mode)})`, chmod(path, wanted))),
  ]
  return found.length > 0 ? found : [ok('.env, backups and state are closed to others')]
}

function judgeEnv({ path, mode, wanted, hasSecrets: holds }: NonNullable<RightsFacts['env']>): Judged {
  const isForAll = (mode & 0o004) !== 0
  const text = `${isForAll ? 'every user of this machine' : 'a group'} can read ${path} (${octal(mode)})`
  return holds && isForAll
    ? fault(`${text}, and it holds secrets`, chmod(path, wanted))
    : warning(text, chmod(path, wanted))
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`
}

function chmod(path: string, mode: number): string {
  return `chmod ${mode.toString(8)} ${quoteWord(path)}`
}

/**
 * Returns the mode that a `.env` should have: closed to all but its owner. A group that is not its owner's own was let
 * in on purpose, and stays.
 */
export function wantedForEnv({ mode, gid }: Pick<Rights, 'mode' | 'gid'>, ownersGroup: number): number {
  return mode & ~(gid === ownersGroup ? GROUP_AND_OTHERS : OTHERS)
}

function readFacts({ home }: Context): RightsFacts {
  const { paths, owner, asOwner } = home
  return asOwner(() => {
    const env = readRights(paths.env)
    const wanted = env && wantedForEnv(env, owner.gid)
    return {
      env:
        env === undefined || wanted === undefined || env.mode === wanted
          ? undefined
          : { path: paths.env, mode: env.mode, wanted, hasSecrets: hasSecrets(paths.env) },
      open: closedPaths(home.paths).flatMap(({ path, wanted: mode }) => {
        const rights = readRights(path)
        return rights === undefined || (rights.mode & GROUP_AND_OTHERS) === 0
          ? []
          : [{ path, mode: rights.mode, wanted: mode }]
      }),
    }
  })
}

/** Returns the files and folders that we make for their owner alone. */
function closedPaths(paths: Context['home']['paths']): { path: string; wanted: number }[] {
  const folders = [paths.backups, paths.incidents].flatMap((folder) =>
    listFolder(folder).map((name) => join(folder, name)),
  )
  return [
    ...[...folders, paths.alerts].map((path) => ({ path, wanted: OWNER_FOLDER })),
    { path: paths.bot, wanted: OWNER_ONLY },
  ]
}

/** Closes what is open to others; what can't be written is its owner's to decide. */
async function closeToOthers(context: Context): Promise<string[]> {
  const { env, open } = readFacts(context)
  const { asOwner } = context.home
  return [...(env ? [env] : []), ...open].flatMap(({ path, mode, wanted }) => {
    // some file systems have no permissions, and take any change without making it
    const is = asOwner(() => changeMode(path, wanted))
    return is === wanted ? [`${path} was ${octal(mode)}, and is ${octal(wanted)} now`] : []
  })
}

export const rightsCheck = checkOf({
  id: 'rights',
  platforms: ['linux', 'darwin', 'freebsd', 'openbsd'],
  read: readFacts,
  judge: judgeRights,
  fix: closeToOthers,
})

/** A folder in which the owner of the home can't write. */
interface UnwritableFolder {
  readonly why: string
  readonly command: string | null
}

/** Judges whether state and logs can be written. */
function judgeFolders(unwritable: readonly UnwritableFolder[]): Judged[] {
  if (unwritable.length === 0) return [ok('state, data and logs can be written')]
  return unwritable.map(({ why, command }) => fault(why, command))
}

export const foldersCheck = checkOf({
  id: 'folders',
  read({ home }): UnwritableFolder[] {
    const { paths, owner, asOwner } = home
    const isNew = !exists(paths.own) && !exists(paths.data) // a check makes no home
    if (isNew || askAsOwner(home) !== undefined) return [] // nor does it say what others can't write
    return [paths.state, paths.data, paths.logs].flatMap((folder) => {
      const why = asOwner(() => whyNotWritable(folder))
      if (why === undefined) return []
      const isRefused = ['EACCES', 'EPERM'].includes(codeOf(why) ?? '') && process.platform !== 'win32'
      const command = isRefused ? `sudo chown -R ${quoteWord(`${owner.name}:`)} ${quoteWord(folder)}` : null
      return [{ why: `${folder} can't be written: ${writeFault(why, folder)}`, command }]
    })
  },
  judge: judgeFolders,
})
