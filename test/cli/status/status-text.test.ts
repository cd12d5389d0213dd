import { expect } from 'chai'
import { statusLines } from '#cli/status/status-text.js'
import { fitted, widthOf } from '#cli/width.js'
import type { Condition } from '#core/condition/condition.js'
import {
  A_WORK,
  aCondition,
  anOpenIncident,
  aService,
  aVersion,
  aWatchdog,
  DOWN,
} from '../../support/builders/condition.js'
import { expectGolden } from '../../support/golden.js'

const AT = '2026-03-01T11:00:00.000Z'

/** All that can be wrong at once, and more. */
const WORST: Partial<Condition> = {
  health: { status: 'degraded', reasons: ['a', 'b', 'c', 'd'].map((what) => `${what} is down: HTTP 503`), since: AT },
  work: { ...A_WORK, errors_last_hour: 11, busy: { why: 'open order', until: AT }, starting: { why: 'x', until: AT } },
  services: [
    aService({ warnings: ['it does not start with the machine: catalyst service install', 'x'] }),
    aService({ role: 'watchdog', name: 'NewsBot-watchdog', state: 'failed' }),
  ],
  watchdog: aWatchdog({ restarts_used: 3, restarts_left: 0, next_restart: AT, late: true, incident: anOpenIncident() }),
  release: {
    active: aVersion('v1.3.0-1a2b3c4d', { rating: 'bad', reason: 'health check timed out after 300 s' }),
    since: AT,
    previous: aVersion('v1.2.9-0011aabb'),
    last_good: aVersion('v1.2.9-0011aabb'),
    bakes_until: null,
    runtime_fault: 'Its Python is gone.',
    unfinished: { what: 'deployment of v1.3.1', since: AT, goes_on: false },
  },
  failing_alerts: [
    { channel: 'discord', state: 'given_up', title: 'NewsBot: hangs', since: AT, tries: null, why: 'HTTP 404' },
    { channel: 'telegram', state: 'waiting', title: 'NewsBot: hangs', since: AT, tries: 3, why: 'HTTP 500' },
  ],
  events: [1, 2, 3].map((pid) => ({ time: AT, kind: 'bot.start', text: `the bot started (pid ${pid}) as v1.3.0` })),
  next: { command: `catalyst deploy recover --home ${'/long'.repeat(20)}`, purpose: 'resume it' },
}

describe('the screen of status', () => {
  const lines = (changes: Partial<Condition> = {}) => statusLines(aCondition(changes))
  const text = (changes?: Partial<Condition>) => lines(changes).map((line) => line.text)
  const row = (name: string, changes?: Partial<Condition>) =>
    text(changes)
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length)
      .trim()

  it('tells that the watchdog is paused, until when, by whom and why', () => {
    const paused = { by: 'ann', since: AT, until: AT, why: 'moving\nforged' }
    expect(row('paused', { paused })).to.match(/^until \d{4}-.* by ann: moving/)
    expect(text({ paused }).join('\n')).to.not.match(/^forged/m)
    expect(lines({ paused }).find(({ text }) => text.startsWith('paused'))?.color).to.equal('yellow')
  })

  it('tells that the last backup failed, long before the newest good one is too old', () => {
    const [last_good, last_good_test] = [AT, AT]
    const ages = { last_good_age_seconds: 3600, last_good_test_age_seconds: 86_400, fault: null }
    const told = (last_outcome: 'good' | 'partial' | 'failed') =>
      row('backups', { backups: { last_good, last_good_test, last_outcome, ...ages } })
    expect(told('good')).to.match(/^the newest good one 1 h\S* ago; restore test 1 d\S* ago$/)
    expect(told('partial')).to.match(/; the last one is partial: catalyst backup run$/)
    expect(told('failed')).to.match(/; the last try failed: catalyst backup run$/)
  })

  it('of a bot that works', () => {
    const services = [aService()]
    const watchdog = aWatchdog({ restarts_used: 1, restarts_left: 2 })
    const release = {
      ...(aCondition().release as NonNullable<Condition['release']>),
      active: aVersion('v1.3.0-1a2b3c4d'),
      since: AT,
      previous: aVersion('v1.2.9-0011aabb'),
    }
    const process = { pid: 7, since: AT, release: 'v1.3.0-1a2b3c4d' }
    expectGolden('status/healthy.txt', `${text({ services, watchdog, release, process }).join('\n')}\n`)
  })

  it('of a bot with all that can be wrong fits a terminal of 80 columns', () => {
    const rows = lines(WORST).map((line) => (line.isWhole ? line.text : fitted(line.text, 80)))
    expectGolden('status/worst.txt', `${rows.join('\n')}\n`)
    const cut = rows.filter((_, index) => !lines(WORST)[index]?.isWhole)
    for (const line of cut) expect(widthOf(line), line).to.be.at.most(80)
  })

  it('has at most 24 lines with the faults of an ordinary bad day', () => {
    const { health, services, watchdog, failing_alerts, events, next } = WORST
    const day = { health, services, watchdog, failing_alerts, events, next } as Partial<Condition>
    expect(text(day)).to.have.length.at.most(23)
  })

  it('tells who stopped a bot, how it exited, and until when it waits', () => {
    const stopped = text({ ...DOWN, stopped_by: { by: 'ann', at: AT } })
    expect(stopped[3]).to.match(/^ {2}stopped on purpose by ann, 2026-03-01 /)
    const crashed = text({ ...DOWN, last_exit: { at: AT, kind: 'crashed', exit: 3, reason: 'no token' } })
    expect(crashed[3]).to.match(/^ {2}it crashed with exit code 3, 2026-03-01 \S+: no token$/)
    expect(text({ ...DOWN, last_exit: { at: null, kind: 'killed', exit: null } })[3]).to.equal('  it was killed')
    const waits = text({
      health: { status: 'unknown', reasons: ['off'], since: null },
      waits: { until: AT, reason: 'it exited 3 times within minutes' },
    })
    expect(waits[3]).to.match(/^ {2}it waits until 2026-\S+ \S+ before its next start: it exited 3 times/)
  })

  it('tells what could not be had', () => {
    const missing = [{ part: 'services', why: 'no answer within 6 s', not_permitted: false }] as const
    expect(row('not known', { services: null, missing })).to.equal('services: no answer within 6 s')
  })

  it('tells that only the process is watched', () => {
    const work = { ...A_WORK, proof: 'process', last_cycle_seconds_ago: null }
    expect(row('last cycle', { work })).to.equal('not told, only the process is watched; 0 errors in the last hour')
  })

  it('colors what is wrong, and nothing else', () => {
    expect(lines().filter(({ color }) => color !== undefined)).to.deep.equal([])
    expect(lines(DOWN)[1]).to.include({ text: 'unreachable', color: 'red' })
    expect(lines({ services: [aService({ state: 'failed' })] }).find(({ color }) => color)?.text).to.match(/^service/)
  })

  it('takes nothing of others for a line or a control of its own', () => {
    const shown = text({ health: { status: 'degraded', reasons: ['a\n\u001B[2Jnext  rm'], since: null } })
    expect(shown[2]).to.equal('  a \\x1b[2Jnext  rm')
  })
})
