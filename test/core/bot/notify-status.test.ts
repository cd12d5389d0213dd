import { expect } from 'chai'
import { tellStatus } from '#core/bot/notify-status.js'
import { FakeClock } from '../../support/fake-clock.js'

describe('the line that systemctl status shows', () => {
  function told(isHeard = true) {
    const clock = new FakeClock()
    const began = clock.monotonic()
    const bot = { line: 'starting' }
    const sent: [number, string][] = []
    const notify = async (...fields: readonly string[]) => {
      sent.push([clock.monotonic() - began, fields.join(' ')])
      return isHeard
    }
    const stop = tellStatus(clock, notify, () => bot.line)
    return { clock, bot, sent, stop }
  }

  it('is sent when it changes, and not again', async () => {
    const { clock, bot, sent, stop } = told()
    await clock.turn(10_000)
    bot.line = 'healthy'
    await clock.turn(3_600_000)
    bot.line = 'degraded: 11 errors in the last hour'
    await clock.turn(60_000)
    stop()
    bot.line = 'healthy'
    await clock.turn(60_000)
    expect(sent).to.deep.equal([
      [1000, 'STATUS=starting'],
      [11_000, 'STATUS=healthy'],
      [3_611_000, 'STATUS=degraded: 11 errors in the last hour'],
    ])
  })

  it('is sent every few seconds at most for a bot that goes up and down, and ends with the last one', async () => {
    const { clock, bot, sent } = told()
    for (let turn = 0; turn < 60; turn++) {
      bot.line = turn % 2 === 0 ? 'healthy' : 'degraded: x'
      await clock.turn(1000)
    }
    await clock.turn(10_000)
    expect(sent.length).to.be.at.most(15)
    expect(sent.at(-1)?.[1]).to.equal('STATUS=degraded: x')
  })

  it('is sent each minute at most where only a number in it changes', async () => {
    const { clock, bot, sent } = told()
    for (let second = 0; second < 600; second++) {
      bot.line = `unhealthy: no cycle for ${second} s`
      await clock.turn(1000)
    }
    expect(sent.length).to.be.within(9, 11)
  })
})
