import uPlot from 'uplot'

/** Draws the figures of a table as a chart. Its keys move a cursor, whose figures are said. */
export function drawChart(plot: HTMLElement, table: HTMLElement): void {
  const rows = [...table.querySelectorAll('tbody tr')].map((row) => {
    const [time, figure] = [row.querySelector('th') as HTMLElement, row.querySelector('td') as HTMLElement]
    const { value } = figure.dataset
    return {
      at: Number(time.dataset.at),
      value: value === undefined ? null : Number(value),
      time: time.textContent,
      text: `${time.textContent}: ${figure.textContent}`,
    }
  })
  const said = document.createElement('p')
  said.className = 'said'
  said.setAttribute('aria-live', 'polite')
  const say = (index: number | null | undefined) => {
    const text =
      index === null || index === undefined ? 'Move over the chart, or use the arrow keys.' : rows[index]?.text
    if (said.textContent !== text) said.textContent = text ?? ''
  }
  const frame = document.createElement('div')
  frame.className = 'frame'
  frame.tabIndex = 0
  frame.setAttribute('role', 'img')
  frame.setAttribute('aria-label', `${table.querySelector('caption')?.textContent}: the arrow keys tell its figures`)
  plot.replaceChildren(frame, said)
  say(null)

  const color = (name: string) => getComputedStyle(document.body).getPropertyValue(name).trim()
  const isBars = plot.dataset.plot === 'bars'
  const low = Number(plot.dataset.low ?? 0)
  const times = rows.map(({ at }) => at)
  const axis = () => ({
    stroke: color('--soft'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: color('--edge'), width: 1 },
    ticks: { show: false },
  })
  const step = (times[1] ?? 60) - (times[0] ?? 0)
  let chart: uPlot | undefined
  const make = () => {
    chart?.destroy()
    const bars = uPlot.paths.bars?.({ size: [0.7, 40] })
    const options: uPlot.Options = {
      width: frame.clientWidth,
      height: 240,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7, fill: color('--plot') } },
      scales: {
        x: { range: (_chart, from, to) => [from - step / 2, to + step / 2] },
        y: { range: (_chart, _low, high) => [low, high > low ? high + (high - low) * 0.08 : low + 1] },
      },
      axes: [
        {
          ...axis(),
          size: 32,
          grid: { show: false },
          // as the bot's clock has it: the browser's time zone may be another one
          values: (_chart, splits) => splits.map((at) => rows.findLast((row) => row.at <= at)?.time ?? ''),
        },
        { ...axis(), size: 56 },
      ],
      series: [
        {},
        {
          stroke: color('--plot'),
          width: isBars ? 0 : 1.75,
          fill: isBars ? `${color('--plot')}b8` : color('--plot-soft'),
          points: { show: false },
          spanGaps: false,
          ...(isBars && bars && { paths: bars }),
        },
      ],
      hooks: { setCursor: [({ cursor }) => say(cursor.idx)] },
    }
    chart = new uPlot(options, [times, rows.map(({ value }) => value)], frame)
  }
  make()
  new ResizeObserver(() => chart?.setSize({ width: frame.clientWidth, height: 240 })).observe(frame)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const remake = () => (frame.isConnected ? make() : scheme.removeEventListener('change', remake))
  scheme.addEventListener('change', remake)

  frame.addEventListener('keydown', (event) => {
    const at = chart?.cursor.idx ?? times.length
    const goal = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: times.length - 1 }[event.key]
    if (goal === undefined || chart === undefined) return
    event.preventDefault()
    const index = Math.min(times.length - 1, Math.max(0, goal))
    chart.setCursor({ left: chart.valToPos(times[index] as number, 'x'), top: 10 })
    say(index)
  })
}
