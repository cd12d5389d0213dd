import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Drill } from '#core/bot/drill.js'
import { readConfig } from '#core/config/load.js'
import { timeLimitMs } from '#core/drill/run-drill.js'
import { incidentStep, journalStep } from '#core/drill/timeline.js'
import { type RestartFacts, whyNobodyRestarts } from '#core/drill/who-restarts.js'
import { tempFolder } from '../../support/temp.js'

describe('the supervisors that restart a bot after a drill', () => {
  const watchdog = { running: true, paused: null, restarts_left: 1, next_restart: null }
  const spent = { running: true, paused: null, restarts_left: 0, next_restart: '2026-03-01T12:10:00.000Z' }
  const off = { running: false, paused: null, restarts_left: 3, next_restart: null }
  const paused = { ...watchdog, paused: { by: 'ann', since: '', until: '2026-03-01T14:00:00.000Z', why: null } }
  const facts = (changes: Partial<RestartFacts>): RestartFacts => {
    return { manager: undefined, watchdog, restartsOnFreeze: true, ...changes }
  }
  const cases: [Drill, Partial<RestartFacts>, RegExp | undefined][] = [
    ['crash', {}, undefined],
    ['crash', { watchdog: spent, restartsOnFreeze: false }, undefined],
    ['crash', { manager: 'nssm', watchdog: off }, undefined],
    ['crash', { manager: 'systemd', watchdog: off }, undefined],
    ['crash', { watchdog: off }, /^Nobody would restart this bot/],
    ['crash', { watchdog: paused }, /^The watchdog is paused until .* by ann\. Until then it restarts nothing\.$/],
    ['crash', { manager: 'systemd', watchdog: paused }, undefined],
    ['freeze', { manager: 'systemd', watchdog: paused }, /^The watchdog is paused until/],
    ['freeze', {}, undefined],
    ['freeze', { manager: 'launchd' }, undefined],
    ['freeze', { manager: 'systemd', watchdog: off }, undefined],
    ['hang', { manager: 'systemd', watchdog: off }, undefined],
    ['freeze', { manager: 'nssm', watchdog: off }, /^No watchdog runs, so nobody would notice a freeze/],
    ['hang', { manager: 'launchd', watchdog: off }, /^No watchdog runs, so nobody would notice a hang/],
    ['hang', { watchdog: off }, /^No watchdog runs/],
    ['freeze', { watchdog: spent }, /^The watchdog has used up its restarts; .*2026-03-01T12:10:00\.000Z\.$/],
    ['hang', { watchdog: { ...spent, next_restart: null } }, /WATCHDOG_MAX_RESTARTS=0\.$/],
    ['freeze', { restartsOnFreeze: false }, /^With WATCHDOG_RESTART_ON_FREEZE=0/],
    ['hang', { restartsOnFreeze: false, manager: 'systemd', watchdog: off }, /^With WATCHDOG_RESTART_ON_FREEZE=0/],
  ]
  for (const [drill, changes, why] of cases)
    it(`${drill} with ${JSON.stringify(changes)}: ${why ? 'nobody' : 'somebody'}`, () => {
      const nobody = whyNobodyRestarts(drill, facts(changes))
      if (why) expect(nobody).to.match(why)
      else expect(nobody).to.equal(undefined)
    })
})

describe("a drill's timeline", () => {
  const time = '2026-03-01T12:00:00.000Z'

  it('has the events of the bot from the journal, and no others', () => {
    const cases: [string, object, string | undefined][] = [
      ['bot.exit', { exit: 3 }, 'the bot exited with code 3'],
      ['bot.crash', { exit: 1 }, 'the bot exited with code 1'],
      ['bot.stop', { exit: 0, asked_by: 'control' }, 'the bot was stopped (control)'],
      ['bot.lost', { pid: 7 }, 'the bot was found to have been killed'],
      ['bot.start', { pid: 8 }, 'another bot was started (pid 8)'],
      ['drill', { drill: 'crash' }, undefined],
      ['incident', { incident: 'x' }, undefined],
      ['service.start', {}, undefined],
    ]
    for (const [kind, more, what] of cases) expect(journalStep({ time, kind, ...more }), kind).to.equal(what)
  })

  it('has each state of the incident', () => {
    const said = (['detected', 'restarting', 'recovered', 'needs_attention'] as const).map((state) =>
      incidentStep('20260301T120000000Z-silent', { at: 1, state, why: 'hangs' }),
    )
    expect(said).to.deep.equal([
      'the watchdog detects it: hangs (incident 20260301T120000000Z-silent)',
      'the evidence is saved; the watchdog stops the bot',
      'the watchdog says: recovered',
      'the watchdog gives up: the incident needs attention',
    ])
  })
})

describe('the time limit of a drill', () => {
  const limitMs = (drill: Drill, more = '') => {
    const home = tempFolder()
    writeFileSync(join(home, '.env'), more)
    return timeLimitMs(readConfig(home, {}).settings, drill, 0) / 1000
  }

  it('is longer than the restart takes by the settings', () => {
    const [delay, start, stop, interval, threshold, cycle] = [10, 300, 20, 60, 300, 30]
    expect(limitMs('crash')).to.be.above(delay + start + interval)
    for (const drill of ['freeze', 'hang'] as const)
      expect(limitMs(drill)).to.be.above(cycle + 2 * threshold + interval + stop + delay + start)
  })

  it('grows with each of them, and ends', () => {
    const names = ['SERVICE_RESTART_DELAY', 'BOT_START_TIMEOUT', 'WATCHDOG_CHECK_INTERVAL']
    for (const name of names) expect(limitMs('crash', `${name}=1000\n`), name).to.be.above(limitMs('crash'))
    const more = [...names, 'BOT_STOP_TIMEOUT', 'WATCHDOG_FREEZE_THRESHOLD', 'BOT_CYCLE_SECONDS']
    for (const name of more) expect(limitMs('hang', `${name}=1000\n`), name).to.be.above(limitMs('hang'))
    expect(limitMs('hang')).to.be.below(3600)
  })
})
