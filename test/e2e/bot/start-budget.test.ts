import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

const EXITS_AT_ONCE = 'process.exit(3)'
const WAITS = /^waits until \d\d:\d\d:\d\d before the next start: it exited 3 times within minutes \(exit code 3\)$/

describe('e2e: a bot that exits again and again', () => {
  const { programHome } = endToEnd()

  /** A home whose bot has been started three times in a loop, as by any supervisor, and what is started then. */
  async function crashedThrice() {
    const home = programHome(EXITS_AT_ONCE)
    for (let start = 1; start <= 3; start++) expect((await home.start().result()).code).to.equal(3)
    expect(home.kinds().filter((kind) => kind === 'bot.wait' || kind === 'bot.start')).to.deep.equal(
      Array(3).fill('bot.start'),
    )
    const bot = home.start()
    const { reasons } = await home.status('starting')
    await until(() => home.entry('bot.wait'))
    return { home, bot, reasons }
  }

  it('waits before its fourth start, its endpoint and its log say so, and a stop ends that at once', async () => {
    const { home, bot, reasons } = await crashedThrice()
    expect(reasons).to.have.length(1)
    expect(reasons[0]).to.match(WAITS)
    expect(JSON.parse((await home.ask('/health')).body).reasons).to.deep.equal(reasons)
    expect((await home.ask('/health/ping')).status).to.equal(200)
    await until(() => home.logged().filter((line) => WAITS.test(line)).length === 1)
    const check = await home.catalyst(['health', 'check'])
    expect([check.code, check.stdout + check.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('waits until'),
    )
    const began = performance.now()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(performance.now() - began).to.be.lessThan(3000)
    expect(home.kinds().filter((kind) => kind === 'bot.start')).to.have.length(3)
    expect(home.entry('bot.stop')).to.include({ exit: 0, asked_by: 'SIGTERM', ran_seconds: 0 })
    expect((await home.start().result()).code, 'after a stop it is started at once').to.equal(3)
  })

  it('is started at once when a person orders it, and after the wait otherwise', async () => {
    const { home, bot } = await crashedThrice()
    const order = { time: new Date().toISOString(), kind: 'service.start', name: 'Lab', role: 'bot', by: 'ann' }
    home.write('.catalyst/journal.jsonl', `${home.read('.catalyst/journal.jsonl')}${JSON.stringify(order)}\n`)
    expect((await bot.result(8000)).code).to.equal(3)
    expect(home.kinds().filter((kind) => kind === 'bot.start')).to.have.length(4)
    expect(home.entry('bot.exit').ran_seconds, 'the wait is no part of its run').to.be.lessThan(8)
  })

  it('makes room for a process with the settings that were changed meanwhile', async () => {
    const { home, bot } = await crashedThrice()
    home.writeSettings({ HEALTH_CHECK_PORT: '0', BOT_COMMAND: `"${process.execPath}" -e "process.exit(5)"` })
    expect((await bot.result()).code).to.equal(75)
    expect((await home.start().result()).code).to.equal(5)
  })
})
