import { type Ending, isShipped, type Shipped } from '#core/deploy/ending.js'
import type { DeployInfo, KnownVersion } from '#core/deploy/info.js'
import { harmless } from '#core/logging/plain.js'
import { countOf } from '#core/text.js'
import { table } from './table.js'

/** How a deployment has ended well. */
export function shippedText({ outcome, release, previous, downtime_ms, seconds }: Shipped): string {
  const before = previous ?? 'the home itself'
  if (outcome === 'switched')
    return `${release} is active; before: ${before}. Nobody keeps the bot, so start it, or start it again: catalyst bot start`
  const away = downtime_ms === null ? '' : `, away for ${(downtime_ms / 1000).toFixed(1)} s`
  return `${release} is live and healthy, after ${seconds.toFixed(1)} s${away}. Before: ${before}.`
}

/** How a recovery has ended. */
export function recoveredText(ending: Ending): string {
  return isShipped(ending) ? shippedText(ending) : ending.standing
}

/** How a home stands, for a person. */
export function infoText(info: DeployInfo): string {
  const { active, since, previous, last_good, bot, home, releases_on_disk, unfinished } = info
  const rows = [
    ['active', active ? versionText(active) : 'the home itself'],
    ...(since === null ? [] : [['since', since]]),
    ['previous', previous ? versionText(previous) : '-'],
    ['last good', last_good ? versionText(last_good) : '-'],
    ['bot', [bot.status, ...bot.reasons].join(': ') + (bot.release === null ? '' : ` (as ${bot.release})`)],
    ['on disk', countOf(releases_on_disk, 'release')],
    ...(home === null ? [['home', 'no git repository']] : homeRows(home)),
  ]
  const text = table(rows.map(([name = '', value = '']) => [name, harmless(value)]))
  return unfinished === null
    ? text
    : `${text}\n\nUnfinished: ${unfinished}. Bring it to an end: catalyst deploy recover`
}

function homeRows({ branch, commit, dirty, ahead }: NonNullable<DeployInfo['home']>): string[][] {
  const state = dirty === 0 ? 'clean' : `${countOf(dirty, 'file')} changed`
  const counts = [
    ...(ahead.branch ? [`${countOf(ahead.branch, 'commit')} here`] : []),
    ...(ahead.upstream ? [`${countOf(ahead.upstream, 'commit')} upstream`] : []),
  ]
  return [
    ['home', `${branch ?? 'no branch'} at ${commit?.slice(0, 8) ?? 'no commit'}, ${state}`],
    ...(counts.length > 0 ? [['ahead', counts.join(', ')]] : []),
  ]
}

function versionText({ release, tag, verdict, reason }: KnownVersion): string {
  const name = tag === null || release.startsWith(tag) ? release : `${tag} (${release})`
  return `${name}, ${verdict}${verdict === 'bad' ? `: ${reason}` : ''}`
}
