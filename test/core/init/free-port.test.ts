import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { expect } from 'chai'
import { freePort } from '#core/init/free-port.js'
import { ownerOf } from '#core/platform/process/users.js'

describe('the port that init proposes', () => {
  const home = tmpdir()

  it('is one that nobody listens on, or the one of its own bot that runs', async () => {
    const server = createServer()
    try {
      const port = await freePort(ownerOf(home), home, undefined)
      await once(server.listen(port, '127.0.0.1'), 'listening')
      expect(await freePort(ownerOf(home), home, undefined)).to.be.greaterThan(port)
      expect(await freePort(ownerOf(home), home, process.pid)).to.equal(port)
    } finally {
      server.close()
    }
  })
})
