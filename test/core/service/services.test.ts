import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { thisProcess } from '#core/platform/process/process-id.js'
import { lockServices } from '#core/service/services.js'
import { failureOf } from '../../support/failure.js'
import { ServiceHome } from '../../support/fake-manager.js'

describe('changing the services of a home', () => {
  it('is done by one at a time, and the other is told who does', async () => {
    const { services, paths } = new ServiceHome()
    {
      using _lock = await lockServices(services)
      const error = await failureOf(lockServices(services))
      expect(error).to.include({ code: 'SERVICE_BUSY', exit: 75 })
      expect(error.message).to.contain(`pid ${process.pid}`)
    }
    expect(existsSync(paths.serviceLock)).to.equal(false)
    using _lock = await lockServices(services)
    expect(existsSync(paths.serviceLock)).to.equal(true)
  })

  it('releases the lock when it fails', async () => {
    const { services, paths } = new ServiceHome()
    const failing = async () => {
      using _lock = await lockServices(services)
      throw new Error('no')
    }
    expect(await failing().catch(({ message }) => message)).to.equal('no')
    expect(existsSync(paths.serviceLock)).to.equal(false)
  })

  it('is not blocked by a killed process, nor by a torn lock', async () => {
    const { services, paths, clock } = new ServiceHome()
    mkdirSync(paths.state, { recursive: true })
    for (const text of [JSON.stringify({ ...thisProcess(), started: 1, instance: 'dead' }), '']) {
      writeFileSync(paths.serviceLock, text)
      const taking = lockServices(services)
      await clock.turn(2000) // a torn one may be in the making
      using _lock = await taking
    }
    expect(existsSync(paths.serviceLock)).to.equal(false)
  })
})
