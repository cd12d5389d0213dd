import { table } from '#cli/table.js'
import type { DeployInfo } from '#core/deploy/info.js'
import { versionName } from '#core/deploy/names.js'
import type { Plan } from '#core/deploy/plan.js'
import type { Preview } from '#core/deploy/preview.js'
import type { Candidate } from '#core/deploy/releases/candidates.js'
import type { Pruned } from '#core/deploy/releases/prune.js'
import { leftText } from '#core/deploy/releases/ratings.js'
import { type DeployResult, isShipped, releaseText, type Shipped, shippedSentence } from '#core/deploy/run/result.js'
import type { KnownVersion } from '#core/deploy/versions.js'
import { harmless } from '#core/logging/read/plain.js'
import { countOf, duration, localTime } from '#core/text.js'
import { changedKeysLine } from './backup-text.js'
import { sinceText } from './data-text.js'

/** Describes a deployment that went live. */
export function shippedText(shipped: Shipped): string {
  const { outcome, previous, bot, seconds, next, release } = shipped
  const before = `Before: ${releaseText(previous)}.`
  if (outcome === 'unverified') return [`${shippedSentence(shipped)} ${before}`, ...next].join('\n')
  const lines = [
    `${release} is live and healthy (pid ${bot?.pid}), after ${seconds.toFixed(1)} s${waitedText(shipped)}${costText(shipped)}. ${before}`,
    ...(previous === null ? [] : [`To roll back: catalyst deploy rollback ${previous}`]),
    'To watch it: catalyst health check, catalyst logs --follow',
    ...next,
  ]
  return lines.join('\n')
}

/** Describes a release that was built anew in the place of a broken one. */
export function repairedText(shipped: Shipped): string {
  const { outcome, previous, bot, seconds, next, release } = shipped
  const head =
    outcome === 'unverified'
      ? shippedSentence(shipped)
      : `${release} is live and healthy (pid ${bot?.pid}), after ${seconds.toFixed(1)} s${costText(shipped)}.`
  return [`${head} It was built anew in the place of ${releaseText(previous)}.`, ...next].join('\n')
}

/** The time after the bot's return from which on its first proof is shown separately. */
const SLOW_PROOF_SECONDS = 1

function waitedText({ waited_seconds }: Pick<Shipped, 'waited_seconds'>): string {
  return waited_seconds === null ? '' : ` (${waited_seconds.toFixed(1)} s of it while the bot was busy)`
}

function costText({ downtime_seconds, proven_seconds }: Pick<Shipped, 'downtime_seconds' | 'proven_seconds'>): string {
  if (downtime_seconds === null || proven_seconds === null) return ''
  const inSeconds = (seconds: number) => `${seconds.toFixed(1)} s`
  const down = `, down for ${inSeconds(downtime_seconds)}`
  return proven_seconds - downtime_seconds < SLOW_PROOF_SECONDS
    ? down
    : `${down} and proven to work after ${inSeconds(proven_seconds)}`
}

/** Describes the result of a recovery. */
export function recoveredText(result: DeployResult): string {
  if (isShipped(result)) return shippedText(result)
  const { outcome, summary, next } = result
  return [summary, ...(outcome === 'needs_attention' ? next : [])].join('\n')
}

/** Describes what is active in a home, what was, and what is ahead. */
export function infoText(info: DeployInfo): string {
  const {
    active,
    since,
    bakes_until,
    runtime_fault,
    previous,
    last_good,
    bot,
    home,
    home_fault,
    releases_on_disk,
    unfinished,
  } = info
  const rows = [
    ['active', active ? versionText(active) : 'the working tree'],
    ...(since === null ? [] : [['since', localTime(since)]]),
    ...(bakes_until === null ? [] : [['bakes', `until ${localTime(bakes_until)}: a failure takes it back`]]),
    ...(runtime_fault === null ? [] : [['runtime', `${runtime_fault} Rebuild it: catalyst deploy repair`]]),
    ['previous', previous ? versionText(previous) : '-'],
    ['last good', last_good ? versionText(last_good) : active?.rating === 'good' ? 'the active one alone' : 'none'],
    ['bot', [bot.status, ...bot.reasons].join(': ') + (bot.release === null ? '' : ` (as ${bot.release})`)],
    ['on disk', countOf(releases_on_disk, 'release')],
    ...(home === null ? [['home', home_fault ?? '-']] : homeRows(home)),
  ]
  const text = table(rows.map(([name = '', value = '']) => [name, harmless(value)]))
  if (unfinished === null) return text
  const { what, goes_on } = unfinished
  const which = `${what}, since ${localTime(unfinished.since)}`
  return `${text}

${goes_on ? `It goes on: ${which}.` : `It was interrupted: ${which}. Resume it or roll it back: catalyst deploy recover`}`
}

