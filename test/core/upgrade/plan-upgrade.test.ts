import { expect } from 'chai'
import { type UpgradeFacts, upgradeStep } from '#core/upgrade/plan-upgrade.js'

const WELL: UpgradeFacts = {
  state: 'running',
  isCurrent: false,
  isDeploying: false,
  health: 'healthy',
  isBack: false,
}

describe('what a new program means for a service', () => {
  const cases: [string, Partial<UpgradeFacts>, string][] = [
    ['a bot that works has to work again', {}, 'gate'],
    ['a degraded one has to be no worse', { health: 'degraded' }, 'gate'],
    ['one without an endpoint has to live', { health: 'unknown' }, 'gate'],
    ["a watchdog beside a bot's service has to come up", { health: undefined }, 'gate'],
    ['one that was unhealthy before decides nothing', { health: 'unhealthy' }, 'restart'],
    ['a frozen one decides nothing', { health: 'unreachable' }, 'restart'],
    ['one that waits for its start decides nothing', { state: 'starting', health: 'starting' }, 'restart'],
    ['one that is stopped stays so', { state: 'stopped', health: 'unreachable' }, 'not_running'],
    ['one that was removed by hand stays so', { state: undefined, health: 'unreachable' }, 'not_running'],
    ['one in a crash loop runs the new program anyway', { state: 'restarting', health: 'unreachable' }, 'not_running'],
    ['one that has failed for good is left alone', { state: 'failed', health: 'unreachable' }, 'not_running'],
    ['one that runs the new program is left alone', { isCurrent: true }, 'current'],
    ['one that a deployment restarts is left to that', { isDeploying: true }, 'left'],
  ]
  for (const [what, changes, expected] of cases)
    it(`is that ${what}`, () => {
      const step = upgradeStep({ ...WELL, ...changes })
      expect(step.do === 'nothing' ? step.outcome : step.do).to.equal(expected)
    })

  describe('when it is taken back', () => {
    const back: [string, Partial<UpgradeFacts>, string][] = [
      ['one that fails with the program that is taken back has to work again', { state: 'restarting' }, 'gate'],
      ['one that has failed for good with it has to work again', { state: 'failed' }, 'gate'],
      ['one that does not answer with it has to work again', { health: 'unreachable' }, 'gate'],
      ['one that its manager has restarted with the program before is waited for', { isCurrent: true }, 'wait'],
      ['one that was not reached yet is left alone', { isCurrent: true, health: 'healthy' }, 'current'],
      ['one that is stopped stays so', { state: 'stopped' }, 'not_running'],
    ]
    for (const [what, changes, expected] of back)
      it(`is that ${what}`, () => {
        const step = upgradeStep({ ...WELL, health: 'unreachable', isBack: true, ...changes })
        expect(step.do === 'nothing' ? step.outcome : step.do).to.equal(expected)
      })
  })
})
