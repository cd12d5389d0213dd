import { expect } from 'chai'
import { emptyBucket } from '#core/health/history/bucket.js'
import { History, MINUTE_MS } from '#core/health/history/history.js'
import { boundsOf, CHARTS, type Chart, pointsOf, spansOf, sparkline, summaryOf } from '#core/health/page/charts.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const chartOf = (name: string) => CHARTS.find((chart) => chart.name === name) as Chart

describe('the charts of the status page', () => {
  it('show an hour by the minute, a day by the quarter of an hour, and 90 days', () => {
    const history = new History()
    history.add(NOON, { cycles: 3, workingMs: 1 })
    for (const [range, count] of [
      ['hour', 60],
      ['day', 96],
      ['90-days', 90],
    ] as const) {
      const spans = spansOf(history, range, NOON)
      expect(spans).to.have.length(count)
      const values = pointsOf(spans, chartOf('cycles')).map(({ value }) => value)
      expect([values.at(0), values.at(-1)], range).to.deep.equal([null, 3])
    }
  })

  it('are told by the sum of a count, and by the newest and largest of a measure', () => {
    const points = [4, null, 1000].map((value, index) => ({ at: index * MINUTE_MS, value }))
    expect(summaryOf(points, chartOf('cycles'))).to.deep.equal({ figure: '1,004', most: 'at most 1,000' })
    expect(summaryOf(points, chartOf('memory'))).to.deep.equal({ figure: '1,000 MB', most: 'at most 1,000 MB' })
    expect(summaryOf([{ at: 0, value: 0 }], chartOf('errors'))).to.deep.equal({ figure: '0', most: 'none' })
    expect(summaryOf([{ at: 0, value: null }], chartOf('errors'))).to.deep.equal({ figure: '–', most: 'not known yet' })
  })

  it('take the mean of cycles that are timed, and know nothing of others', () => {
    const { value, text } = chartOf('cycle-time')
    expect(value({ ...emptyBucket(), cycles: 9 })).to.equal(null)
    const mean = value({ ...emptyBucket(), timedCycles: 4, timedMs: 2000 })
    expect([mean, text(0.5), text(1.26), text(61.2)]).to.deep.equal([0.5, '500 ms', '1.3 s', '61 s'])
  })

  it('draw bars for a count and a line with gaps for a measure', () => {
    const points = [1, 2, null, 2].map((value, at) => ({ at, value }))
    expect(sparkline(points, chartOf('cycles'))).to.deep.equal({
      line: '',
      area: 'M9 56V29h42V56zM69 56V3h42V56zM189 56V3h42V56z',
    })
    const { line, area } = sparkline(points, chartOf('event-loop-delay'))
    expect(line.match(/M/g)).to.have.length(2)
    expect(area).to.not.match(/NaN|Infinity|undefined/)
  })

  it('show memory from below what it was, and all else from zero', () => {
    expect(boundsOf([100, 120], chartOf('memory'))).to.deep.equal([88, 120])
    expect(boundsOf([100, 120], chartOf('event-loop-delay'))).to.deep.equal([0, 120])
    expect(boundsOf([], chartOf('memory'))).to.deep.equal([0, 1])
  })
})
