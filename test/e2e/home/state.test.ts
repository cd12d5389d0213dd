import fs from 'node:fs'
import { expect } from 'chai'
import { identify } from '#core/platform/process/process-id.js'
import { aBotFile } from '../../support/builders/bot-file.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

const BOT_FILE = '.catalyst/state/bot.json'

describe('e2e: what a home remembers', () => {
  const { moduleHome } = endToEnd()

  it('a lock whose pid is used again by another process holds nobody up', async () => {
    const me = await identify(process.pid)
    const holders = {
      'another start time': { ...me, started: Number(me?.started) - 1000 },
      'another boot of the machine': { ...me, boot: '00000000-0000-4000-8000-000000000000' },
    }
    await Promise.all(
      Object.entries(holders).map(async ([what, id]) => {
        const home = moduleHome()
        const previous = aBotFile({ ...id, instance: 'gone' })
        home.write(BOT_FILE, JSON.stringify(previous))
        expect((await home.catalyst(['health', 'check'])).stdout, what).to.contain('no bot runs')
        const bot = await home.healthy()
        expect(home.botFile().pid).to.equal(bot.pid)
        expect(home.entry('bot.lost')).to.include({ pid: process.pid, since: previous.since, leftovers: 0 })
      }),
    )
  })

  it('of a bot that was killed after it had written down its end, no second end is told', async () => {
    const home = moduleHome()
    const previous = aBotFile({ started: 1, instance: 'crashed' })
    home.write(BOT_FILE, JSON.stringify(previous))
    const crash = {
      time: previous.since,
      kind: 'bot.crash',
      pid: 7,
      instance: 'crashed',
      exit: 1,
      error: 'no such price',
    }
    home.write('.catalyst/journal.jsonl', `${JSON.stringify(crash)}\n`)
    await home.healthy()
    expect(home.kinds()).to.deep.equal(['bot.crash', 'bot.start'])
  })

  it('of a bot that is killed while it ends, its end is told once', async () => {
    // what it still does at its end keeps it there
    const crash = "setImmediate(() => { for (;;); }); throw new Error('no such price')"
    const home = moduleHome(`setTimeout(() => { ${crash} }, 300)\nexport default { name: 'short', cycle() {} }`)
    const bot = home.start()
    await until(() => home.kinds().includes('bot.crash'))
    bot.kill('SIGKILL')
    await bot.result()
    home.write('bot.mjs', "export default { name: 'works', cycle() {} }")
    await home.healthy()
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.crash', 'bot.start'])
  })

  it('a lock that a living process holds does', async () => {
    const home = moduleHome()
    const holder = aBotFile({ instance: 'here' })
    home.write(BOT_FILE, JSON.stringify(holder))
    const { code, stderr } = await home.start().result()
    expect(code).to.equal(75)
    expect(stderr).to.contain(`pid ${process.pid}`)
    expect(JSON.parse(home.read(BOT_FILE))).to.deep.equal(holder)
  })

  it('a bot.json that is not whole holds nobody up', async () => {
    const texts = {
      empty: '',
      torn: '{\n  "pid": 4711,\n  "started": 12',
      'no object': 'null',
      'without a name': '{"pid": 1, "started": 1, "boot": "b"}',
    }
    await Promise.all(
      Object.entries(texts).map(async ([what, text]) => {
        const home = moduleHome()
        home.write(BOT_FILE, text)
        const bot = await home.healthy()
        expect(home.botFile().pid, what).to.equal(bot.pid)
        bot.kill('SIGTERM')
        expect((await bot.result()).code, what).to.equal(0)
        expect(home.files('.catalyst/state'), what).to.deep.equal(['counters.json', 'spare'])
      }),
    )
  })

  it('bot.json is for the owner alone, whatever the umask, and stays so', async () => {
    if (process.platform === 'win32') return
    const home = moduleHome()
    const umask = process.umask(0)
    try {
      await home.healthy()
    } finally {
      process.umask(umask)
    }
    expect(home.botFile().control).to.match(/^http:\/\/127\.0\.0\.1:\d+\/\S{20,}$/)
    expect(home.mode(BOT_FILE)).to.equal('600')
  })

  it("the day's and the week's counters survive a restart; errors and totals begin anew", async () => {
    const home = moduleHome("export default { name: 'b', cycle(ctx) { ctx.recordAlert(); ctx.recordError('e') } }")
    const first = await home.started()
    await until(async () => (await home.health()).cycles_today >= 3)
    first.kill('SIGTERM')
    expect((await first.result()).code).to.equal(0)
    home.write('bot.mjs', "export default { name: 'b', cycle() {} }")
    const kept = JSON.parse(home.read('.catalyst/state/counters.json'))
    expect(kept.cyclesToday).to.be.greaterThan(2)
    await home.healthy()
    const report = await home.health()
    expect(report.cycles_today).to.equal(kept.cyclesToday + report.total_cycles)
    expect(report.total_cycles).to.be.within(1, report.cycles_today - 3)
    expect(report.alerts_today).to.equal(kept.alertsToday)
    expect(report.alerts_week).to.equal(kept.alertsToday)
    expect(report.errors_last_hour).to.equal(0)
  })

  it('counters survive a kill, but for the last second', async () => {
    const home = moduleHome("let n = 0; export default { name: 'b', cycle(ctx) { if (n++ < 5) ctx.recordAlert() } }")
    const killed = await home.started()
    await until(() => JSON.parse(home.read('.catalyst/state/counters.json')).alertsToday === 5)
    killed.kill('SIGKILL')
    await killed.result()
    home.write('bot.mjs', "export default { name: 'b', cycle() {} }")
    await home.healthy()
    expect((await home.health()).alerts_today).to.equal(5)
  })

  it('counters that are torn begin anew', async () => {
    const home = moduleHome()
    home.write('.catalyst/state/counters.json', '{"day":"2026-01')
    await home.healthy()
    expect((await home.health()).cycles_today).to.be.within(1, 1000)
  })

  it('a last journal line that was cut off is closed before the next one', async () => {
    const home = moduleHome()
    const whole = '{"time":"2026-01-31T08:00:00.000Z","kind":"bot.stop"}\n'
    home.write('.catalyst/journal.jsonl', `${whole}{"time":"2026-01-31T08:00:01.0`)
    const bot = await home.healthy()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.kinds()).to.deep.equal(['bot.stop', 'bot.start', 'bot.stop'])
    expect(home.read('.catalyst/journal.jsonl')).to.match(
      /^\{.*\}\n\{"time":"2026-01-31T08:00:01\.0\n\{.*\}\n\{.*\}\n$/,
    )
  })

  it('a log line that was cut off is closed before the next one', async () => {
    const home = moduleHome()
    home.write('data/logs/bot.jsonl', '{"level":"info","time":"2026-01-31T08:00:00.000Z","msg":"cut o')
    await home.healthy()
    await until(() => home.read('data/logs/bot.jsonl').split('\n').length > 3)
    const [first, ...others] = home.read('data/logs/bot.jsonl').trimEnd().split('\n')
    expect(first).to.match(/cut o$/)
    for (const line of others) expect(JSON.parse(line)).to.have.property('msg')
  })

  it('a home that was moved goes on where it is now', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    bot.kill('SIGTERM')
    await bot.result()
    const other = moduleHome()
    fs.rmSync(other.folder, { recursive: true })
    fs.renameSync(home.folder, other.folder)
    fs.mkdirSync(home.folder)
    await other.healthy()
    expect(other.kinds()).to.deep.equal(['bot.start', 'bot.stop', 'bot.start'])
  })
})
