import { createHash } from 'node:crypto'
import type { Home } from '#core/home/home.js'
import { hostName } from '#core/platform/process/process-id.js'
import type { Series } from './restic/restic-args.js'

/** Returns the series of a home's backups: those that push each other out. */
export function seriesOf({ paths, settings }: Pick<Home, 'paths' | 'settings'>, host = hostName()): Series {
  const home = createHash('sha256').update(`${host}\0${paths.home}`).digest('hex').slice(0, 12)
  return { bot: settings.BOT_NAME.replaceAll(/[,\p{Cc}]/gu, '-').trim() || 'bot', home }
}
