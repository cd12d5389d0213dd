import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

const TELLS_THAT_IT_LOADED =
  "import fs from 'node:fs'\nfs.writeFileSync('loaded', '')\nexport default { name: 'b', cycle() {} }"

describe("e2e: the endpoint's port is taken", () => {
  const { moduleHome, serve } = endToEnd()

  it('is waited for; then the holder is named, the exit code is 75, and the bot was never loaded', async () => {
    const stranger = await serve((_, response) => response.end('no bot\n'))
    const neighbour = moduleHome()
    const other = await neighbour.healthy()
    const taken = [
      { port: stranger.port, holder: process.pid },
      { port: neighbour.botFile().endpoint?.port, holder: other.pid },
    ]
    await Promise.all(
      taken.map(async ({ port, holder }) => {
        const home = moduleHome(TELLS_THAT_IT_LOADED, { HEALTH_CHECK_PORT: String(port) })
        const began = performance.now()
        const { code, stderr } = await home.start().result(30_000)
        expect(performance.now() - began).to.be.greaterThan(10_000)
        expect(code).to.equal(75)
        expect(stderr).to.match(new RegExp(`port ${port}: it is held by \\S+ \\(pid ${holder}\\)`))
        expect(home.has('loaded')).to.equal(false)
        expect(home.kinds()).to.not.include('bot.start')
        expect(home.entry('bot.crash')).to.include({ exit: 75 })
        expect(() => home.botFile()).to.throw()
      }),
    )
    await neighbour.status('healthy')
  })

  it('is taken as soon as it is free', async () => {
    const stranger = await serve((_, response) => response.end())
    const home = moduleHome(undefined, { HEALTH_CHECK_PORT: String(stranger.port) })
    const bot = home.start()
    await until(() => bot.output.includes(`port ${stranger.port} is taken`))
    await stranger.close()
    expect((await home.status('healthy')).pid).to.equal(bot.pid)
  })

  it('does not keep a bot that is asked to end meanwhile, and never starts it', async () => {
    const stranger = await serve((_, response) => response.end())
    const home = moduleHome(TELLS_THAT_IT_LOADED, { HEALTH_CHECK_PORT: String(stranger.port) })
    const bot = home.start()
    await until(() => bot.output.includes(`port ${stranger.port} is taken`))
    bot.kill('SIGTERM')
    expect((await bot.result(5000)).code).to.equal(0)
    expect(home.has('loaded')).to.equal(false)
    expect(home.kinds()).to.not.include('bot.start')
    expect(home.entry('bot.stop')).to.include({ exit: 0, asked_by: 'SIGTERM' })
  })

  it('by nobody, but the address is none of this machine: 75, since it may come with the network', async () => {
    const home = moduleHome(undefined, { HEALTH_CHECK_HOST: '192.0.2.1' })
    const { code, stderr } = await home.start().result()
    expect(code).to.equal(75)
    expect(stderr).to.contain('EADDRNOTAVAIL').and.to.contain('Set HEALTH_CHECK_HOST in .env')
  })
})
