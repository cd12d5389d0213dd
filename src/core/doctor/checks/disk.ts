import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { type DiskFiles, type DiskSpace, diskFiles, diskSpace } from '#core/platform/disk/disk-space.js'
import { exists } from '#core/platform/fs/files.js'
import { sizeText } from '#core/text.js'

const MB = 1024 * 1024
/** Below it state and logs can't be written for long. */
const FAULT_BYTES = 50 * MB
/** Below it a deployment may lack room. */
const WARNING_BYTES = 500 * MB
const FAULT_FILES = 200
const WARNING_FILES_RATIO = 0.02

/** The facts about a disk. */
export interface DiskFacts {
  readonly path: string
  readonly space: Pick<DiskSpace, 'freeBytes'>
  /** Undefined where a file system has no limit of its own. */
  readonly files: DiskFiles | undefined
}

/** Judges the room on the disks of the home. */
export function judgeDisk(disks: readonly DiskFacts[]): Judged[] {
  const found = disks.flatMap(judgeOne)
  if (found.length > 0) return found
  const least = Math.min(...disks.map(({ space }) => space.freeBytes))
  return [ok(`${sizeText(least)} are free`)]
}

const PRUNE = 'catalyst deploy prune'

function judgeOne({ path, space, files }: DiskFacts): Judged[] {
  const free = `${sizeText(space.freeBytes)} are free on the disk that holds ${path}`
  const room =
    space.freeBytes < FAULT_BYTES
      ? [fault(`only ${free}`, PRUNE)]
      : space.freeBytes < WARNING_BYTES
        ? [warning(`only ${free}`, PRUNE)]
        : []
  if (files === undefined || files.free > files.total * WARNING_FILES_RATIO) return room
  const left = `only ${files.free} of ${files.total} files (inodes) are left on the disk that holds ${path}`
  return [...room, files.free < FAULT_FILES ? fault(left, PRUNE) : warning(left, PRUNE)]
}

export const diskCheck = checkOf({
  id: 'disk',
  async read({ home }): Promise<DiskFacts[]> {
    const { paths } = home
    const read = async (path: string): Promise<DiskFacts> => {
      const [space, files] = await Promise.all([diskSpace(path), diskFiles(path)])
      return { path, space, files }
    }
    const [state, ...others] = await Promise.all([paths.home, paths.data].filter(exists).map(read))
    // mostly both are on the same disk, which is named once
    const isOther = (one: DiskFacts) =>
      one.files?.total !== state?.files?.total || one.space.freeBytes !== state?.space.freeBytes
    return [...(state ? [state] : []), ...others.filter(isOther)]
  },
  judge: judgeDisk,
})
