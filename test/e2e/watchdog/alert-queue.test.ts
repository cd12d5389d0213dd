import fs from 'node:fs'
import { expect } from 'chai'
import { Discord, KEY } from '../../support/alerts/discord.js'
import { SHIPPED, ShippedHome } from '../../support/deploy/shipped.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { pause, until } from '../../support/e2e/until.js'

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '1.5',
  BOT_START_TIMEOUT: '10',
  BOT_STOP_TIMEOUT: '0.5',
  SERVICE_RESTART_DELAY: '0.2',
}

/** Works, until it is told to hang, or to end; it is told once. */
const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', async cycle() {
    const deed = ['hang', 'end'].find((name) => fs.existsSync(name))
    if (!deed) return
    fs.rmSync(deed)
    if (deed === 'end') process.kill(process.pid, 'SIGKILL')
    await new Promise(() => {})
  } }`

describe('e2e: the alerts of a home', function () {
  this.timeout(60_000)
  const { moduleHome, home: newHome, closeLater } = endToEnd()

  async function newDiscord(): Promise<Discord> {
    const discord = await new Discord().open()
    closeLater(() => discord.close())
    return discord
  }

  const watched = (home: Home) => home.read('data/logs/watchdog.log')

  const healthyAgain = (home: Home, but?: number) =>
    until(async () => {
      const { pid } = home.botFile()
      return pid !== but && (await home.health()).status === 'healthy' && pid
    })

  function shippedHome(settings: Record<string, string>): ShippedHome {
    const shipped = new ShippedHome(newHome({ ...SHIPPED, BOT_MODULE: 'bot.mjs', ...settings }))
    shipped.tag('v1')
    return shipped
  }

  it('are delivered by the next watchdog where the one before was killed while they waited', async () => {
    const discord = await newDiscord()
    discord.become('fails')
    const home = moduleHome(MODULE, { ...WATCHED, ADMIN_ALERT_WEBHOOK: discord.webhook, API_KEY: 'key-of-the-bot' })
    const first = home.watchdog()
    const pid = await healthyAgain(home)
    await until(() => watched(home).includes('the bot is healthy'))
    home.write('hang', '')
    await healthyAgain(home, pid)
    await until(() => watched(home).includes('could not be sent to discord: HTTP 500'))
    first.kill('SIGKILL')
    await first.result()
    const waiting = JSON.parse((await home.catalyst(['watchdog', 'status', '--json'])).stdout).alerts.waiting
    expect(waiting).to.have.length(1)
    expect(waiting[0]).to.include({ channel: 'discord', why: 'HTTP 500' })
    const { stdout } = await home.catalyst(['watchdog', 'status'])
    expect(stdout).to.match(/alert waits +for discord since .*: CatalystBot: .*: HTTP 500 \(\d+ tr/)
    expect(home.files('.catalyst/state/alerts')).to.deep.equal(['discord'])
    for (const file of home.files('.catalyst/state/alerts/discord')) {
      expect(home.read(`.catalyst/state/alerts/discord/${file}`))
        .to.not.contain(KEY)
        .and.not.contain('key-of-the-bot')
      expect(home.mode(`.catalyst/state/alerts/discord/${file}`), file).to.equal('600')
    }
    discord.become('takes')
    home.watchdog()
    await until(() => discord.titles()[0]?.at(-1) === 'recovered')
    expect(discord.titles()).to.have.length(1)
    await until(() => home.files('.catalyst/state/alerts/discord').length === 1)
    expect(JSON.parse((await home.catalyst(['watchdog', 'status', '--json'])).stdout).alerts.waiting).to.deep.equal([])
  })

  it('of a second incident arrive while the message of the first one always fails', async () => {
    const discord = await newDiscord()
    discord.poison = '-hangs' // stands in the name of each incident that was opened for a bot that hangs
    const home = moduleHome(MODULE, { ...WATCHED, ADMIN_ALERT_WEBHOOK: discord.webhook })
    home.watchdog()
    const pid = await healthyAgain(home)
    await until(() => watched(home).includes('the bot is healthy'))
    home.write('hang', '')
    const next = await healthyAgain(home, pid)
    await until(() => watched(home).includes('hangs, recovered'))
    home.write('end', '')
    await healthyAgain(home, next)
    await until(() => discord.titles()[0]?.at(-1) === 'recovered')
    expect(discord.titles(), 'that of the second incident').to.have.length(1)
    expect(watched(home).match(/could not be sent/g), 'said once').to.have.length(1)
  })

  it('are sent by the watchdog, where one runs, while the deployment that made them is long over', async () => {
    const discord = await newDiscord()
    discord.become('fails')
    const shipped = shippedHome({ ADMIN_ALERT_WEBHOOK: discord.webhook })
    shipped.watchdog()
    await shipped.runs(null)
    const { code, stderr } = await shipped.deploy('run', 'v1', '--yes')
    expect(code, stderr).to.equal(0)
    expect(stderr).to.not.contain('could not be sent')
    discord.become('takes')
    await until(() => discord.titles()[0])
    expect(discord.titles()).to.deep.equal([['deployment of v1: done']])
  })

  it('stay in the queue, with a warning, where a deployment can not send them, and go out with the next one', async () => {
    const discord = await newDiscord()
    discord.become('limits')
    discord.retryAfter = 3600
    const shipped = shippedHome({ ADMIN_ALERT_WEBHOOK: discord.webhook })
    shipped.tag('v2')
    const first = await shipped.deploy('run', 'v1', '--yes')
    expect(first.code, first.stderr).to.equal(0)
    expect(first.stderr).to.match(
      /The alert to the admin could not be sent to discord yet: too many messages, the next in 3600 s\. It waits in the queue/,
    )
    expect(discord.asked, 'asked once').to.deep.equal(['POST limits'])
    discord.become('takes')
    const second = await shipped.deploy('run', 'v2', '--yes')
    expect(second.code, second.stderr).to.equal(0)
    expect(second.stderr).to.not.contain('The admin')
    expect(discord.titles().sort()).to.deep.equal([['deployment of v1: done'], ['deployment of v2: done']])
  })

  it('go out once, although a deployment and a watchdog that just begins both could send them', async () => {
    const discord = await newDiscord()
    discord.become('hangs')
    const shipped = shippedHome({ ADMIN_ALERT_WEBHOOK: discord.webhook })
    const deployment = shipped.begin('run', 'v1', '--yes')
    await until(() => discord.asked.length > 0)
    shipped.watchdog()
    await until(() => fs.existsSync(shipped.paths.watchdogLock))
    await pause(1500) // in which the watchdog looks whether it may send
    expect(discord.asked).to.have.length(1)
    discord.become('takes')
    expect((await deployment.result(40_000)).code).to.equal(0)
    await until(() => JSON.parse(fs.readFileSync(shipped.paths.alertsLock, 'utf8')).role === 'watchdog')
    await pause(1500)
    expect(discord.titles()).to.deep.equal([['deployment of v1: done']])
  })
})
