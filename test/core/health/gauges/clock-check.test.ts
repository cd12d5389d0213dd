import { expect } from 'chai'
import { checkClock, clockFault } from '#core/health/gauges/clock-check.js'
import { aMonitor } from '../../../support/builders/monitor.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { type TimeAnswer, timeServer } from '../../../support/time-server.js'

const HOUR_MS = 3_600_000

describe('a clock that is off', () => {
  const fault = (offsetMs: number, delayMs = 20, platform: NodeJS.Platform = 'linux') =>
    clockFault({ offsetMs, delayMs }, { server: 'pool.ntp.org', maxSeconds: 0.5 }, platform)

  it('is a fault beyond the limit, and only where that is sure', () => {
    for (const offsetMs of [0, 500, -510]) expect(fault(offsetMs), String(offsetMs)).to.equal(undefined)
    expect(fault(800, 700)).to.equal(undefined)
    expect(fault(2300)).to.match(/^this machine's clock is 2\.3 s ahead of pool\.ntp\.org, /)
    expect(fault(-2300)).to.contain('2.3 s behind pool.ntp.org')
  })

  it('has the line that mends it, on each platform', () => {
    expect(fault(2300)).to.match(/: sudo timedatectl set-ntp true$/)
    expect(fault(2300, 20, 'win32')).to.match(/: w32tm \/resync$/)
    expect(fault(2300, 20, 'darwin')).to.match(/: sudo sntp -sS time\.apple\.com$/)
  })
})

describe('checking the clock', () => {
  async function check(answer?: TimeAnswer) {
    const clock = new FakeClock()
    const server = await timeServer(answer)
    server.now = () => clock.now()
    const monitor = aMonitor(clock)
    monitor.setRunning()
    monitor.recordCycle()
    const logged: string[] = []
    const offsets: (number | null)[] = []
    const log = { warn: (text: string) => logged.push(text), info: (text: string) => logged.push(text) }
    const onOffset = (seconds: number | null) => offsets.push(seconds)
    const options = { server: `127.0.0.1:${server.port}`, maxSeconds: 0.5, monitor, log: log as never, onOffset }
    const stop = checkClock(clock, options, 'linux')
    /** Turns the clock on until it has asked once more, and has the answer, or waits no longer for one. */
    const turn = async (ms: number, count: number) => {
      await clock.turn(ms)
      for (let look = 0; look < 500 && offsets.length < count; look++) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        if (look > 20 && server.answer === undefined) await clock.turn(5000)
      }
      monitor.recordCycle()
      return monitor.state()
    }
    const close = async () => {
      stop()
      await server.close()
    }
    return { server, offsets, logged, turn, close }
  }

  it('asks soon after the start and each hour, and is right where the clock is', async () => {
    const it = await check({})
    expect((await it.turn(1000, 1)).status).to.equal('healthy')
    await it.turn(HOUR_MS - 1000, 1)
    expect(it.offsets).to.deep.equal([0])
    await it.turn(1000, 2)
    expect([it.offsets, it.logged]).to.deep.equal([[0, 0], []])
    await it.close()
  })

  it('makes the bot degraded where the clock is off, and notices within minutes that it was set', async () => {
    const it = await check({ offsetMs: -2000 })
    const { status, reasons } = await it.turn(1000, 1)
    expect([status, it.offsets]).to.deep.equal(['degraded', [2]])
    expect(reasons.join()).to.contain('2 s ahead of 127.0.0.1')
    it.server.answer = { offsetMs: 0 }
    expect((await it.turn(5 * 60_000, 2)).status).to.equal('healthy')
    await it.close()
  })

  it('takes a server that is silent, or lies, for no fault of the bot, and says so once', async () => {
    const it = await check()
    expect((await it.turn(1000, 1)).status).to.equal('healthy')
    it.server.answer = { originate: Buffer.alloc(8), offsetMs: 90_000 }
    expect((await it.turn(5 * 60_000, 2)).status).to.equal('healthy')
    expect(it.offsets).to.deep.equal([null, null])
    expect(it.logged).to.deep.equal(['TIME_SERVER: no answer within 5 s; how far the clock is off is not known'])
    it.server.answer = {}
    await it.turn(5 * 60_000, 3)
    expect([it.offsets.at(-1), it.logged.at(-1)]).to.deep.equal([0, 'TIME_SERVER answers again'])
    await it.close()
  })
})
