import { basename } from 'node:path'
import { readDeployment } from '#core/deploy/deployment-file.js'
import { checkOf } from '#core/doctor/check.js'
import type { Context } from '#core/doctor/context.js'
import { type Judged, ok, warning } from '#core/doctor/finding.js'
import { holdLock } from '#core/home/hold-lock.js'
import { type Holder, readHolderNow } from '#core/home/lock.js'
import { exists } from '#core/platform/fs/files.js'
import { isRunning } from '#core/platform/process/process-id.js'

/** A lock whose holder is gone. */
interface StaleLock {
  readonly path: string
  /** The process that held it; undefined where the file does not tell. */
  readonly pid: number | undefined
}

/** Judges the locks that were left behind: whoever wants one next breaks it, so none is a fault. */
function judgeLocks(stale: readonly StaleLock[]): Judged[] {
  if (stale.length === 0) return [ok('none was left behind')]
  return stale.map(({ path, pid }) => {
    const whose = pid === undefined ? 'names no process' : `was left by a process that is gone (pid ${pid})`
    return warning(`${basename(path)} ${whose}`, 'catalyst doctor --fix')
  })
}

async function staleLocks({ home }: Context): Promise<StaleLock[]> {
  const { paths, asOwner } = home
  // the lock of an interrupted deployment goes with that one
  const isInterrupted = readDeployment(home) !== undefined
  const all = [paths.serviceLock, paths.alertsLock, paths.watchdogLock, ...(isInterrupted ? [] : [paths.deployLock])]
  const stale = all.map(async (path): Promise<StaleLock[]> => {
    const holder = asOwner(() => (exists(path) ? (readHolderNow<Holder>(path) ?? 'unnamed') : undefined))
    if (holder === undefined) return []
    if (holder === 'unnamed') return [{ path, pid: undefined }]
    return (await isRunning(holder)) ? [] : [{ path, pid: holder.pid }]
  })
  return (await Promise.all(stale)).flat()
}

/** What stands in a lock meanwhile: whoever wants it tells its holder by that. */
type Breaker = Holder & { readonly what: string; readonly since: string }

/** Takes each lock as its next holder would, which breaks it, and releases it. */
async function breakLocks(context: Context): Promise<string[]> {
  const { clock, owner } = context.home
  const details = { what: 'a repair by doctor', since: new Date(clock.now()).toISOString() }
  const broken = (await staleLocks(context)).map(async ({ path }) => {
    const busy = () => new Error(`${path} is held`)
    using _lock = await holdLock<Breaker>(clock, { path, owner, details, busy })
    return `${basename(path)}, which was left behind, was removed`
  })
  return (await Promise.allSettled(broken)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

export const locksCheck = checkOf({ id: 'locks', read: staleLocks, judge: judgeLocks, fix: breakLocks })
