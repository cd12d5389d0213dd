import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { openControlServer } from '#core/bot/servers/control-server.js'
import { announcedOf } from '#core/health/announced/announced.js'
import type { HealthReport } from '#core/health/report.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { stopsBot, waitForBot } from '#core/service/operations/wait-for-bot.js'
import { aMonitor } from '../../../support/builders/monitor.js'
import { ServiceHome } from '../../../support/fake-manager.js'

describe('an operation that stops the bot', () => {
  it('waits for one that is busy, BOT_BUSY_MAX at most, and says so, also where the endpoint is off', async () => {
    const home = new ServiceHome({ BOT_BUSY_MAX: '60', HEALTH_CHECK_ENABLED: '0' })
    await home.install(['bot'])
    const monitor = aMonitor(home.clock)
    const report = () => ({ status: 'healthy', reasons: [], busy: announcedOf(monitor.announced.busyWith) })
    const control = await openControlServer({
      instance: 'abc',
      report: () => report() as unknown as HealthReport,
      onStop: () => {},
      onDrill: () => undefined,
    })
    const file = { ...thisProcess(), instance: 'abc', since: '', version: '', release: null, control: control.url }
    writeFileSync(home.paths.bot, JSON.stringify(file))
    const said: string[] = []
    const wait = async () => {
      const began = home.clock.monotonic()
      await home.turning(
        waitForBot(home.services, 'The restart', { say: (text) => said.push(text), onWait: home.onWait }),
      )
      return { seconds: Math.round((home.clock.monotonic() - began) / 1000), said: said.splice(0) }
    }
    try {
      expect(await wait()).to.deep.equal({ seconds: 0, said: [] })
      monitor.announced.busy(42, 'open order')
      expect(await wait()).to.deep.equal({
        seconds: 42,
        said: [
          'The bot is busy: open order, until 2026-03-01 12:00:42. The restart waits for it, 60 s at most (BOT_BUSY_MAX); Ctrl-C ends that, --now goes on at once.',
        ],
      })
      monitor.announced.busy(600, 'open order')
      const { seconds, said: lines } = await wait()
      expect(seconds).to.equal(60)
      expect(lines[1]).to.match(/^The bot is still busy \(open order, until .*\), but 60 s \(BOT_BUSY_MAX\) are over/)
    } finally {
      await control.close()
    }
  })

  it('is one on its own service, or on the watchdog that has it as its child', async () => {
    const both = new ServiceHome()
    await both.install(['bot', 'watchdog'])
    expect([stopsBot(both.services, ['bot']), stopsBot(both.services, ['watchdog'])]).to.deep.equal([true, false])
    const alone = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await alone.install(['watchdog'])
    expect(stopsBot(alone.services, ['watchdog'])).to.equal(true)
  })
})
