import { expect } from 'chai'
import { lastChange } from '#core/deploy/info.js'
import { expectedDowntimeMs, goodCommits, runsOfReleases, verdictsOf } from '#core/deploy/verdicts.js'
import type { JournalEntry } from '#core/journal/journal.js'

let second = 0
const entry = (kind: string, details: Record<string, unknown> = {}): JournalEntry => ({
  time: new Date(Date.UTC(2026, 2, 1, 12, 0, second++)).toISOString(),
  kind,
  ...details,
})
const verdict = (commit: unknown, value: unknown, reason: unknown = '') =>
  entry('verdict', { commit, verdict: value, reason })

describe('the verdict on a commit', () => {
  it('is the last word on it, with its reason and time', () => {
    const last = verdict('a', 'bad', 'it crashed')
    const verdicts = verdictsOf([verdict('a', 'good'), verdict('b', 'good'), last])
    expect(verdicts.get('a')).to.deep.equal({ verdict: 'bad', reason: 'it crashed', at: last.time })
    expect(verdicts.get('b')?.verdict).to.equal('good')
    expect(verdicts.get('c')).to.equal(undefined)
  })

  it('is never taken from a line that was edited by hand into something else', () => {
    const odd = [
      verdict('a', 'splendid'),
      verdict(7, 'good'),
      verdict(undefined, 'bad'),
      entry('verdicts', { commit: 'a', verdict: 'bad' }),
    ]
    expect([...verdictsOf(odd)]).to.deep.equal([])
    expect(verdictsOf([verdict('a', 'bad', { no: 'text' })]).get('a')?.reason).to.equal('')
  })

  it('puts the one that proved itself last first, however often it did before', () => {
    expect(goodCommits(verdictsOf(['a', 'b', 'c', 'a'].map((commit) => verdict(commit, 'good'))))).to.deep.equal([
      'a',
      'c',
      'b',
    ])
  })

  it('never calls good what was good once and is bad or unknown by now', () => {
    const entries = [verdict('a', 'good'), verdict('b', 'good'), verdict('a', 'bad'), verdict('b', 'unknown')]
    expect(goodCommits(verdictsOf(entries))).to.deep.equal([])
    expect(goodCommits(verdictsOf([...entries, verdict('a', 'good')]))).to.deep.equal(['a'])
  })
})

describe('how a release did', () => {
  it('is told from its starts and ends, and those that were asked for are no fault', () => {
    const services = runsOfReleases([
      entry('bot.start', { pid: 1, release: 'v1' }),
      entry('bot.stop', { pid: 1, ran_seconds: 10 }),
      entry('bot.start', { pid: 2, release: 'v1' }),
      entry('bot.crash', { pid: 2, ran_seconds: 1.5 }),
      entry('bot.start', { pid: 3, release: null }),
      entry('bot.lost', { pid: 3 }),
      entry('bot.start', { pid: 4, release: 'v2' }),
    ])
    expect(Object.fromEntries(services)).to.deep.equal({
      v1: { ranMs: 11_500, unexpectedEnds: 1 },
      '': { ranMs: 0, unexpectedEnds: 1 },
    })
  })

  it('never counts one end twice, nor one of a bot that nobody saw start', () => {
    const services = runsOfReleases([
      entry('bot.exit', { pid: 9, ran_seconds: 5 }),
      entry('bot.start', { pid: 1, release: 'v1' }),
      entry('bot.exit', { pid: 1, ran_seconds: 5 }),
      entry('bot.lost', { pid: 1 }),
    ])
    expect([...services]).to.deep.equal([['v1', { ranMs: 5000, unexpectedEnds: 1 }]])
  })

  it('tells what a switch costs from the middle of the last five, so that one bad day does not count', () => {
    const ends = (...times: (number | null)[]) =>
      times.map((downtime_ms) => entry('deploy.end', { outcome: 'good', downtime_ms }))
    expect(expectedDowntimeMs([])).to.equal(undefined)
    expect(expectedDowntimeMs(ends(null, null))).to.equal(undefined)
    expect(expectedDowntimeMs(ends(90_000, 1000, 2000, 60_000, 1500, 1200))).to.equal(1500)
    expect(expectedDowntimeMs([...ends(1000), entry('deploy.end', { outcome: 'back', downtime_ms: 9000 })])).to.equal(
      1000,
    )
    expect(expectedDowntimeMs([...ends(1000), entry('deploy.begin', { downtime_ms: 7 })])).to.equal(1000)
  })
})

describe('the last change', () => {
  const end = (active: unknown) => entry('deploy.end', { active })

  it('is when the active release became so, and not when one that failed came back to it', () => {
    const change = end('v2')
    expect(lastChange([end('v1'), change, end('v2')], 'v2')).to.deep.equal({ at: change.time, before: 'v1' })
  })

  it('is that from the home itself at first', () => {
    const change = end('v1')
    expect(lastChange([change], 'v1')).to.deep.equal({ at: change.time, before: null })
  })

  it('is unknown where the journal tells of another release than the pointer', () => {
    expect(lastChange([end('v1')], 'v2')).to.equal(undefined)
    expect(lastChange([], null)).to.equal(undefined)
  })
})
