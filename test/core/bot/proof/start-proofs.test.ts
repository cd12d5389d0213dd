import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { signalsAtStart } from '#core/bot/proof/signals-of.js'
import { type Proofs, startProofs } from '#core/bot/proof/start-proofs.js'
import { readConfig } from '#core/config/load.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { aMonitor } from '../../../support/builders/monitor.js'
import { listen, type TestServer } from '../../../support/e2e/server.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('the signals that are read from outside', () => {
  let clock: FakeClock
  let home: string
  let monitor: HealthMonitor
  let proofs: Proofs
  let server: TestServer
  let body: string
  let asked: number
  let warnings: string[]

  beforeEach(async () => {
    clock = new FakeClock()
    home = tempFolder()
    asked = 0
    warnings = []
    server = await listen((_, response) => {
      asked++
      response.end(body)
    })
  })

  afterEach(async () => {
    await proofs.close()
    await server.close()
    removeTempFolders()
  })

  async function begin(env: Record<string, string>) {
    const { settings } = readConfig('/nowhere', { BOT_COMMAND: 'bot', ...env })
    monitor = aMonitor(clock, { signals: signalsAtStart(settings) })
    monitor.setRunning()
    const log = { warn: (text: string) => warnings.push(text) } as unknown as Logger
    const redact = (text: string) => text.replaceAll('swordfish', '[hidden]')
    proofs = await startProofs(clock, { settings, monitor, log, home, folder: home, environment: {}, redact })
  }

  /** Turns the clock on, second by second, while the bot works: after each it does this. */
  async function turn(seconds: number, work: () => void = () => {}) {
    for (let second = 0; second < seconds; second++) {
      await clock.turn(1000)
      work()
    }
  }

  it('see a bot that answers with the same value as frozen, within the threshold and one interval', async () => {
    let time = 0
    const working = () => {
      body = JSON.stringify({ bot: { time: ++time } })
    }
    working()
    await begin({ BOT_HEALTH_URL: server.url, BOT_HEALTH_FRESH: '.bot.time' })
    await turn(2, working)
    expect(monitor.state().status).to.equal('healthy')
    await turn(600, working)
    expect(monitor.state()).to.deep.equal({ status: 'healthy', reasons: [] })
    expect(warnings, 'nothing to say of a bot that works').to.deep.equal([])
    await turn(300)
    expect(monitor.state().status).to.equal('healthy')
    await turn(60)
    expect(monitor.state().status).to.equal('unhealthy')
    expect(monitor.state().reasons[0]).to.match(
      /^no cycle for \d+ s, overdue by \d+ s: the value of \.bot\.time has not changed$/,
    )
    await turn(31, working)
    expect(monitor.state().status).to.equal('healthy')
  })

  it('are asked each second until the first proof, then as often as the settings say', async () => {
    body = '{"time": 1}'
    await begin({ BOT_HEALTH_URL: server.url, BOT_HEALTH_FRESH: '.time' })
    await turn(10)
    expect([asked, monitor.state().status]).to.deep.equal([10, 'starting'])
    body = '{"time": 2}'
    await turn(1)
    expect(monitor.state().status).to.equal('healthy')
    await turn(60)
    expect(asked).to.equal(13)
  })

  it('are asked no more when they are closed', async () => {
    body = ''
    await begin({ BOT_HEALTH_URL: server.url })
    await turn(1)
    await proofs.close()
    await turn(100)
    expect(asked).to.equal(1)
  })

  it('tell a fault once, and when it is over, without secrets', async () => {
    let time = 0
    const working = () => {
      body = `{"swordfish": ${++time}}`
    }
    working()
    await begin({ BOT_HEALTH_URL: server.url, BOT_HEALTH_FRESH: '.swordfish', BOT_CYCLE_SECONDS: '5' })
    await turn(10, working)
    expect(monitor.hasProven('url')).to.equal(true)
    body = '{}'
    await turn(30)
    expect(warnings).to.deep.equal(['BOT_HEALTH_URL: the answer has no value at .[hidden]'])
    await turn(10, working)
    expect(warnings.slice(1)).to.deep.equal(['BOT_HEALTH_URL is well again'])
  })

  it('are the lines that match, and the time of a file; both must be fresh', async () => {
    await begin({ BOT_LOG_PROOF: 'heartbeat', BOT_PROOF_FILE: 'data/beat', BOT_LOG_ERROR: 'rejected' })
    fs.mkdirSync(join(home, 'data'))
    const path = join(home, 'data', 'beat')
    const write = () => fs.writeFileSync(path, String(clock.now()))
    proofs.onLine?.('Bot heartbeat. PID=1')
    expect(proofs.isErrorLine?.('order rejected')).to.equal(true)
    expect(proofs.isErrorLine?.('order placed')).to.equal(false)
    expect(monitor.state()).to.deep.include({ status: 'starting' })
    let time = 1
    const touch = () => {
      write()
      fs.utimesSync(path, ++time, time)
    }
    touch()
    await turn(2, touch)
    expect(monitor.state().status).to.equal('healthy')
    await turn(700, touch)
    expect(monitor.state()).to.deep.equal({
      status: 'unhealthy',
      reasons: ['no proof by log for 702 s, overdue by 402 s'],
    })
  })

  it('at Telegram are asked for at most each 30 seconds', async () => {
    body = JSON.stringify({ ok: true, result: { pending_update_count: 3 } })
    await begin({ BOT_TELEGRAM_TOKEN: '1:swordfish', BOT_TELEGRAM_API: server.url, BOT_CYCLE_SECONDS: '1' })
    await turn(59)
    expect(asked).to.equal(2)
    expect(monitor.state().status).to.equal('starting')
    body = body.replace('3', '0')
    await turn(3)
    expect(monitor.state().status).to.equal('healthy')
    for (const count of [2, 3, 4]) {
      body = body.replace(/\d+/, String(count))
      await turn(120)
    }
    expect(warnings).to.deep.equal(['telegram: 2 updates wait, and nobody fetches them'])
    expect(monitor.state().reasons[0]).to.match(
      /^no proof by telegram for .*: 4 updates wait, and nobody fetches them$/,
    )
    expect(monitor.state().status).to.equal('unhealthy')
  })

  it('at Telegram are asked for again before a long cycle is over, until the first proof', async () => {
    body = JSON.stringify({ ok: true, result: { pending_update_count: 3 } }) // they came while it was restarted
    await begin({ BOT_TELEGRAM_TOKEN: '1:swordfish', BOT_TELEGRAM_API: server.url, BOT_CYCLE_SECONDS: '600' })
    await turn(2)
    body = body.replace('3', '0')
    await turn(30)
    expect(monitor.state().status).to.equal('healthy')
    await turn(590)
    expect(asked).to.equal(2)
  })

  it('at Telegram make a bot degraded, not unhealthy, while Telegram is away', async () => {
    body = JSON.stringify({ ok: true, result: { pending_update_count: 0 } })
    await begin({ BOT_TELEGRAM_TOKEN: '1:swordfish', BOT_TELEGRAM_API: server.url })
    await turn(2)
    body = 'a proxy that wants to be paid'
    await turn(3600)
    expect(monitor.state()).to.deep.equal({
      status: 'degraded',
      reasons: ["telegram can't be asked: the answer is not that of the Telegram Bot API"],
    })
  })
})
