import { dirname, join, resolve, sep } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { exists, isFolder, realPath } from '#core/platform/fs/files.js'
import { whyNotOurs } from '#core/platform/process/trust.js'

/** A home, and how it was found. */
export interface FoundHome {
  readonly home: string
  /** The way in which it was found. `nothing`: it is only the current folder, and nothing in it makes it a home. */
  readonly by: '--home' | 'CATALYST_HOME' | 'search' | 'nothing'
  /** Folders that look like a home, but may be the work of others; nearest first. */
  readonly passedOver: readonly PassedOver[]
  /** The reason why the current folder must not become a home unnamed, if it must not. */
  readonly unfit?: string
}

export interface PassedOver {
  readonly folder: string
  readonly why: string
}

interface Search {
  readonly flag?: string | undefined
  readonly environment?: string | undefined
  readonly cwd: string
}

/**
 * Finds the home: `--home`, else `CATALYST_HOME`, else the nearest folder upward with `.env` or `.git`, else the
 * current one. A path inside `.catalyst/` means the home around it. Since we run what its settings name, an unnamed one
 * counts only if nobody but the asker (and root) can have put it there, or can put another one in between: see
 * {@link whyNotOurs}. The models are git's safe.directory and sshd's StrictModes.
 * @throws CatalystError USAGE; HOME_MISSING for a named home that isn't there
 */
export function findHome(options: Search): FoundHome {
  const found = namedHome(options) ?? nearestHome(options.cwd)
  if (process.platform !== 'win32') return found
  return { ...found, home: withRealCase(found.home, realPath(found.home)) }
}

/**
 * Returns a path in the case that it has on the disk: Windows accepts any, but comparing paths tells whose a service
 * is. One that leads elsewhere, by a junction or a drive of `subst`, stays as it was given.
 */
export function withRealCase(path: string, real: string | undefined): string {
  return real?.toLowerCase() === path.toLowerCase() ? real : path
}

function namedHome(options: Search): FoundHome | undefined {
  if (options.flag === '') {
    throw new CatalystError('--home is empty.', {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Name a folder: --home FOLDER'],
    })
  }
  const by = options.flag === undefined ? 'CATALYST_HOME' : '--home'
  const named = options.flag ?? (options.environment || undefined)
  if (named === undefined) return undefined
  const home = around(resolve(options.cwd, named))
  if (isFolder(home)) return { home, by, passedOver: [] }
  const why = exists(home) ? 'is not a folder' : 'does not exist, or you have no permission to enter it'
  throw new CatalystError(`The home ${home} ${why}.`, {
    code: 'HOME_MISSING',
    exit: EXIT.usage,
    suggestions: [`Name the bot's folder: ${by === '--home' ? '--home FOLDER' : 'CATALYST_HOME=FOLDER'}`],
  })
}

function around(path: string): string {
  const parts = path.split(sep)
  const inside = parts.indexOf('.catalyst')
  return inside === -1 ? path : parts.slice(0, inside).join(sep) || sep
}

/** The files that make a folder a home. */
const MARKS = ['.env', '.git']
/** The files in it that decide what is run. */
const BELIEVED = [...MARKS, '.catalyst']

/** Returns the nearest home at or above a folder, else that folder itself. */
export function nearestHome(cwd: string): FoundHome {
  const from = around(cwd)
  const passedOver: PassedOver[] = []
  let onTheWay: string | undefined
  for (let folder = from; ; folder = dirname(folder)) {
    onTheWay ??= whyNotOurs(folder)
    if (MARKS.some((name) => exists(join(folder, name)))) {
      const why = onTheWay ?? whyNotBelieved(folder)
      if (why === undefined) return { home: folder, by: 'search', passedOver }
      passedOver.push({ folder, why })
    }
    if (dirname(folder) === folder) break
  }
  const unfit = whyNotOurs(from) ?? whyNotBelieved(from)
  if (unfit !== undefined) return { home: from, by: 'nothing', passedOver, unfit }
  return { home: from, by: exists(join(from, '.catalyst')) ? 'search' : 'nothing', passedOver }
}

function whyNotBelieved(home: string): string | undefined {
  return BELIEVED.map((name) => whyNotOurs(join(home, name))).find((why) => why !== undefined)
}
