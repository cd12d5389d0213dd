import { expect } from 'chai'
import { readDesiredStop, writeDesiredStop } from '#core/home/desired-state.js'
import { supervisingService } from '#core/supervisor/find-supervisor.js'
import { ServiceHome } from '../../support/fake-manager.js'

describe('a service as the supervisor of the bot', () => {
  for (const stops of [true, false])
    it(`is ${stops ? 'left alone if somebody stops it meanwhile' : 'started'} where it does not come up again`, async () => {
      const home = new ServiceHome()
      await home.install(['bot'], { start: true })
      home.manager.stillborn.set('restart', 1)
      const make = home.manager.restart.bind(home.manager)
      home.manager.restart = (name) => {
        if (stops) writeDesiredStop(home.paths, 'ann', home.clock.now())
        return make(name)
      }
      const supervisor = await supervisingService(home.services)
      await home.turning(supervisor.restart(() => {}))
      expect(home.manager.isRunning('CatalystBot')).to.equal(!stops)
      expect(readDesiredStop(home.paths)?.by).to.equal(stops ? 'ann' : undefined)
    })
})
