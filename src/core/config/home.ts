import { dirname, join, resolve, sep } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { exists, isFolder, realPath } from '#core/system/files.js'

/**
 * The home: `--home`, else `CATALYST_HOME`, else the nearest folder upward with `.env` or `.git`, else the current one.
 * A path inside `.catalyst/` means the home around it.
 * @throws CatalystError USAGE; HOME_MISSING for a named home that isn't there
 */
export function findHome(options: {
  flag?: string | undefined
  environment?: string | undefined
  cwd: string
}): string {
  const home = namedOrNearest(options)
  return process.platform === 'win32' ? withRealCase(home, realPath(home)) : home
}

/**
 * A path in the case that it has on the disk: Windows takes any, but whose a service is, is told by comparing paths. One
 * that leads elsewhere, by a junction or a drive of `subst`, stays as it was given.
 */
export function withRealCase(path: string, real: string | undefined): string {
  return real?.toLowerCase() === path.toLowerCase() ? real : path
}

function namedOrNearest(options: Parameters<typeof findHome>[0]): string {
  if (options.flag === '') {
    throw new CatalystError('--home is empty.', {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Name a folder: --home FOLDER'],
    })
  }
  const named = options.flag ?? (options.environment || undefined)
  if (named === undefined) return nearest(around(options.cwd))
  const home = around(resolve(options.cwd, named))
  if (isFolder(home)) return home
  const why = exists(home) ? 'is not a folder' : 'does not exist, or you may not enter it'
  throw new CatalystError(`The home ${home} ${why}.`, {
    code: 'HOME_MISSING',
    exit: EXIT.usage,
    suggestions: [`Name the bot's folder: ${options.flag === undefined ? 'CATALYST_HOME=FOLDER' : '--home FOLDER'}`],
  })
}

function around(path: string): string {
  const parts = path.split(sep)
  const inside = parts.indexOf('.catalyst')
  return inside === -1 ? path : parts.slice(0, inside).join(sep) || sep
}

function nearest(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (exists(join(folder, '.env')) || exists(join(folder, '.git'))) return folder
    if (dirname(folder) === folder) return from
  }
}
