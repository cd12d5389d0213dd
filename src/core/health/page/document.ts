import type { Status } from '#core/health/status.js'
import type { Assets } from './assets.js'
import { type Html, html } from './html.js'
import { STATUS_WORDS, zoneText } from './words.js'

/** The parts of the page. */
export interface PageParts {
  readonly name: string
  readonly environment: string
  readonly version: string
  readonly status: Status
  readonly state: Html
  readonly figures: Html
  readonly days: Html
  readonly charts: Html
  readonly needs: Html
  /** A day and a chart that are opened; undefined: none. */
  readonly day?: Html | undefined
  readonly chart?: Html | undefined
}

export function titleOf({ status, name }: Pick<PageParts, 'status' | 'name'>): string {
  return `${STATUS_WORDS[status].word} · ${name}`
}

/** Returns the whole page, which works without script, too. */
export function pageDocument(parts: PageParts, assets: Assets, now: number): string {
  const { name, environment, version, status } = parts
  const panel = (id: 'day' | 'chart', content: Html | undefined) =>
    html`<section class="panel" id="${id}" aria-labelledby="${id}-title"${content === undefined && html` hidden`}>${content}</section>`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${titleOf(parts)}</title>
<link rel="icon" id="icon" type="image/svg+xml" href="/page/icon-${status}.svg">
<link rel="stylesheet" href="${assets.href('page.css')}">
<script type="module" src="${assets.href('page.js')}"></script>
<noscript><meta http-equiv="refresh" content="30"></noscript>
</head>
<body data-status="${status}" data-chart-script="${assets.href('chart.js')}" data-chart-style="${assets.href('chart.css')}">
<a class="skip" href="#main">Skip to the content</a>
<header><p class="brand"><span>${name}</span> <span class="tag">${environment}</span></p><p class="live" id="live"><span class="lamp"></span><span id="live-text">As of ${html`<time datetime="${new Date(now).toISOString()}">${new Date(now).toTimeString().slice(0, 8)}</time>`}</span></p></header>
<main id="main">
<section class="state" id="state" aria-label="State">${parts.state}</section>
<p class="hidden" role="status" id="say"></p>
<section aria-label="Figures"><dl class="figures" id="figures">${parts.figures}</dl></section>
<section class="box" id="bar" aria-labelledby="days-title">${parts.days}${panel('day', parts.day)}</section>
<section class="box" aria-labelledby="charts-title"><div id="charts">${parts.charts}</div>${panel('chart', parts.chart)}</section>
<div class="pair" id="needs-part">${parts.needs}</div>
</main>
<footer><p>Catalyst ${version} · times in ${zoneText(now)}</p><p><a href="/health/detailed">JSON</a> <a href="/metrics">Metrics</a></p></footer>
</body>
</html>
`.text
}
