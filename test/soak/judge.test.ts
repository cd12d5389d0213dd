import { expect } from 'chai'
import { failures, findings, findingText, type Sample, type Seen } from './judge.js'

const NOTHING: Seen = { outages: [], unasked: [], lineFaults: [], others: [] }
const MB = 1024 * 1024

/** Samples of one figure over nine hours. */
function samples(home: string, of: string, figure: string, course: (share: number) => number): Sample[] {
  return Array.from({ length: 90 }, (_, index) => ({
    hours: index / 10,
    home,
    of,
    figures: { [figure]: course(index / 89) },
  }))
}

describe('the verdict of a soak', () => {
  it('names what grows, where, and by how much', () => {
    const all = findings(
      samples('measured', 'watchdog', 'live_heap_bytes', (share) => (10 + 6 * share) * MB),
      30,
    )
    expect(failures(all, NOTHING)).to.deep.equal([
      'it grows: measured watchdog live_heap_bytes: 14.01 MB; in 5.9 h by 4.00 MB (95 %: 4.00 MB to 4.00 MB), at the pace of the second half 4.00 MB',
    ])
  })

  it('fails on descriptors, timers and files that become more', () => {
    for (const [home, of, figure] of [
      ['untouched', 'bot', 'descriptors'],
      ['measured', 'bot', 'timers'],
      ['disturbed', 'watchdog', 'descriptors'],
      ['untouched', 'home', 'files'],
    ] as const) {
      const all = findings(
        samples(home, of, figure, (share) => 20 + Math.floor(share * 15)),
        30,
      )
      expect(failures(all, NOTHING), figure).to.have.length(1)
    }
  })

  it('leaves private memory to runs that are long enough for V8 to find its size', () => {
    const growing = samples('untouched', 'bot', 'private_bytes', (share) => (40 + 30 * share) * MB)
    expect(failures(findings(growing, 3), NOTHING)).to.deep.equal([])
    expect(failures(findings(growing, 30), NOTHING)).to.have.length(1)
  })

  it('lets the live heap gain a little more in a short run, where code is still compiled', () => {
    const growing = samples('measured', 'watchdog', 'live_heap_bytes', (share) => (10 + 1.5 * share) * MB)
    expect(failures(findings(growing, 2), NOTHING)).to.deep.equal([])
    expect(failures(findings(growing, 30), NOTHING)).to.have.length(1)
  })

  it('says where a run was too short to tell', () => {
    const [first] = findings([], 1)
    expect(first && findingText(first)).to.equal('untouched bot private_bytes: too short a run to tell')
  })

  it('fails on a bot that did not come back, on one that ended unasked, and on a lost line', () => {
    const seen: Seen = {
      outages: [
        { fault: 'crash', recovered_seconds: 1 },
        { fault: 'freeze', recovered_seconds: undefined },
      ],
      unasked: ['untouched bot ended'],
      lineFaults: [{ home: 'measured', run: '7-1', what: 'line 3 came again, or late' }],
      others: [],
    }
    expect(failures([], seen)).to.deep.equal([
      'a bot did not come back after: freeze',
      'untouched bot ended',
      'log of measured, process 7-1: line 3 came again, or late',
    ])
  })
})
