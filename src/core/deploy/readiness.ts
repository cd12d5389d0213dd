import { Releases } from '#core/deploy/releases/releases.js'
import { CatalystError, codeOf, EXIT, isNoRoom, waysToRoom, writeFault } from '#core/errors.js'
import { folderBytes, freeBytesAt } from '#core/platform/disk/disk-space.js'
import { treeAt } from '#core/platform/fs/copy-tree.js'
import { isFolder } from '#core/platform/fs/files.js'
import { whyNotWritable } from '#core/platform/fs/permissions.js'
import { Snapshots } from '#core/snapshots/snapshots.js'
import { sizeText } from '#core/text.js'
import type { DeployHome } from './deploy-home.js'
import type { Plan, Step } from './plan.js'

const MB = 1024 * 1024
/**
 * The room for a backup and state, which are written in any case. A rollback on a crowded disk must not be refused for
 * more.
 */
const LEAST_BYTES = MB
/** The room for what is written beside a new release, such as logs. */
const MARGIN_BYTES = 16 * MB
/** The room for the dependencies of a first release, of which nothing is known yet. */
const FIRST_INSTALLATION_BYTES = 48 * MB

/**
 * Refuses a plan that would fail for reasons known before its first step: permissions, and room on the disk.
 * Nothing is changed then.
 * @throws CatalystError HOME_NOT_WRITABLE
 */
export function refuseUnready(home: DeployHome, plan: Plan): void {
  const { paths, owner, asOwner } = home
  const { neededBytes, freeBytes } = asOwner(() => {
    for (const folder of [paths.own, paths.state, paths.releases, paths.backups, paths.snapshots]) {
      const why = isFolder(folder) ? whyNotWritable(folder) : undefined
      if (why !== undefined) throw notWritable(writeFault(why, folder), why, folder, owner.name)
    }
    return { neededBytes: bytesFor(home, plan), freeBytes: freeBytesAt(paths.own) }
  })
  if (freeBytes >= neededBytes) return
  const needs = `it needs about ${sizeText(neededBytes)}, and ${sizeText(freeBytes)} are free`
  throw new CatalystError(
    `There is not enough room for ${plan.target.name} on the disk that holds ${paths.own}: ${needs}. Nothing was done.`,
    {
      code: 'HOME_NOT_WRITABLE',
      exit: EXIT.failed,
      suggestions: waysToRoom(paths.own),
    },
  )
}

/** Returns what a plan may write, in bytes: a release as large as the active one, where it builds one, and the data. */
function bytesFor(home: DeployHome, plan: Plan): number {
  return bytesOfRelease(home, plan) + bytesOfData(home, plan)
}

function bytesOfData(home: DeployHome, { steps }: Plan): number {
  const step = steps.find((one) => one.do === 'snapshot' || one.do === 'data')
  if (step?.do === 'data') return new Snapshots(home).read(step.snapshot ?? '')?.bytes ?? 0
  const items = step?.do === 'snapshot' ? step.paths.flatMap((path) => treeAt(home.paths.data, path)) : []
  return items.reduce((sum, { bytes }) => sum + bytes, 0)
}

function bytesOfRelease(home: DeployHome, { steps }: Plan): number {
  const has = (what: Step['do']) => steps.some((step) => step.do === what)
  if (!has('export')) return LEAST_BYTES
  const active = home.activePointer()
  if (active !== undefined) {
    const folder = new Releases(home).folderOf(active.name)
    return MARGIN_BYTES + folderBytes(folder)
  }
  return MARGIN_BYTES + (has('install') ? FIRST_INSTALLATION_BYTES : 0)
}

function notWritable(words: string, why: Error, folder: string, owner: string): CatalystError {
  const isPassing = isNoRoom(why) || codeOf(why) === 'EROFS'
  return new CatalystError(`Nothing was done, since ${folder} can't be written to: ${words}`, {
    code: 'HOME_NOT_WRITABLE',
    exit: isPassing ? EXIT.failed : EXIT.notAllowed,
    suggestions: isPassing
      ? waysToRoom(folder)
      : [`Give ${owner} the permission to write there. See whose it is: ls -ld ${folder}`],
    cause: why,
  })
}
