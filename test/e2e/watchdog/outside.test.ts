import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'
import { HealthchecksCheck } from '../../support/monitors/healthchecks.js'
import { PushMonitor } from '../../support/monitors/push-monitor.js'

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '5', // nothing here is silent, though a busy machine may let it seem so
  BOT_STOP_TIMEOUT: '1',
  SERVICE_RESTART_DELAY: '0.2',
  MY_API_KEY: 'a-word-of-power',
}
/** Works, and exits with a cry when there is a file that says so. */
const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', cycle() {
    if (!fs.existsSync('exit')) return
    fs.rmSync('exit')
    console.error('no luck with a-word-of-power')
    process.exit(3)
  } }`

describe('e2e: the watchdog, seen from outside', () => {
  const { moduleHome, serve } = endToEnd()

  it('tells Healthchecks of each start, its run, why it fails with its last words, and that it is over', async () => {
    const check = new HealthchecksCheck()
    const { url } = await serve(check.handler)
    const home = moduleHome(MODULE, { ...WATCHED, HEARTBEAT_URL: `${url}/ping/${check.uuid}` })
    const dog = home.watchdog()
    await until(() => check.status === 'up')
    const first = home.botFile().instance
    home.write('exit', '')
    await until(() => check.status === 'down')
    const failed = check.pings.find(({ action }) => action === 'fail')
    expect(failed?.rid).to.equal(first)
    expect(failed?.body)
      .to.match(/^ended unexpectedly\. .*exit code 3.* See: catalyst incident show \d{8}T\d{9}Z-ended\n/)
      .and.to.include('no luck with [hidden]')
      .and.to.not.include('a-word-of-power')
    await until(() => check.status === 'up' && check.awaited === undefined)
    const second = home.botFile().instance
    expect(second).to.not.equal(first)
    const starts = check.pings.filter(({ action }) => action === 'start')
    expect(starts.map(({ rid }) => rid)).to.deep.equal([first, second])
    expect(check.pings.at(-1)).to.include({ action: 'success', rid: second })
    dog.kill('SIGTERM')
    expect((await dog.result()).code).to.equal(0)
    expect(check.pings.at(-1)).to.include({ action: 'log' })
    expect(check.pings.at(-1)?.body).to.match(/^The watchdog was stopped \(SIGTERM\)/)
    expect(check.refused).to.deep.equal([])
  })

  it("tells Uptime Kuma's push monitor its health in one line", async () => {
    const monitor = new PushMonitor()
    const { url } = await serve(monitor.handler)
    const settings = { ...WATCHED, HEARTBEAT_URL: `${url}/api/push/TOKEN?status=up&msg=OK&ping=` }
    const home = moduleHome(MODULE, settings)
    home.watchdog()
    await until(() => monitor.beats.some(({ status, msg }) => status === 'up' && msg === 'healthy'))
    home.write('exit', '')
    await until(() => monitor.beats.some(({ status }) => status === 'down'))
    expect(monitor.beats.find(({ status }) => status === 'down')?.msg).to.match(/^ended unexpectedly\. /)
    await until(() => monitor.beats.at(-1)?.status === 'up')
    expect(monitor.beats[0]?.ping).to.be.within(0, 10_000)
    expect(monitor.refused).to.deep.equal([])
  })

  it('is told as paused while a person has paused the watchdog', async () => {
    const check = new HealthchecksCheck()
    const { url } = await serve(check.handler)
    const home = moduleHome(MODULE, { ...WATCHED, HEARTBEAT_URL: `${url}/ping/${check.uuid}` })
    const now = Date.now()
    const pause = {
      by: 'ann',
      since: new Date(now).toISOString(),
      until: new Date(now + 3_600_000).toISOString(),
      why: null,
    }
    home.write('.catalyst/state/pause.json', JSON.stringify(pause))
    home.watchdog()
    await until(() => check.pings.some(({ body }) => body.startsWith('The watchdog is paused until ')))
    expect(check.status).to.equal('up')
    await until(() => home.has('.catalyst/state/bot.json') && home.botFile().endpoint)
    await home.status('healthy')
    expect((await home.ask('/metrics')).body).to.match(/^catalyst_watchdog_paused\{.*\} 1$/m)
  })

  it('writes its metrics for node exporter, which outlive the bot and the watchdog', async () => {
    const home = moduleHome(MODULE, { ...WATCHED, METRICS_FILE: 'bot.prom' })
    const dog = home.watchdog()
    const figure = (name: string) => new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(home.read('bot.prom'))?.[1]
    await until(() => figure('catalyst_watchdog_bot_up') === '1')
    if (process.platform !== 'win32') expect(home.mode('bot.prom')).to.equal('644')
    await home.catalyst(['watchdog', 'status'])
    home.write('exit', '')
    await until(() =>
      home.read('bot.prom').includes('catalyst_watchdog_incidents_total{why="ended",bot="CatalystBot"} 1'),
    )
    dog.kill('SIGTERM')
    expect((await dog.result()).code).to.equal(0)
    expect(figure('catalyst_watchdog_running')).to.equal('0')
  })

  it('goes on watching where its metrics can not be written, and says so once', async () => {
    const home = moduleHome(MODULE, { ...WATCHED, METRICS_FILE: 'nowhere/bot.prom' })
    home.watchdog()
    await until(() => home.read('data/logs/watchdog.log').includes('METRICS_FILE'))
    const before = JSON.parse(home.read('.catalyst/state/watchdog.json')).checked_at
    await until(() => JSON.parse(home.read('.catalyst/state/watchdog.json')).checked_at > before + 6000)
    expect(home.read('data/logs/watchdog.log').match(/METRICS_FILE/g)).to.have.length(1)
    expect(home.has('nowhere')).to.equal(false)
  })
})
