import { expect } from 'chai'
import type { Condition } from '#core/condition/condition.js'
import { nextCommand } from '#core/condition/next-command.js'
import type { Health } from '#core/health/client.js'
import { aCondition, anOpenIncident, aService, aVersion, aWatchdog, DOWN } from '../../support/builders/condition.js'

const AT = '2026-03-01T11:00:00.000Z'
const CRASHED = { at: AT, kind: 'crashed', exit: 1 } as const
const release = (changes: Partial<NonNullable<Condition['release']>>) => ({
  release: { ...(aCondition().release as NonNullable<Condition['release']>), ...changes },
})
const unfinished = (goes_on: boolean) => release({ unfinished: { what: 'deployment of v2', since: AT, goes_on } })
const health = (status: Health['status'], ...reasons: string[]) => ({ health: { status, reasons, since: AT } })
const alert = { channel: 'discord' as const, title: 'x', since: AT, why: 'HTTP 404' }
const missing = (part: Condition['missing'][number]['part'], not_permitted = false) => ({
  missing: [{ part, why: 'x', not_permitted }],
})

/** What is wrong, in words, and the command that is named; undefined where nothing is to be typed. */
const TABLE: readonly (readonly [string, Partial<Condition>, string | undefined])[] = [
  ['nothing is wrong', {}, undefined],
  ['nothing is wrong with a service and a watchdog', { services: [aService()], watchdog: aWatchdog() }, undefined],
  ['the settings have faults', { ...health('unknown'), settings_faults: ['x'] }, 'catalyst config check'],
  ['a deployment was interrupted', { ...DOWN, ...unfinished(false) }, 'catalyst deploy recover'],
  ['a deployment goes on', { ...DOWN, ...unfinished(true) }, undefined],
  ['it was never started', DOWN, 'catalyst bot start'],
  ['it was stopped on purpose', { ...DOWN, stopped_by: { by: 'ann', at: AT } }, 'catalyst bot start'],
  [
    'its service was stopped on purpose',
    { ...DOWN, stopped_by: { by: 'ann', at: AT }, services: [aService({ state: 'stopped' })] },
    'catalyst service start',
  ],
  ['the runtime has changed', { ...DOWN, ...release({ runtime_fault: 'x' }) }, 'catalyst deploy repair'],
  ['it refused its settings', { ...DOWN, last_exit: { ...CRASHED, exit: 78 } }, 'catalyst config check'],
  ['it crashed', { ...DOWN, last_exit: CRASHED }, 'catalyst logs --level error --since 1h'],
  ['it was killed', { ...DOWN, last_exit: { at: null, kind: 'killed', exit: null } }, 'catalyst bot start'],
  ['the watchdog is about to start it', { ...DOWN, watchdog: aWatchdog() }, 'catalyst logs --since 15m'],
  [
    'it crashed under the watchdog',
    { ...DOWN, watchdog: aWatchdog(), last_exit: CRASHED },
    'catalyst logs --level error --since 1h',
  ],
  [
    'the watchdog does no more',
    { ...DOWN, watchdog: aWatchdog({ incident: anOpenIncident() }) },
    'catalyst incident show',
  ],
  ['its service has failed', { ...DOWN, services: [aService({ state: 'failed' })] }, 'catalyst service status'],
  ['its service is gone', { ...DOWN, services: [aService({ state: 'not installed' })] }, 'catalyst service install'],
  ['its service is stopped', { ...DOWN, services: [aService({ state: 'stopped' })] }, 'catalyst service start'],
  [
    'its service restarts it after a crash',
    { ...DOWN, services: [aService({ state: 'restarting' })], last_exit: CRASHED },
    'catalyst logs --level error --since 1h',
  ],
  ['it gives no answer', { ...health('unreachable'), work: null }, 'catalyst logs --since 15m'],
  ['it is frozen, and has a service', { ...health('unhealthy'), services: [aService()] }, 'catalyst service restart'],
  [
    'it is frozen, and its watchdog is paused',
    {
      ...health('unhealthy'),
      watchdog: aWatchdog(),
      paused: { by: 'ann', since: '2026-03-01T12:00:00Z', until: '2026-03-01T14:00:00Z', why: null },
    },
    'catalyst watchdog resume',
  ],
  [
    'it is frozen, and a watchdog restarts it',
    { ...health('unhealthy'), services: [aService()], watchdog: aWatchdog() },
    'catalyst logs --since 15m',
  ],
  [
    'it is frozen, and its restart budget is used up',
    { ...health('unhealthy'), watchdog: aWatchdog({ incident: anOpenIncident() }) },
    'catalyst incident show',
  ],
  ['it is degraded', health('degraded', '11 errors in the last hour'), 'catalyst logs --level warning --since 1h'],
  ['it is starting', health('starting'), 'catalyst health check --wait 60'],
  [
    'it waits for its start after crashes',
    { ...health('starting'), waits: { until: AT, reason: 'x' } },
    'catalyst logs --level error --since 1h',
  ],
  ['it is stopping', health('stopping'), undefined],
  ['its endpoint is off', health('unknown', 'switched off'), undefined],
  ['its endpoint is off, and it does not run', { ...DOWN, ...health('unknown') }, 'catalyst bot start'],
  [
    'its endpoint is off, and nobody knows whether it runs',
    { ...DOWN, ...health('unknown'), ...missing('process') },
    'catalyst doctor',
  ],
  ['the watchdog does not run', { watchdog: aWatchdog({ running: false }) }, 'catalyst watchdog run'],
  [
    'the watchdog of a service is not installed',
    { services: [aService()], watchdog: aWatchdog({ running: false }) },
    'catalyst service install watchdog',
  ],
  [
    "the watchdog's service does not run",
    { services: [aService(), aService({ role: 'watchdog' })], watchdog: aWatchdog({ running: false }) },
    'catalyst service start watchdog',
  ],
  ['the watchdog is late', { watchdog: aWatchdog({ late: true }) }, 'catalyst logs --since 15m'],
  ['alerts wait', { failing_alerts: [{ ...alert, state: 'waiting', tries: 3 }] }, 'catalyst alert test'],
  ['an alert was given up', { failing_alerts: [{ ...alert, state: 'given_up', tries: null }] }, undefined],
  [
    'the active version is bad',
    release({ active: aVersion('v2', { rating: 'bad' }), last_good: aVersion('v1') }),
    'catalyst deploy rollback --last-good',
  ],
  ['the service has a warning', { services: [aService({ warnings: ['x'] })] }, 'catalyst service status'],
  ['a part could not be had', missing('watchdog'), 'catalyst doctor'],
  ['the service manager is silent', { services: null, ...missing('services') }, 'catalyst service status'],
]

describe('the next command', () => {
  for (const [what, changes, command] of TABLE)
    it(`where ${what} is ${command ?? 'none'}`, () => {
      expect(nextCommand(aCondition(changes))?.command).to.equal(command)
    })

  it('where this user is not permitted to see all is to ask as the owner', () => {
    const condition = aCondition({ ...health('unknown'), ...missing('health', true) })
    expect(nextCommand(condition, 'sudo -u ann catalyst status')?.command).to.equal('sudo -u ann catalyst status')
    expect(nextCommand(condition)?.command, 'where root has made it').to.equal('catalyst doctor')
  })
})
