import { readDeployment } from '#core/deploy/deployment-file.js'
import { ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { type Release, Releases } from '#core/deploy/releases/releases.js'
import type { Home } from '#core/home/home.js'

/**
 * Returns the backups that stay, however old: those of a deployment under way, and those with which the releases on
 * disk proved good, but for releases that are about to go.
 */
export function backupsInUse(home: Home, gone: readonly Pick<Release, 'name'>[] = []): string[] {
  const staying = new Releases(home).list().filter(({ name }) => !gone.some((one) => one.name === name))
  const ratings = readRatings(home)
  const proved = staying.map(({ commit }) => ratingOf(ratings, commit)?.backup ?? null)
  return [...backupsOfDeployment(home), ...proved.filter((id) => id !== null)]
}

/** Returns the backups of the deployment that is under way, or was interrupted. */
export function backupsOfDeployment(home: Home): string[] {
  const { backup = null, steps = [] } = readDeployment(home) ?? {}
  const settings = steps.map((step) => (step.do === 'settings' ? step.backup : null))
  return [backup, ...settings].filter((id) => id !== null)
}
