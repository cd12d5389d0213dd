import type { Settings } from '#core/config/schema.js'

/** The tag of all backups that Catalyst makes. */
export const TAG = 'catalyst'
const BOT = 'bot='
const HOME = 'home='

/** The bot and the home that a backup is of. */
export interface Series {
  /** The bot's name, without commas. */
  readonly bot: string
  /** A hash of this machine's name and the home's path: one home's backups must never push out another's. */
  readonly home: string
}

function tagsOf({ bot, home }: Series): string {
  return [TAG, BOT + bot, HOME + home].join(',')
}

/** Returns the series that a backup's tags name; undefined where Catalyst has not made it. */
export function seriesIn(tags: readonly string[]): Series | undefined {
  const [bot, home] = [BOT, HOME].map((begin) => tags.find((tag) => tag.startsWith(begin))?.slice(begin.length))
  return tags.includes(TAG) && bot !== undefined && home !== undefined ? { bot, home } : undefined
}

/** Returns the arguments of a backup. The paths come on its standard input, each with a zero byte after it. */
export function backupArgs(series: Series, parent: string | undefined): string[] {
  return [
    ...['backup', '--json', '--files-from-raw', '-', '--exclude-caches', '--tag', tagsOf(series)],
    ...(parent === undefined ? [] : ['--parent', parent]),
  ]
}

/** Returns the arguments of the retention, which leaves all other backups in the repository alone. */
export function forgetArgs(series: Series, settings: Settings): string[] {
  const { BACKUP_KEEP_DAILY: daily, BACKUP_KEEP_WEEKLY: weekly, BACKUP_KEEP_MONTHLY: monthly } = settings
  return [
    ...['forget', '--prune', '--json', '--tag', tagsOf(series), '--group-by', ''],
    ...['--keep-within', '1d', '--keep-daily', String(daily)],
    ...(weekly > 0 ? ['--keep-weekly', String(weekly)] : []),
    ...(monthly > 0 ? ['--keep-monthly', String(monthly)] : []),
  ]
}

/** Returns the arguments of a restore of all files, or of these paths, into a folder. Their content is verified. */
export function restoreArgs(
  id: string,
  target: string,
  only: readonly string[] = [],
  platform = process.platform,
): string[] {
  const include = only.flatMap((path) => ['--include', `/${asPattern(path, platform)}`])
  return ['restore', id, '--target', target, '--verify', ...include]
}

/** Returns a pattern of Go's filepath.Match that matches a path; Windows has no way to escape, but few such names. */
function asPattern(path: string, platform: NodeJS.Platform): string {
  return path.replaceAll(/[*?[\\]/g, platform === 'win32' ? '?' : '\\$&')
}
