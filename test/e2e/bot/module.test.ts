import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { pause, until } from '../../support/e2e/until.js'

describe('e2e: a module as the bot', () => {
  const { home: emptyHome, moduleHome } = endToEnd()

  const unsound: { what: string; code: string; exit: number; words: RegExp }[] = [
    {
      what: 'throws while it is loaded',
      code: "throw new Error('no good')",
      exit: 1,
      words: /the bot could not be started: no good/,
    },
    {
      what: 'has a syntax error',
      code: 'export default {',
      exit: 1,
      words: /the bot could not be started: Unexpected end of input\s+.*bot\.mjs:1\s/,
    },
    {
      what: 'imports what is not there',
      code: "import './nothing.mjs'",
      exit: 1,
      words: /Cannot find module .*nothing\.mjs/,
    },
    {
      what: 'has no default export',
      code: "export const name = 'b'",
      exit: 78,
      words: /bot\.mjs has no bot as its default export/,
    },
    {
      what: 'exports no bot',
      code: "export default { name: 'b', start() {} }",
      exit: 78,
      words: /has no bot as its default export/,
    },
  ]
  for (const { what, code, exit, words } of unsound) {
    it(`that ${what} gives ${exit} and a message`, async () => {
      const home = moduleHome(code)
      const result = await home.start().result()
      expect(result.code).to.equal(exit)
      expect(result.stdout + result.stderr).to.match(words)
      expect(home.kinds()).to.deep.equal(['bot.start', 'bot.crash'])
      expect(home.entry('bot.crash')).to.include({ exit })
      expect(() => home.botFile()).to.throw()
    })
  }

  it('that is not there gives 78 and names the file', async () => {
    const home = emptyHome({ BOT_MODULE: 'bots/none.mjs' })
    const { code, stderr } = await home.start().result()
    expect(code).to.equal(78)
    expect(stderr).to.contain('BOT_MODULE: there is no file')
  })

  it('may be CommonJS, also compiled from an export default', async () => {
    const [plain, compiled] = [emptyHome({ BOT_MODULE: 'bot.cjs' }), emptyHome({ BOT_MODULE: './bot.cjs' })]
    plain.write('bot.cjs', "module.exports = { name: 'plain', cycle() {} }")
    compiled.write('bot.cjs', "exports.__esModule = true; exports.default = { name: 'compiled', cycle() {} }")
    await Promise.all([plain.healthy(), compiled.healthy()])
  })

  it('whose cycle never ends turns unhealthy after the threshold, and ping says why', async () => {
    const home = moduleHome(
      "let n = 0; export default { name: 'b', cycle: () => n++ < 2 ? undefined : new Promise(() => {}) }",
      {
        WATCHDOG_FREEZE_THRESHOLD: '2', // health.log looks once a second: none may miss what lies between
      },
    )
    await home.started()
    const report = await home.status('unhealthy')
    expect(report.total_cycles).to.equal(2)
    expect(report.last_cycle_seconds_ago).to.be.within(2, 10)
    expect(report.reasons[0]).to.match(/^no cycle for .* s, overdue by .* s$/)
    const ping = await home.ask('/health/ping')
    expect(ping.status).to.equal(503)
    expect(ping.body).to.match(/^unhealthy: no cycle for /)
    expect((await home.catalyst(['health', 'check'])).code).to.equal(2)
    await until(() => home.read('data/logs/health.log').includes('degraded → unhealthy'))
  })

  it('that blocks the event loop cannot answer, cannot be asked to end, and is found lost afterwards', async () => {
    const home = moduleHome(
      "let n = 0; export default { name: 'b', cycle(ctx) { ctx.log.info('round ' + n); if (n++ === 2) for (;;); } }",
    )
    const bot = await home.started()
    await until(() => home.logged().includes('round 2')) // on the disk, though nothing moves any more
    const { code, stdout } = await home.catalyst(['health', 'check'])
    expect(code).to.equal(2)
    expect(stdout).to.contain('does not answer: no answer within 5 s')
    bot.kill('SIGTERM')
    await pause(500)
    expect(bot.hasEnded).to.equal(false)
    bot.kill('SIGKILL')
    expect((await bot.result()).signal).to.equal('SIGKILL')
    home.write('bot.mjs', "export default { name: 'b', cycle() {} }")
    await home.healthy()
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.lost', 'bot.start'])
  })

  it('that throws a string, or nothing at all, counts errors and goes on', async () => {
    const home = moduleHome(
      "let n = 0; export default { name: 'b', cycle() { if (n++ === 0) throw 'only words'; if (n === 2) throw undefined } }",
      {
        BOT_CYCLE_SECONDS: '0',
      },
    )
    await home.healthy()
    expect((await home.health()).errors_last_hour).to.equal(2)
    const errors = home.logLines().filter(({ level }) => level === 'error')
    expect(errors.map(({ msg }) => msg)).to.deep.equal(['only words', 'undefined'])
  })

  it('is degraded after more than ten errors', async () => {
    const home = moduleHome(
      "let n = 0; export default { name: 'b', cycle(ctx) { if (n++ < 11) ctx.recordError(new Error('no. ' + n)) } }",
      {
        BOT_CYCLE_SECONDS: '0.01',
      },
    )
    await home.started()
    const report = await home.status('degraded')
    expect(report).to.include({ errors_last_hour: 11 })
    expect(report.reasons).to.deep.equal(['11 errors in the last hour'])
    expect((await home.ask('/health/ping')).status).to.equal(200)
  })

  it('that leaves a rejected promise alone has an error counted, and goes on', async () => {
    const home = moduleHome(
      "let n = 0; export default { name: 'b', cycle() { if (n++ === 0) Promise.reject(new Error('forgotten')) } }",
    )
    const bot = await home.healthy()
    const { errors_last_hour, total_cycles } = await until(async () => {
      const now = await home.health()
      return now.total_cycles > 3 && now
    })
    expect(errors_last_hour).to.equal(1)
    expect(total_cycles).to.be.greaterThan(3)
    await until(() => home.logged().includes('unhandled promise rejection: forgotten'))
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
  })

  it('that throws in a timer crashes: exit 1, with the stack in the log and the reason in the journal', async () => {
    const home = moduleHome(
      "export default { name: 'b', cycle() { setTimeout(() => { throw new TypeError('in a timer') }, 50) } }",
    )
    const { code, stdout } = await home.start().result()
    expect(code).to.equal(1)
    expect(stdout)
      .to.contain('the bot crashed: in a timer')
      .and.to.match(/TypeError: in a timer\n\s+at .*bot\.mjs:1/)
    expect(home.read('data/logs/errors.log')).to.contain('in a timer')
    expect(home.entry('bot.crash')).to.include({ exit: 1, error: 'in a timer' })
    expect(() => home.botFile()).to.throw()
  })

  it('that ends the process itself is journaled; 75, 77 and 78 are not passed on', async () => {
    await Promise.all(
      (
        [
          [0, 0],
          [5, 5],
          [75, 1],
          [78, 1],
        ] as const
      ).map(async ([given, exit]) => {
        const home = moduleHome(
          `export default { name: 'b', cycle(ctx) { ctx.log.info('bye'); process.exit(${given}) } }`,
        )
        expect((await home.start().result()).code).to.equal(exit)
        expect(home.logged()).to.include('bye')
        expect(home.kinds()).to.deep.equal(['bot.start', 'bot.exit'])
        expect(home.entry('bot.exit')).to.include({ exit })
        expect(() => home.botFile()).to.throw()
      }),
    )
  })

  it('keeps its data in the folder it is given', async () => {
    const home = moduleHome(
      "import fs from 'node:fs'; export default { name: 'b', cycle(ctx) { fs.writeFileSync(ctx.dataFolder + '/kept', process.cwd()) } }",
    )
    await home.healthy()
    await until(() => home.read('data/kept') === home.folder) // each cycle writes it anew
  })
})
