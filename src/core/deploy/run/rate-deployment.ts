import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Deployment } from '#core/deploy/deployment-file.js'
import type { GateFailed } from '#core/deploy/gate/gate.js'
import { versionName } from '#core/deploy/names.js'
import {
  EXITS_WINDOW_MS,
  leadsForward,
  ratingAfterFailure,
  ratingOf,
  type WhyLeft,
  whyLeft,
} from '#core/deploy/releases/ratings.js'
import { noteRating, readRatings } from '#core/deploy/releases/ratings-file.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { exitsByItself } from '#core/deploy/releases/runs.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { makeBackup, readSettingsText } from '#core/deploy/settings/settings-backup.js'
import { messageOf } from '#core/errors.js'
import type { Pointer } from '#core/home/active-release.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { lacksItsData } from './order-data.js'

type OnWarning = (text: string) => void

/**
 * Rates a version that went live: that it has proven itself, with which settings, and why the one before was left.
 * Without a supervisor nothing was proven. A failed write, as on a full disk, is only a warning.
 */
export async function rateShipped(home: DeployHome, deployment: Deployment, onWarning: OnWarning): Promise<void> {
  const { target, from, steps } = deployment
  const why =
    from === null || from.commit === target.commit ? undefined : whyItWasLeft(home, deployment, from, onWarning)
  if (steps.some((step) => step.do === 'gate')) {
    const backup = await backUpProven(home, deployment, onWarning)
    bestEffort(() => noteProved(home, deployment, backup), onWarning)
  }
  if (from !== null && why !== undefined) bestEffort(() => noteLeftFor(home, from, why), onWarning)
}

/**
 * Returns why the version before was left. It is called before the new one takes its place in the order of the
 * deployments.
 */
function whyItWasLeft(
  home: DeployHome,
  { what, target, since }: Deployment,
  from: Pointer,
  onWarning: OnWarning,
): WhyLeft | undefined {
  const began = Date.parse(since)
  let why: WhyLeft | undefined
  bestEffort(() => {
    why = whyLeft({
      what,
      leadsForward: leadsForward(readRatings(home), from.commit, target.commit),
      exitsByItself: exitsByItself(home.newestEntries(), from.name, began - EXITS_WINDOW_MS, began),
    })
  }, onWarning)
  return why
}

function noteProved(home: DeployHome, { what, target, provenBy: proof }: Deployment, backup: string | null): void {
  const { name: release, commit, tag } = target
  const reason = `healthy as ${release}`
  const at = nowOf(home)
  noteRating(home, { change: 'proved', commit, release, tag, at, by: what, reason, backup, proof })
}

/** Rates a version that has not passed the gate. `othersWork`: another one came up afterwards. */
export function rateFailed(
  home: DeployHome,
  { target, steps }: Deployment,
  { message, byItself: isItsFault, isUnproven }: GateFailed,
  othersWork: boolean,
  onWarning: OnWarning,
): void {
  const { name: release, commit, tag } = target
  bestEffort(() => {
    const before = ratingOf(readRatings(home), commit)?.rating
    // it ran on data of a later version, which it may not know
    const byItself = isItsFault && !lacksItsData(home, { target, steps })
    const rating = ratingAfterFailure({ before, byItself, isUnproven, othersWork })
    const reason = rating === 'good' ? `it was good before; the last time ${message}` : message
    noteRating(home, { change: 'failed', commit, release, tag, at: nowOf(home), rating, reason })
  }, onWarning)
}

/** Records that the version before did not come up again, and was left for one that did. */
export function noteLeft(home: DeployHome, { what, from }: Deployment, onWarning: OnWarning): void {
  if (from !== null) bestEffort(() => noteLeftFor(home, from, 'failed', what === 'repair'), onWarning)
}

/** Records why a version was left. */
export function noteLeftFor(
  home: DeployHome,
  { name: release, commit }: Pointer,
  why: WhyLeft,
  keepsRating = false,
): void {
  const tag = new Releases(home).read(release)?.tag ?? null
  noteRating(home, { change: 'left', commit, release, tag, at: nowOf(home), why, ...(keepsRating && { keepsRating }) })
}

/**
 * Backs up the settings that a version has proven itself with, unless its newest backup has them, and returns the
 * backup.
 */
async function backUpProven(home: DeployHome, { target }: Deployment, onWarning: OnWarning): Promise<string | null> {
  try {
    const text = readSettingsText(home)
    if (text === undefined) return null
    const backups = new Backups(home)
    const newest = backups.list().find(({ release }) => release === target.name)
    if (newest !== undefined && backups.holds(newest, text)) return newest.id
    return (await makeBackup(home, `${versionName(target)} has proven good with them`)).id
  } catch (error) {
    onWarning(messageOf(error))
    return null
  }
}

function nowOf({ clock }: DeployHome): string {
  return new Date(clock.now()).toISOString()
}
