import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { until } from '../support/e2e/until.js'
import { useExample } from '../support/examples.js'

for (const shell of ['sh', 'bash']) {
  describe(`e2e: the example in ${shell}`, () => {
    const { home: emptyHome, serve } = endToEnd()

    it('reports its rounds, and tells when a page stops answering and when it is back', async () => {
      let status = 200
      const page = await serve((_, response) => response.writeHead(status).end())
      const other = await serve((_, response) => response.end())
      const home = emptyHome()
      useExample(home, 'shell', {
        BOT_COMMAND: `${shell} bot.sh`,
        SITES: `${page.url}/a?b|c ${other.url}/`,
        SITES_EVERY_SECONDS: '0.1',
      })
      const bot = await home.started()
      await until(async () => (await home.health()).total_cycles > 1)
      expect(await home.health()).to.include({ status: 'healthy', proof: 'report', alerts_today: 0 })
      status = 500
      await until(async () => (await home.health()).alerts_today === 1)
      const rounds = (await home.health()).total_cycles
      await until(async () => (await home.health()).total_cycles > rounds + 1)
      status = 200
      await until(async () => (await home.health()).alerts_today === 2)
      bot.kill('SIGTERM')
      expect((await bot.result()).code).to.equal(0)
      const told = home.logged().filter((line) => /answers? ?/.test(line) && line.includes('/a?b|c'))
      expect(new Set(told)).to.deep.equal(
        new Set([`${page.url}/a?b|c does not answer`, `${page.url}/a?b|c answers again`]),
      )
      expect(home.logged()).to.include('goodbye')
      expect([...home.processes()]).to.deep.equal([])
    })

    it('ends at once, asleep or in the middle of a request', async () => {
      const page = await serve((_, response) => response.end())
      const asleep = emptyHome()
      useExample(asleep, 'shell', { BOT_COMMAND: `${shell} bot.sh`, SITES: page.url, SITES_EVERY_SECONDS: '3600' })
      let asked = false
      const hanging = await serve(() => {
        asked = true
      })
      const busy = emptyHome()
      useExample(busy, 'shell', { BOT_COMMAND: `${shell} bot.sh`, SITES: hanging.url })
      const bots = await Promise.all([asleep.started(), busy.started()])
      await until(() => asked && [...asleep.processes().values()].some((line) => line === 'sleep 3600'))
      for (const [index, home] of [asleep, busy].entries()) {
        const bot = bots[index]
        const began = performance.now()
        bot?.kill('SIGTERM')
        expect((await bot?.result())?.code).to.equal(0)
        expect(performance.now() - began).to.be.lessThan(4000)
        expect(home.logged()).to.include('goodbye')
        expect([...home.processes()]).to.deep.equal([])
      }
    })

    it('run by itself only prints', async () => {
      const home = emptyHome()
      useExample(home, 'shell')
      const { port } = await serve(() => {})
      const bot = home.run(shell, ['bot.sh'], {
        folder: home.folder,
        env: { SITES: 'http://127.0.0.1:9/', SITES_EVERY_SECONDS: '0.05', http_proxy: `http://127.0.0.1:${port}` },
      })
      await until(() => bot.stdout.includes('watching http://127.0.0.1:9/'))
      bot.kill('SIGTERM')
      const { code, stderr } = await bot.result()
      expect([code, stderr]).to.deep.equal([0, ''])
    })
  })
}
