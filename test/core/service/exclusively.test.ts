import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { exclusively } from '#core/service/exclusively.js'
import { thisProcess } from '#core/system/processes.js'
import { failureOf } from '../../support/failure.js'
import { ServiceHome } from '../../support/fake-manager.js'

describe('changing the services of a home', () => {
  it('is for one at a time, and the other is told who does', async () => {
    const { services, paths } = new ServiceHome()
    await exclusively(services, async () => {
      const error = await failureOf(exclusively(services, async () => {}))
      expect(error).to.include({ code: 'SERVICE_BUSY', exit: 75 })
      expect(error.message).to.contain(`pid ${process.pid}`)
    })
    expect(existsSync(paths.serviceLock)).to.equal(false)
    expect(await exclusively(services, async () => 7)).to.equal(7)
  })

  it('gives the lock back when it fails', async () => {
    const { services, paths } = new ServiceHome()
    await exclusively(services, () => Promise.reject(new Error('no'))).catch(() => {})
    expect(existsSync(paths.serviceLock)).to.equal(false)
  })

  it('is not kept from it by one that was killed, nor by a torn lock', async () => {
    const { services, paths, clock } = new ServiceHome()
    mkdirSync(paths.state, { recursive: true })
    for (const text of [JSON.stringify({ ...thisProcess(), started: 1, instance: 'dead' }), '']) {
      writeFileSync(paths.serviceLock, text)
      const work = exclusively(services, async () => 7)
      await clock.turn(2000) // a torn one may be in the making
      expect(await work).to.equal(7)
    }
  })
})
