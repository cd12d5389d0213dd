import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

describe('e2e: a module that is asked to end', () => {
  const { moduleHome } = endToEnd()

  it('may finish the cycle in hand, however often it is asked', async () => {
    const home = moduleHome(`
      import fs from 'node:fs'
      export default {
        name: 'b',
        async cycle(ctx) {
          ctx.log.info('at work')
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
          await new Promise((resolve) => setTimeout(resolve, 500))
          fs.writeFileSync('finished', '')
        },
        stop() { fs.writeFileSync('stopped', String(fs.existsSync('finished'))) },
      }`)
    const bot = home.start()
    await until(() => bot.stdout.includes('at work'))
    bot.kill('SIGTERM')
    await until(() => bot.stdout.includes('stopping (SIGTERM)'))
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.read('stopped')).to.equal('true')
    expect(home.logged()).to.include('asked to stop again (SIGTERM): already stopping')
    expect(home.entry('bot.stop')).to.include({ exit: 0, asked_by: 'SIGTERM' })
  })

  it('has a cycle that does not care cut off after BOT_STOP_TIMEOUT', async () => {
    const home = moduleHome(
      "export default { name: 'b', cycle: (ctx) => { ctx.log.info('at work'); return new Promise(() => {}) } }",
      {
        BOT_STOP_TIMEOUT: '0.5',
      },
    )
    const bot = home.start()
    await until(() => bot.stdout.includes('at work'))
    const began = performance.now()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(performance.now() - began).to.be.within(500, 5000)
    expect(home.logged()).to.include('the cycle did not end within 0.5 s: it is interrupted')
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.stop'])
  })

  it('is ended by a second Ctrl-C at once', async () => {
    const home = moduleHome(
      "export default { name: 'b', cycle: (ctx) => { ctx.log.info('at work'); return new Promise(() => {}) } }",
    )
    const bot = home.start()
    await until(() => bot.stdout.includes('at work'))
    bot.kill('SIGINT')
    await until(() => bot.stdout.includes('stopping (SIGINT)'))
    bot.kill('SIGINT')
    expect((await bot.result(5000)).code).to.equal(0)
    expect(home.entry('bot.stop')).to.include({ asked_by: 'SIGINT' })
  })

  it('ends at once in the pause between two cycles', async () => {
    const home = moduleHome(undefined, { BOT_CYCLE_SECONDS: '3600' })
    const bot = await home.healthy()
    bot.kill('SIGTERM')
    expect((await bot.result(5000)).code).to.equal(0)
  })

  it('that is still being loaded is not waited for beyond BOT_STOP_TIMEOUT', async () => {
    const home = moduleHome("console.log('loading'); await new Promise(() => {})", { BOT_STOP_TIMEOUT: '0.5' })
    const bot = home.start()
    await until(() => bot.stdout.includes('loading'))
    bot.kill('SIGTERM')
    expect((await bot.result(10_000)).code).to.equal(0)
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.stop'])
  })

  it('with start and stop reports its own cycles, and its stop is waited for', async () => {
    const home = moduleHome(
      `import fs from 'node:fs'
      let timer
      export default {
        name: 'b',
        start(ctx) { timer = setInterval(() => ctx.recordCycle({ next_in_seconds: 0.2 }), 100) },
        async stop() {
          clearInterval(timer)
          await new Promise((resolve) => setTimeout(resolve, 300))
          fs.writeFileSync('stopped', '')
        },
      }`,
      { WATCHDOG_FREEZE_THRESHOLD: '2' },
    )
    const bot = await home.healthy()
    await until(async () => (await home.health()).total_cycles > 5)
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.has('stopped')).to.equal(true)
  })

  it('whose start or stop fails says so: a failed start is a crash, a failed stop is not', async () => {
    const starting = moduleHome(
      "export default { name: 'b', async start() { throw new Error('no start') }, stop() {} }",
    )
    const failed = await starting.start().result()
    expect(failed.code).to.equal(1)
    expect(starting.entry('bot.crash')).to.include({ error: 'no start' })
    const stopping = moduleHome("export default { name: 'b', cycle() {}, stop() { throw new Error('no stop') } }")
    const bot = await stopping.healthy()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(stopping.logged()).to.include("the bot's stop() failed: no stop")
  })

  it('that throws in a timer meanwhile says so, and ends as asked', async () => {
    const home = moduleHome(`
      export default {
        name: 'b',
        cycle() {},
        stop() {
          setTimeout(() => { throw new Error('too late') }, 50)
          return new Promise((resolve) => setTimeout(resolve, 200))
        },
      }`)
    const bot = await home.healthy()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.logged()).to.include('uncaught while stopping: too late')
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.stop'])
  })
})