/** Describes what was removed, or would be. */
export function prunedText({ releases, unfinished, backups, snapshots, logs }: Pruned, isDry: boolean): string {
  const counts = [
    ...(backups > 0 ? [countOf(backups, 'backup')] : []),
    ...(snapshots.length > 0 ? [`${countOf(snapshots.length, 'snapshot')} of the data`] : []),
    ...(logs > 0 ? [`${countOf(logs, 'log')} of builds`] : []),
  ]
  const what = [...releases, ...unfinished, ...counts].join(', ')
  return what === '' ? 'There is nothing to remove.' : `${isDry ? 'Would remove' : 'Removed'}: ${what}`
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

function versionText({ release, tag, rating, reason, unexpected_ends, left }: KnownVersion): string {
  const name = tag === null || release.startsWith(tag) ? release : `${tag} (${release})`
  const facts = [
    `${rating}${rating === 'bad' ? `: ${reason}` : ''}`,
    ...(unexpected_ends > 0 ? [countOf(unexpected_ends, 'unexpected exit')] : []),
    ...(left ? [`left at ${localTime(left.at)} ${leftText(left.why)}`] : []),
  ]
  return [name, ...facts].join(', ')
}

/** Returns a line for each candidate, in columns. */
export function candidateLines(candidates: readonly Candidate[], now: number): string[] {
  if (candidates.length === 0) return []
  const rows = candidates.map((candidate) => [
    shortened(harmless(versionName(candidate))),
    candidate.commit.slice(0, 8),
    candidate.rating + (candidate.isLastGood ? ', the last one' : candidate.left ? ', left' : ''),
    `${duration(now - candidate.at)} old`,
    ranText(candidate),
    candidate.isOnDisk ? 'on disk' : 'to be built',
  ])
  return table(rows).split('\n')
}

const MAX_NAME_LENGTH = 30

/** Shortens a name: one tag of a hundred letters must not widen all lines. */
function shortened(name: string): string {
  return name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH - 1)}…`
}

function ranText({ runs }: Candidate): string {
  if (runs === null) return 'never ran'
  const exits = runs.unexpectedExits > 0 ? `, ${countOf(runs.unexpectedExits, 'unexpected exit')}` : ''
  return `ran ${duration(runs.ranMs)}${exits}`
}

function dataRows(data: Preview['data'], now: number): string[][] {
  if (data === null) return [['data', 'stays as it is']]
  const [head = '', ...lines] = sinceText(data, now)
  return [['data', `that of then, and today's is kept: ${head}`], ...lines.map((line) => ['', line])]
}

/** Describes what a plan will change, for the person who is to confirm it. */
export function previewText(preview: Preview, { target, from, steps }: Plan, now: number): string {
  const { commits, files, settings, data, installs, builds, downtime_seconds } = preview
  const code =
    commits === null
      ? 'not known'
      : [
          ...(commits.away > 0 ? [`${countOf(commits.away, 'commit')} removed`] : []),
          ...(commits.added > 0 ? [`${countOf(commits.added, 'commit')} added`] : []),
        ].join(', ') || 'the same'
  const dependencies = installs ? 'installed again' : builds ? 'none to install' : 'those on disk'
  const rows = [
    ['from', from?.name ?? 'the working tree'],
    ['to', target.name],
    ['code', files === null ? code : `${code}; ${files}`],
    ['settings', steps.some((step) => step.do === 'settings') ? changedKeysLine(settings) : 'the current ones'],
    ...dataRows(data, now),
    ['dependencies', dependencies],
    ['downtime', downtime_seconds === null ? 'not known yet' : `about ${downtime_seconds.toFixed(1)} s, as before`],
  ]
  return `\n${table(rows.map((row) => row.map(harmless)))}\n`
}
