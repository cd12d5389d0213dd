import { expect } from 'chai'
import { CatalystError, EXIT } from '#core/errors.js'
import { homesToUpgrade, type Load, upgradeAll } from '#core/upgrade/upgrade-all.js'
import type { ServiceUpgrade } from '#core/upgrade/upgrade-home.js'
import { ServiceHome } from '../../support/fake-manager.js'

describe('the homes of a machine, once catalyst itself was replaced', () => {
  it('are those with a service that runs this program', async () => {
    const [ours, bare] = [new ServiceHome(), new ServiceHome()]
    await ours.install()
    const homes = [ours.home, bare.home, '/no/such/home']
    expect(homesToUpgrade(ours.runtime.cli, homes)).to.deep.equal([ours.home])
  })

  for (const [what, error, outcomes] of [
    [
      'go on with the program before where the settings have faults: with any other they could not start',
      new CatalystError('BOT_COMMAND is empty.', { code: 'SETTINGS_INVALID', exit: EXIT.settings }),
      ['left', 'left'],
    ],
    ['end at the first that fails', new Error('no such disk'), ['failed']],
  ] as const)
    it(what, async () => {
      const homes = [new ServiceHome(), new ServiceHome()]
      for (const home of homes) await home.install()
      const told: ServiceUpgrade[] = []
      const load: Load = () => {
        throw error
      }
      const folders = homes.map(({ home }) => home)
      const results = await upgradeAll((homes[0] as ServiceHome).clock, folders, load, {
        cli: '',
        isCurrent: () => false,
        isBack: false,
        say: () => {},
        onWait: () => {},
        onDone: (done) => told.push(done),
      })
      expect(told).to.deep.equal(results)
      expect(results.map(({ outcome }) => outcome)).to.deep.equal(outcomes)
      expect(results[0]?.why).to.equal(error.message)
    })
})
