import { PROCESS_PROOF } from '#core/config/proof/signal-names.js'
import type { HealthReport } from '#core/health/report.js'
import type { Status } from '#core/health/status.js'
import { countOf, duration } from '#core/text.js'
import type { PageFacts } from './facts.js'
import { Html, html } from './html.js'
import { countText, momentText, roughly, STATUS_WORDS } from './words.js'

/** Returns the state with its reasons, and since when it is so. */
export function statePart(report: HealthReport, now: number): Html {
  const { word, meaning } = STATUS_WORDS[report.status]
  const since = Date.parse(report.status_since)
  return html`${statusIcon(report.status)}<div><h1><span class="hidden">${report.name}: </span>${word}</h1>
<p class="meaning">${meaning} <span class="since">Since <time datetime="${report.status_since}">${momentText(since, now)}</time>, for ${roughly(now - since)}.</span></p>
${reasonsOf(report, now)}</div>`
}

function reasonsOf(report: HealthReport, now: number): Html | undefined {
  const { reasons, signs, busy, starting, status, watchdog_paused_until: pausedUntil } = report
  const announced = [
    ...(status === 'healthy' || status === 'degraded' ? signs : []),
    ...(pausedUntil === null ? [] : [`the watchdog is paused until ${momentText(Date.parse(pausedUntil), now)}`]),
    ...(busy === null ? [] : [`busy until ${momentText(Date.parse(busy.until), now)}: ${busy.why}`]),
    ...(starting === null ? [] : [`starting until ${momentText(Date.parse(starting.until), now)}: ${starting.why}`]),
  ].filter((text) => !reasons.some((reason) => reason.includes(text)))
  const all = status === 'stopping' ? [] : [...reasons, ...announced]
  return all.length === 0 ? undefined : html`<ul class="reasons">${all.map((reason) => html`<li>${reason}</li>`)}</ul>`
}

/** The figures beside the state, of which some are in files of the home. */
export interface Beside {
  readonly rating: ReturnType<PageFacts['rating']>
  readonly restarts: ReturnType<PageFacts['restarts']>
  readonly backups?: ReturnType<NonNullable<PageFacts['backups']>>
}

export function figuresPart(
  report: HealthReport,
  { rating, restarts: { restarts, unexpected }, backups }: Beside,
): Html {
  const ago = report.last_cycle_seconds_ago
  const now = Date.parse(report.timestamp)
  const figures: readonly (readonly [title: string, figure: string | Html, note: string | Html])[] = [
    ['Up for', roughly(report.uptime_seconds * 1000), `since ${momentText(Date.parse(report.started_at), now)}`],
    [
      'Restarts',
      countText(restarts),
      unexpected === 0 ? 'in 24 hours' : `in 24 hours, ${countOf(unexpected, 'unexpected exit')}`,
    ],
    ['Release', versionOf(report), ratingText(report, rating)],
    [
      'Last cycle',
      ago === null ? '–' : `${duration(ago * 1000)} ago`,
      report.proof === PROCESS_PROOF && report.cycles_today === 0
        ? 'none is reported'
        : `${countText(report.cycles_today)} today`,
    ],
    ['Errors', countText(report.errors_last_hour), 'in the last hour'],
    ['Alerts', countText(report.alerts_today), `today, ${countText(report.alerts_week)} in 7 days`],
    ...(backups === undefined ? [] : [backupFigure(backups, now)]),
  ]
  return html`${figures.map(([title, figure, note]) => html`<div><dt>${title}</dt><dd><span class="figure">${figure}</span><span class="note">${note}</span></dd></div>`)}`
}

function backupFigure(
  { at, tested, isBad }: NonNullable<Beside['backups']>,
  now: number,
): readonly [string, string, string] {
  const test = tested === null ? 'no restore test yet' : `restore test ${roughly(Math.max(0, now - tested))} ago`
  const age = at === null ? 'none yet' : `${roughly(Math.max(0, now - at))} ago`
  return ['Last backup', age, isBad ? `needs attention; ${test}` : test]
}

/** Returns the release without the commit at its end: `v1.2.0` of `v1.2.0-1a2b3c4d`. */
function versionOf({ release }: HealthReport): string {
  return release === null ? 'working tree' : release.replace(COMMIT, '')
}

const COMMIT = /(?<=.)-([0-9a-f]{7,40})$/

function ratingText({ release }: HealthReport, rating: Beside['rating']): string | Html {
  if (release === null) return 'no version is active'
  const commit = COMMIT.exec(release)?.[1]
  const rest = commit !== undefined && html`, ${commit}`
  if (rating === undefined) return html`not rated${rest}`
  return html`rated <b class="rating ${rating.rating}">${rating.rating}</b>${rating.reason !== '' && rating.rating !== 'good' && html`: ${rating.reason}`}${rest}`
}

/** Returns the dependencies with their state, and the features. */
export function needsPart({ services, features }: Pick<HealthReport, 'services' | 'features'>): Html {
  const [needs, flags] = [Object.entries(services), Object.entries(features)]
  const item = (name: string, isGood: boolean, words: readonly [string, string]) =>
    html`<li class="${isGood ? 'on' : 'off'}"><span>${name}</span> <b>${words[isGood ? 0 : 1]}</b></li>`
  const list = (title: string, id: string, items: readonly Html[], none: string) =>
    html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${items.length === 0 ? html`<p class="none">${none}</p>` : html`<ul class="list ${id}">${items}</ul>`}</section>`
  return html`${list(
    'Dependencies',
    'needs',
    needs.map(([name, state]) => item(name, state === 'healthy', ['answers', 'does not answer'])),
    'None is named.',
  )}${list(
    'Features',
    'features',
    flags.map(([name, isOn]) => item(name.replaceAll('_', ' '), isOn, ['on', 'off'])),
    'None is set.',
  )}`
}

/** The shapes of the statuses: they differ without their colors. */
const SHAPES: Readonly<Record<Status, string>> = {
  healthy: '<circle cx="12" cy="12" r="10"/><path class="mark" d="m7.5 12.5 3 3 6-7"/>',
  degraded: '<path d="M12 2.2 23 21.5H1z"/><path class="mark" d="M12 9v6m0 2.6v.4"/>',
  unhealthy: '<path d="M8 2h8l6 6v8l-6 6H8l-6-6V8z"/><path class="mark" d="m8.5 8.5 7 7m0-7-7 7"/>',
  starting: '<circle cx="12" cy="12" r="10"/><path class="mark" d="M12 6.5V12l3.5 2.5"/>',
  stopping: '<rect x="2" y="2" width="20" height="20" rx="4"/><path class="mark" d="M8.5 8.5h7v7h-7z"/>',
}

function statusIcon(status: Status): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${new Html(SHAPES[status])}</svg>`
}

const COLORS: Readonly<Record<Status, string>> = {
  healthy: '#1a7f4b',
  degraded: '#b26a00',
  unhealthy: '#c8382c',
  starting: '#2563c9',
  stopping: '#6b7280',
}

/** Returns the icon of the browser's tab. */
export function tabIcon(status: Status): string {
  const mark = 'fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="${COLORS[status]}">${SHAPES[status].replace('class="mark"', mark)}</svg>`
}
