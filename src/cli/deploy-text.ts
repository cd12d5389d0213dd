import type { Candidate } from '#core/deploy/candidates.js'
import { type Ending, isShipped, type Shipped } from '#core/deploy/ending.js'
import type { DeployInfo, KnownVersion } from '#core/deploy/info.js'
import { versionName } from '#core/deploy/names.js'
import type { Plan } from '#core/deploy/plan.js'
import type { Preview } from '#core/deploy/preview.js'
import { harmless } from '#core/logging/plain.js'
import { countOf, duration, localTime } from '#core/text.js'
import { changedKeysLine } from './backup-text.js'
import { table } from './table.js'

/** How a deployment has ended well. */
export function shippedText({ outcome, release, previous, downtime_ms, seconds }: Shipped): string {
  const before = previous ?? 'the home itself'
  if (outcome === 'switched')
    return `${release} is active; before: ${before}. Nothing has restarted the bot. Start it, or start it again: catalyst bot start, or catalyst service start`
  const away = downtime_ms === null ? '' : `, away for ${(downtime_ms / 1000).toFixed(1)} s`
  const back = previous === null ? '' : `\nTo go back: catalyst deploy rollback ${previous}`
  return `${release} is live and healthy, after ${seconds.toFixed(1)} s${away}. Before: ${before}.${back}
How it goes on: catalyst health check, catalyst logs --follow`
}

/** How a recovery has ended. */
export function recoveredText(ending: Ending): string {
  return isShipped(ending) ? shippedText(ending) : ending.standing
}

/** How a home stands, for a person. */
export function infoText(info: DeployInfo): string {
  const { active, since, previous, last_good, bot, home, home_fault, releases_on_disk, unfinished } = info
  const rows = [
    ['active', active ? versionText(active) : 'the home itself'],
    ...(since === null ? [] : [['since', localTime(since)]]),
    ['previous', previous ? versionText(previous) : '-'],
    ['last good', last_good ? versionText(last_good) : '-'],
    ['bot', [bot.status, ...bot.reasons].join(': ') + (bot.release === null ? '' : ` (as ${bot.release})`)],
    ['on disk', countOf(releases_on_disk, 'release')],
    ...(home === null ? [['home', home_fault ?? '-']] : homeRows(home)),
  ]
  const text = table(rows.map(([name = '', value = '']) => [name, harmless(value)]))
  if (unfinished === null) return text
  const { what, goes_on } = unfinished
  const which = `${what}, since ${localTime(unfinished.since)}`
  return `${text}

${goes_on ? `It goes on: ${which}.` : `It was cut off: ${which}. Bring it to an end: catalyst deploy recover`}`
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

/** One line a candidate, in columns. */
export function candidateLines(candidates: readonly Candidate[], now: number): string[] {
  if (candidates.length === 0) return []
  const rows = candidates.map((candidate) => [
    shortened(harmless(versionName(candidate))),
    candidate.commit.slice(0, 8),
    candidate.verdict + (candidate.isLastGood ? ', the last one' : ''),
    `${duration(now - candidate.at)} old`,
    ranText(candidate),
    candidate.isOnDisk ? 'on disk' : 'to be built',
  ])
  return table(rows).split('\n')
}

const LONGEST_NAME = 30

/** One tag of a hundred letters must not spread all lines. */
function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`
}

function ranText({ runs }: Candidate): string {
  if (runs === null) return 'never ran'
  const ends = runs.unexpectedEnds > 0 ? `, ${countOf(runs.unexpectedEnds, 'unexpected end')}` : ''
  return `ran ${duration(runs.ranMs)}${ends}`
}

/** What a plan will change, for the person who is to confirm it. */
export function previewText(preview: Preview, { target, from, steps }: Plan): string {
  const { commits, files, settings, installs, builds, downtime_ms } = preview
  const code =
    commits === null
      ? 'not known'
      : [
          ...(commits.away > 0 ? [`${countOf(commits.away, 'commit')} away`] : []),
          ...(commits.added > 0 ? [`${countOf(commits.added, 'commit')} more`] : []),
        ].join(', ') || 'the same'
  const dependencies = installs ? 'installed again' : builds ? 'none to install' : 'those it had: it is on disk'
  const rows = [
    ['from', from?.name ?? 'the home itself'],
    ['to', target.name],
    ['code', files === null ? code : `${code}; ${files}`],
    ['settings', steps.some((step) => step.do === 'settings') ? changedKeysLine(settings) : 'those of now'],
    ['dependencies', dependencies],
    [
      'downtime',
      downtime_ms === null ? 'not known yet' : `about ${(downtime_ms / 1000).toFixed(1)} s, as the last times`,
    ],
  ]
  return `\n${table(rows.map((row) => row.map(harmless)))}\n`
}
