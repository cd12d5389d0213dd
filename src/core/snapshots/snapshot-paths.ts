import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { isInside } from '#core/home/active-release.js'
import { kindAt } from '#core/platform/fs/links.js'

/** Returns whether a value from a file can be a path that a snapshot holds: below `data/`, and none of our logs. */
export function isDataPath(path: unknown): path is string {
  return isInside(path) && /[^/.]/.test(path) && !/^(\.\/)*logs(\/|$)/i.test(path)
}

/**
 * Refuses paths of DEPLOY_SNAPSHOT that no snapshot can hold: our logs, a path that leads through a link, another's
 * child. One that isn't there yet is fine. `replaces`: a link itself is fine, too, since it makes room as it is.
 * @throws CatalystError SETTINGS_INVALID
 */
export function refuseUnfit(data: string, names: readonly string[], { replaces = false } = {}): void {
  for (const name of names) {
    if (!isDataPath(name)) throw unfit(`DEPLOY_SNAPSHOT names ${name}: our logs are no data of a version`)
    const parts = name.split('/')
    const above = (replaces ? parts.slice(0, -1) : parts).map((_, index) => join(data, ...parts.slice(0, index + 1)))
    const link = above.find((path) => kindAt(path) === 'link')
    if (link !== undefined)
      throw unfit(`DEPLOY_SNAPSHOT names ${name}, but ${link} is a link: what lies behind it is not copied`)
    const outer = names.find((other) => name.startsWith(`${other}/`))
    if (outer !== undefined) throw unfit(`DEPLOY_SNAPSHOT names ${name}, which is in ${outer} already`)
  }
}

function unfit(why: string): CatalystError {
  return new CatalystError(`${why}.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Name files and folders in data/ themselves, such as DEPLOY_SNAPSHOT=bot.db'],
  })
}
