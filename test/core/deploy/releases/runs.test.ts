import { expect } from 'chai'
import { exitsByItself, expectedDowntime, runsOfReleases } from '#core/deploy/releases/runs.js'
import { lastChange } from '#core/deploy/versions.js'
import { anEntry } from '../../../support/builders/journal-entry.js'

let second = 0
const entry = (kind: string, details: Record<string, unknown> = {}) =>
  anEntry(kind, { time: new Date(Date.UTC(2026, 2, 1, 12, 0, second++)).toISOString(), ...details })

describe('the runs of a release', () => {
  it('are counted from its starts and exits, and exits that were asked for are not unexpected', () => {
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
      v1: { ranMs: 11_500, unexpectedExits: 1 },
      '': { ranMs: 0, unexpectedExits: 1 },
    })
  })

  it('never have one exit twice, nor one of a bot whose start is not in the journal', () => {
    const services = runsOfReleases([
      entry('bot.exit', { pid: 9, ran_seconds: 5 }),
      entry('bot.start', { pid: 1, release: 'v1' }),
      entry('bot.exit', { pid: 1, ran_seconds: 5 }),
      entry('bot.lost', { pid: 1 }),
    ])
    expect([...services]).to.deep.equal([['v1', { ranMs: 5000, unexpectedExits: 1 }]])
  })

  it('have as exits by itself only those that the bot caused itself, within the time asked for', () => {
    const began = second
    const died = (end: string, details: Record<string, unknown> = {}) => [
      entry('bot.start', { pid: second, release: 'v1' }),
      entry(end, { pid: second - 1, ...details }),
    ]
    const entries = [
      ...died('bot.crash', { exit: 1 }),
      ...died('bot.exit', { exit: 3 }),
      ...died('bot.exit', { exit: 137 }), // SIGKILL
      ...died('bot.exit', { exit: 139 }), // SIGSEGV: nobody sends that
      ...died('bot.lost'),
      ...died('bot.stop', { exit: 0 }),
    ]
    const at = (index: number) => Date.UTC(2026, 2, 1, 12, 0, began + index)
    expect(exitsByItself(entries, 'v1', at(0), at(12))).to.equal(3)
    expect(exitsByItself(entries, 'v1', at(2), at(7))).to.equal(1)
    expect(exitsByItself(entries, 'v2', at(0), at(12))).to.equal(0)
  })

  it('give the median downtime of the last five deployments, so that one bad day does not count', () => {
    const ends = (...times: (number | null)[]) =>
      times.map((downtime_seconds) => entry('deploy.end', { outcome: 'deployed', downtime_seconds }))
    expect(expectedDowntime([])).to.equal(undefined)
    expect(expectedDowntime(ends(null, null))).to.equal(undefined)
    expect(expectedDowntime(ends(90, 1, 2, 60, 1.5, 1.2))).to.equal(1.5)
    expect(
      expectedDowntime([...ends(1), entry('deploy.end', { outcome: 'rolled_back', downtime_seconds: 9 })]),
    ).to.equal(1)
    expect(expectedDowntime([entry('deploy.end', { outcome: 'good', downtime_ms: 1500 })]), 'before 0.2').to.equal(1.5)
    expect(expectedDowntime([...ends(1), entry('deploy.begin', { downtime_seconds: 7 })])).to.equal(1)
  })
})

describe('the last change of the active release', () => {
  const end = (active: unknown) => entry('deploy.end', { active })

  it('is its activation, and not a failed deployment that came back to it', () => {
    const change = end('v2')
    expect(lastChange([end('v1'), change, end('v2')], 'v2')).to.deep.equal({ at: change.time, before: 'v1' })
  })

  it('is the one from the working tree at first', () => {
    const change = end('v1')
    expect(lastChange([change], 'v1')).to.deep.equal({ at: change.time, before: null })
  })

  it('is unknown where the journal names another release than the pointer', () => {
    expect(lastChange([end('v1')], 'v2')).to.equal(undefined)
    expect(lastChange([], null)).to.equal(undefined)
  })
})
