import { resolve } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { isSharedFolder, sharedFolderOf } from '#core/home/shared-watchdog.js'
import { currentUser } from '#core/platform/process/users.js'

/**
 * Returns the paths of the shared watchdog: of this user, or of the one to whom the folder belongs that `--home` names.
 * @throws CatalystError USAGE
 */
export function sharedPaths(named: string | undefined): HomePaths {
  const folder = named === undefined ? sharedFolderOf(currentUser()) : resolve(named)
  if (folder === undefined)
    throw new CatalystError('This system names no folder for the settings of a user: APPDATA is not set.', {
      code: 'USAGE',
      exit: EXIT.usage,
    })
  if (isSharedFolder(folder)) return homePaths(folder)
  throw new CatalystError(`--all is about all homes of a user, and ${folder} is one home or none.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      'Leave --home out',
      'As root, for the homes of another user: --home /home/USER/.config/catalyst/shared-watchdog',
    ],
  })
}
