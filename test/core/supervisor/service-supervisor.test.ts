import { expect } from 'chai'
import { serviceSupervisor } from '#core/supervisor/service-supervisor.js'
import { ServiceHome } from '../../support/fake-manager.js'

describe('the fault of a service that is down', () => {
  for (const restarts of ['by its manager', 'by its exit'] as const)
    it(`is ${restarts === 'by its exit' ? 'none to a watchdog, since a booting machine may start it later' : 'told to a deployment'}`, async () => {
      const home = new ServiceHome()
      await home.install(['bot'])
      const supervisor = serviceSupervisor(home.services, { restarts })
      expect(await supervisor.fault()).to.equal(undefined)
      await home.clock.turn(5000)
      const fault = await supervisor.fault()
      if (restarts === 'by its exit') expect(fault).to.equal(undefined)
      else expect(fault).to.contain('the service CatalystBot does not run')
    })
})
