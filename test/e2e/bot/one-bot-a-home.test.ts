import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

describe('e2e: one bot a home', () => {
  const { moduleHome } = endToEnd()

  it('a second start names the one that runs and exits 75; the first goes on', async () => {
    const home = moduleHome()
    const first = await home.healthy()
    const { instance } = home.botFile()
    const { code, stderr } = await home.start().result()
    expect(code).to.equal(75)
    expect(stderr).to.match(new RegExp(`A bot already runs in \\S+ pid ${first.pid}, since [-\\d]+ [\\d:]+\\.`))
    expect(home.botFile().instance).to.equal(instance)
    expect(home.kinds()).to.deep.equal(['bot.start'])
    expect(await home.health()).to.include({ status: 'healthy', pid: first.pid })
  })

  it('of many starts at the same moment exactly one wins', async () => {
    const home = moduleHome()
    const bots = Array.from({ length: 5 }, () => home.start())
    await until(() => bots.filter((bot) => bot.hasEnded).length === 4)
    const winner = bots.find((bot) => !bot.hasEnded)
    expect((await home.status('healthy')).pid).to.equal(winner?.pid)
    for (const bot of bots.filter((one) => one !== winner)) expect((await bot.result()).code).to.equal(75)
    expect(home.kinds()).to.deep.equal(['bot.start'])
  })

  it('so too where a killed bot left its lock', async () => {
    const home = moduleHome()
    const killed = await home.healthy()
    killed.kill('SIGKILL')
    await killed.result()
    const bots = Array.from({ length: 5 }, () => home.start())
    await until(() => bots.filter((bot) => bot.hasEnded).length === 4)
    const winner = bots.find((bot) => !bot.hasEnded)
    await until(() => home.botFile().pid === winner?.pid && home.botFile().endpoint)
    expect((await home.status('healthy')).pid).to.equal(winner?.pid)
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.lost', 'bot.start'])
    expect(home.entry('bot.lost')).to.include({ pid: killed.pid, leftovers: 0 })
    const left = home.files('.catalyst/state').filter((name) => !name.startsWith('counters.json')) // it may be written now
    expect(left).to.deep.equal(['bot.json', 'spare'])
  })

  it('the home is the one around the current folder, also from within .catalyst', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    await until(() => home.has('data/logs/bot.jsonl'))
    for (const folder of ['data/logs', '.catalyst/state']) {
      const { code, stdout } = await home.catalystIn(folder, ['health', 'check', '--json'])
      expect(code).to.equal(0)
      expect(JSON.parse(stdout).report.pid).to.equal(bot.pid)
    }
  })
})

describe('e2e: two homes', () => {
  const { moduleHome } = endToEnd()

  it('side by side do not mix', async () => {
    const homes = [
      moduleHome("export default { name: 'a', cycle(ctx) { ctx.recordAlert() } }", { BOT_NAME: 'A' }),
      moduleHome("export default { name: 'b', cycle(ctx) { ctx.recordError('b') } }", { BOT_NAME: 'B' }),
    ] as const
    const bots = await Promise.all(homes.map((home) => home.started()))
    const [a, b] = await Promise.all(
      homes.map(async (home) => {
        await until(async () => (await home.health()).cycles_today > 2)
        return JSON.parse((await home.catalyst(['health', 'check', '--json'])).stdout).report
      }),
    )
    expect(a).to.include({ pid: bots[0]?.pid, name: 'A', errors_last_hour: 0 })
    expect(a.alerts_today).to.be.greaterThan(1)
    expect(b).to.include({ pid: bots[1]?.pid, name: 'B', alerts_today: 0 })
    expect(b.errors_last_hour).to.be.greaterThan(1)
    bots[0]?.kill('SIGTERM')
    expect((await bots[0]?.result())?.code).to.equal(0)
    expect((await homes[0].catalyst(['health', 'check'])).code).to.equal(2)
    expect((await homes[1].health()).pid).to.equal(bots[1]?.pid)
  })

  it("health check takes no other home's answer from an endpoint, and names who holds the port", async () => {
    const [home, neighbour] = [moduleHome(), moduleHome()]
    const [bot, other] = await Promise.all([home.healthy(), neighbour.healthy()])
    const { endpoint, control, ...rest } = home.botFile()
    const foreign = { host: endpoint?.host, port: neighbour.botFile().endpoint?.port }
    home.write('.catalyst/state/bot.json', JSON.stringify({ ...rest, endpoint: foreign }))
    const { code, stdout } = await home.catalyst(['health', 'check'])
    expect(code).to.equal(2)
    expect(stdout).to.match(
      new RegExp(
        `port ${foreign.port} is held by \\S+ \\(pid ${other.pid}\\), not by this home's bot \\(pid ${bot.pid}\\)`,
      ),
    )
  })

  it("health check takes no other home's answer when the bot was killed and its port is another's", async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    bot.kill('SIGKILL')
    await bot.result()
    const neighbour = moduleHome(undefined, { HEALTH_CHECK_PORT: String(home.botFile().endpoint?.port) })
    const other = await neighbour.healthy()
    expect((await home.health()).pid).to.equal(other.pid)
    const { code, stdout } = await home.catalyst(['health', 'check'])
    expect(code).to.equal(2)
    expect(stdout).to.contain('no bot runs in')
    expect((await neighbour.catalyst(['health', 'check'])).code).to.equal(0)
  })
})
