import { expect } from 'chai'
import { ask } from '../../support/e2e/ask.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

describe('e2e: asked to end', () => {
  const { moduleHome } = endToEnd()

  it('by SIGTERM it exits 0 in time; the journal has its start and its stop', async () => {
    const home = moduleHome(undefined, { BOT_STOP_TIMEOUT: '5', DEPLOYMENT_ENV: 'staging' })
    const bot = await home.healthy()
    const { instance } = home.botFile()
    const began = performance.now()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(performance.now() - began).to.be.lessThan(5000)
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.stop'])
    expect(home.entry('bot.start')).to.include({ pid: bot.pid, instance, bot: 'bot.mjs', environment: 'staging' })
    expect(home.entry('bot.stop')).to.include({ pid: bot.pid, exit: 0, asked_by: 'SIGTERM' })
    expect(() => home.botFile()).to.throw()
    expect((await home.catalyst(['health', 'check'])).code).to.equal(2)
  })

  it('through its control address it exits 0 as well; the address is for the owner alone', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    if (process.platform !== 'win32') expect(home.mode('.catalyst/state/bot.json')).to.equal('600')
    const { control } = home.botFile()
    const { origin } = new URL(String(control))
    expect((await ask(`${control}/stop`)).status).to.equal(405)
    expect((await ask(`${origin}/stop`, { method: 'POST' })).status).to.equal(404)
    expect((await home.health()).status).to.equal('healthy')
    expect((await ask(`${control}/stop`, { method: 'POST' })).status).to.equal(202)
    expect((await bot.result()).code).to.equal(0)
    expect(home.entry('bot.stop')).to.include({ asked_by: 'control' })
  })

  it('is not by a hang-up where there is no terminal, as under nohup', async () => {
    if (process.platform === 'win32') return
    const home = moduleHome()
    const bot = await home.healthy()
    bot.kill('SIGHUP')
    const { total_cycles } = await home.health()
    await until(async () => (await home.health()).total_cycles > total_cycles + 3)
    expect((await home.health()).status).to.equal('healthy')
  })

  it('is not by a screen that was closed', async () => {
    const home = moduleHome("export default { name: 'b', cycle: (ctx) => ctx.log.info('a line') }")
    home.write('data/logs', 'a fault to be told on stderr')
    const bot = home.start()
    bot.closeOutput()
    await home.status('degraded')
    const { total_cycles } = await home.health()
    await until(async () => (await home.health()).total_cycles > total_cycles + 3)
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
  })

  it('answers 503 while it is ending', async () => {
    const home = moduleHome("export default { name: 'slow', cycle() {}, stop: () => new Promise(() => {}) }", {
      BOT_STOP_TIMEOUT: '2',
    })
    const bot = await home.healthy()
    bot.kill('SIGTERM')
    const ping = await until(async () => {
      const answer = await home.ask('/health/ping')
      return answer.status === 503 && answer
    })
    expect(ping.body).to.equal('stopping\n')
    expect((await home.catalyst(['health', 'check'])).code).to.equal(2)
    expect((await bot.result()).code).to.equal(0)
  })

  it('at any moment of its start it ends without a trace', async () => {
    const home = moduleHome()
    for (let ms = 0; ms < 500; ms += 60) {
      const bot = home.start()
      await until(() => bot.hasEnded || performance.now() - bot.since > ms)
      bot.kill('SIGTERM')
      const { code, signal } = await bot.result()
      // before Node itself listens, the signal ends it
      expect(code === 0 || signal === 'SIGTERM', `after ${ms} ms: ${code} ${signal}`).to.equal(true)
      expect(() => home.botFile(), `after ${ms} ms`).to.throw()
    }
    expect(home.kinds()).to.not.include('bot.lost')
  })
})
