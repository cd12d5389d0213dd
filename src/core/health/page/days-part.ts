import { type Bucket, knownMs, sumOf, workedShare } from '#core/health/history/bucket.js'
import type { Day } from '#core/health/history/history.js'
import { countOf, duration } from '#core/text.js'
import type { Story } from './facts.js'
import { type Html, html } from './html.js'
import { dayText, longDayText, momentText, percentText, roughly } from './words.js'

/** How a day was, by which its cell is drawn. */
type Level = 'whole' | 'most' | 'much' | 'little' | 'stopped' | 'unknown'

const LEGEND: readonly (readonly [Level, string])[] = [
  ['whole', '≥ 99.9 %'],
  ['most', '≥ 99 %'],
  ['much', '≥ 95 %'],
  ['little', 'less'],
  ['stopped', 'stopped on purpose'],
  ['unknown', 'not known'],
]

/** Returns the level of a day, by the share of time that the bot worked. */
function levelOf(day: Day, now: number): Level {
  const share = workedShare(day.bucket)
  if (share === undefined) return isMostlyKnown(day.bucket, passedMs(day, now)) ? 'stopped' : 'unknown'
  if (share >= 0.999) return 'whole'
  if (share >= 0.99) return 'most'
  return share >= 0.95 ? 'much' : 'little'
}

/** Returns what is said of a day: `28 Nov: worked 99.98 % of the time, 2 incidents`. */
function dayLabel(day: Day, incidents: number, now: number): string {
  const { bucket } = day
  const [share, spanMs] = [workedShare(bucket), passedMs(day, now)]
  const stopped = isMostlyKnown(bucket, spanMs) ? 'stopped on purpose' : 'not known'
  const words = share === undefined ? stopped : `worked ${percentText(share)} ${ofTime(bucket, spanMs)}`
  return `${dayText(day.from)}: ${words}${incidents === 0 ? '' : `, ${countOf(incidents, 'incident')}`}`
}

/** Returns the part of a day that has passed, in ms. */
function passedMs({ from, to }: Day, now: number): number {
  return Math.min(to, now) - from
}

function isMostlyKnown(bucket: Bucket, spanMs: number): boolean {
  return knownMs(bucket) > 0 && knownMs(bucket) >= spanMs / 2
}

/** Returns of which time a share is told: where most is not known, a few good minutes are no good day. */
function ofTime(bucket: Bucket, spanMs: number): string {
  return isMostlyKnown(bucket, spanMs)
    ? 'of the time'
    : `of the ${roughly(bucket.workingMs + bucket.failingMs)} that are known`
}

/** Returns the cell of a day: its classes and its label, which change while the day goes on. */
export function dayCell(
  day: Day,
  opened: readonly number[],
  now: number,
): { readonly classes: string; readonly label: string } {
  const incidents = opened.filter((at) => at >= day.from && at < day.to).length
  return {
    classes: `day ${levelOf(day, now)}${incidents > 0 ? ' marked' : ''}`,
    label: dayLabel(day, incidents, now),
  }
}

/** Returns the share of time that the bot worked in all days together. */
export function sharePart(days: readonly Day[], now: number): Html {
  const sum = sumOf(days.map(({ bucket }) => bucket))
  const share = workedShare(sum)
  return share === undefined
    ? html`<small>nothing is known yet</small>`
    : html`${percentText(share)} <small>${ofTime(sum, now - (days[0]?.from ?? now))} it worked</small>`
}

/** Returns the bar of days. On a small screen they stand in columns of a week. */
export function daysPart(
  days: readonly Day[],
  { opened, shown, now }: { opened: readonly number[]; shown: string | undefined; now: number },
): Html {
  const [first, last] = [days[0], days.at(-1)]
  if (first === undefined || last === undefined) return html``
  const cells = days.map((day, index) => {
    const { classes, label } = dayCell(day, opened, now)
    const weekday = index === 0 ? ` from-${(new Date(day.from).getDay() + 6) % 7}` : ''
    const current = day.name === shown && html` aria-current="true"`
    return html`<li class="${`cell${weekday}`}"><a class="${classes}" href="/?day=${day.name}#day" data-day="${day.name}" aria-label="${label}" title="${label}"${current}></a></li>`
  })
  const legend = LEGEND.map(([level, words]) => html`<li><span class="day ${level}"></span>${words}</li>`)
  return html`<div class="head"><h2 id="days-title">Last ${days.length} days</h2><p class="big" id="share">${sharePart(days, now)}</p></div>
<ol class="days" id="days" aria-labelledby="days-title">${cells}</ol>
<div class="ends"><span>${dayText(first.from)}</span><span>Today</span></div>
<ul class="legend" aria-label="What the colors mean">${legend}<li><span class="dot"></span>incidents</li></ul>`
}

/** Returns a day with its stories. */
export function dayPart(day: Day, stories: readonly Story[], now: number): Html {
  const { bucket } = day
  const unknownMs = Math.max(0, Math.min(day.to, now) - day.from - knownMs(bucket))
  const share = workedShare(bucket)
  const times = [
    ['worked', bucket.workingMs],
    ['did not work', bucket.failingMs],
    ['stopped on purpose', bucket.stoppedMs],
    ['not known', unknownMs < MINUTE_MS ? 0 : unknownMs],
  ] as const
  return html`<div class="head"><h3 id="day-title" tabindex="-1">${longDayText(day.from)}</h3><a class="close" href="/#days" data-close="day">Close</a></div>
<p class="times">${share !== undefined && html`<b>${percentText(share)}</b> `}${times.filter(([, ms]) => ms > 0).map(([words, ms]) => html`<span>${words} ${duration(ms)}</span> `)}</p>
${
  stories.length === 0
    ? html`<p class="none">No incident and no deployment.</p>`
    : html`<ol class="stories">${stories.map((story) => storyItem(story, day))}</ol>`
}`
}

const MINUTE_MS = 60_000

function storyItem({ at, until, tone, title, outcome, text }: Story, day: Day): Html {
  const time = (moment: number) =>
    html`<time datetime="${new Date(moment).toISOString()}">${momentText(moment, day.from)}</time>`
  return html`<li class="story ${tone}"><p class="when">${time(at)}${until !== undefined && html` – ${time(until)}`}</p><div><h4>${title}${outcome !== '' && html` <span class="outcome">${outcome}</span>`}</h4>${text !== '' && html`<p>${text}</p>`}</div></li>`
}
