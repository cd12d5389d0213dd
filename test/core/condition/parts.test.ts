import { expect } from 'chai'
import { eventsOf, failingAlerts, healthOf, watchdogFacts } from '#core/condition/parts.js'
import type { HealthReport } from '#core/health/report.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'
import { anEntry } from '../../support/builders/journal-entry.js'

const AT = '2026-03-01T11:00:00.000Z'
const incident = (state: string) => ({ since: AT, state }) as NonNullable<WatchdogStatus['incident']>

describe('the time since which a bot has its health', () => {
  const nothing = { exit: null, incident: null }
  const silent = { status: 'unreachable', reasons: [] } as const

  it('is told by the bot itself', () => {
    const report = { status_since: AT } as HealthReport
    expect(healthOf({ status: 'healthy', reasons: [], report }, nothing).since).to.equal(AT)
  })

  it('is not known of a bot of an older version', () => {
    const report = {} as HealthReport
    expect(healthOf({ status: 'healthy', reasons: [], report }, nothing).since).to.equal(null)
  })

  it('is its last exit where it does not run', () => {
    const exit = { at: AT, kind: 'stopped', exit: 0 } as const
    expect(healthOf(silent, { exit, incident: null }).since).to.equal(AT)
    expect(healthOf(silent, nothing).since).to.equal(null)
  })

  it('is told by an open incident where it runs and gives no answer', () => {
    expect(healthOf(silent, { exit: null, incident: incident('restarting') }).since).to.equal(AT)
    expect(healthOf(silent, { exit: null, incident: incident('recovered') }).since).to.equal(null)
  })
})

describe('the facts of the condition', () => {
  it('have an incident only while it is open', () => {
    const facts = (state: string) => watchdogFacts({ incident: incident(state) } as WatchdogStatus)
    expect(facts('restarting').incident).to.include({ since: AT })
    expect(facts('recovered').incident).to.equal(null)
  })

  it('have the alerts that failed, and none that was not tried yet', () => {
    const one = { channel: 'slack' as const, title: 'x', since: AT, tries: 0, why: null }
    const lost = { channel: 'email' as const, title: 'lost', since: AT, at: AT, why: 'HTTP 404' }
    expect(failingAlerts({ waiting: [one], given_up: [] })).to.deep.equal([])
    const failed = failingAlerts({ waiting: [{ ...one, tries: 2, why: 'HTTP 500' }], given_up: [lost] })
    expect(failed.map(({ channel, state, why }) => [channel, state, why])).to.deep.equal([
      ['email', 'given_up', 'HTTP 404'],
      ['slack', 'waiting', 'HTTP 500'],
    ])
  })

  it('have the last three events, without the steps of deployments', () => {
    const kinds = ['bot.start', 'bot.refused', 'deploy.begin', 'deploy.step', 'deploy.end']
    expect(eventsOf(kinds.map((kind) => anEntry(kind))).map(({ kind }) => kind)).to.deep.equal([
      'bot.refused',
      'deploy.begin',
      'deploy.end',
    ])
  })
})
