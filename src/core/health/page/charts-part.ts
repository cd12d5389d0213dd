import type { History } from '#core/health/history/history.js'
import {
  boundsOf,
  CHARTS,
  type Chart,
  pointsOf,
  RANGE_WORDS,
  RANGES,
  type Range,
  spansOf,
  spanText,
  sparkline,
  summaryOf,
} from './charts.js'
import { type Html, html } from './html.js'

/** Returns the small charts of a range, each of which leads to the large one. */
export function chartsPart(history: History, range: Range, now: number): Html {
  const spans = spansOf(history, range, now)
  const cards = CHARTS.map((chart) => {
    const points = pointsOf(spans, chart)
    const { figure, most } = summaryOf(points, chart)
    const per = chart.isCount && most.startsWith('at') && ` in ${RANGE_WORDS[range].step}`
    return html`<li><a class="card" href="/?range=${range}&chart=${chart.name}#chart" data-chart="${chart.name}"><h3>${chart.title}</h3><p class="figure">${figure}</p><p class="note">${most}${per}</p>${picture(sparkline(points, chart))}<span class="hidden">Open the chart</span></a></li>`
  })
  const ranges = RANGES.map((one) => {
    const current = one === range && html` aria-current="true"`
    return html`<li><a href="/?range=${one}#charts" data-range="${one}"${current}>${RANGE_WORDS[one].short}</a></li>`
  })
  return html`<div class="head"><h2 id="charts-title">Over the ${RANGE_WORDS[range].long}</h2><ul class="ranges" aria-label="Time that the charts show">${ranges}</ul></div>
<ul class="cards" aria-labelledby="charts-title">${cards}</ul>`
}

/** Returns a large chart: a picture, which a browser with script replaces by a better one, and its figures as a table. */
export function chartPart(history: History, chart: Chart, range: Range, now: number): Html {
  const points = pointsOf(spansOf(history, range, now), chart)
  const { figure, most } = summaryOf(points, chart)
  const [low] = boundsOf(
    points.flatMap(({ value }) => value ?? []),
    chart,
  )
  const rows = points.map(
    ({ at, value }) =>
      html`<tr><th scope="row" data-at="${at / 1000}">${spanText(at, range)}</th><td${value !== null && html` data-value="${Math.round(value * 1000) / 1000}"`}>${value === null ? '–' : chart.text(value)}</td></tr>`,
  )
  const { long, step } = RANGE_WORDS[range]
  return html`<div class="head"><h3 id="chart-title" tabindex="-1">${chart.title}, ${long}</h3><a class="close" href="/?range=${range}#charts" data-close="chart">Close</a></div>
<p class="note"><b>${figure}</b> ${chart.isCount ? 'in all' : 'now'}, ${most}. The scale is ${chart.isCount ? `${chart.unit} in ${step}` : `in ${chart.unit}`}.</p>
<div class="plot" data-plot="${chart.isCount ? 'bars' : 'line'}" data-low="${low}">${picture(sparkline(points, chart))}</div>
<details><summary>The figures as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Figures of the chart"><table><caption class="hidden">${chart.title}, ${long}</caption><thead><tr><th scope="col">Time</th><th scope="col">${chart.title}</th></tr></thead><tbody>${rows}</tbody></table></div></details>`
}

function picture({ line, area }: { line: string; area: string }): Html {
  return html`<svg class="spark" viewBox="0 0 240 56" preserveAspectRatio="none" aria-hidden="true"><path class="area" d="${area}"/>${line !== '' && html`<path class="line" d="${line}"/>`}</svg>`
}
