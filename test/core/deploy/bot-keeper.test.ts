import { expect } from 'chai'
import { serviceAsKeeper } from '#core/deploy/bot-keeper.js'
import { readStopWish, wishStop } from '#core/state/wanted.js'
import { ServiceHome } from '../../support/fake-manager.js'

describe('a service as the keeper of the bot', () => {
  for (const stops of [true, false])
    it(`that does not come up again is ${stops ? 'left alone if somebody stops it meanwhile' : 'started'}`, async () => {
      const home = new ServiceHome()
      await home.install(['bot'], { start: true })
      home.manager.stillborn.set('restart', 1)
      const make = home.manager.restart.bind(home.manager)
      home.manager.restart = (name) => {
        if (stops) wishStop(home.paths, 'ann', home.clock.now())
        return make(name)
      }
      const keeper = await serviceAsKeeper(home.services)
      await home.turning(keeper.restart())
      expect(home.manager.isRunning('CatalystBot')).to.equal(!stops)
      expect(readStopWish(home.paths)?.by).to.equal(stops ? 'ann' : undefined)
    })
})
