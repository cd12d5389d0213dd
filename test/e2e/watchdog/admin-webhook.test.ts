import { expect } from 'chai'
import { Discord, KEY, type Mood, PATH } from '../../support/alerts/discord.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import type { Running } from '../../support/e2e/process.js'
import { freePort } from '../../support/e2e/server.js'
import { until } from '../../support/e2e/until.js'

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '1.5', // a busy machine needs a part of it to start the next bot
  BOT_START_TIMEOUT: '10',
  BOT_STOP_TIMEOUT: '0.5',
  SERVICE_RESTART_DELAY: '0.2',
}
/** Works, until it is told to hang, or to block its event loop; it is told once. */
const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', async cycle() {
    const deed = ['hang', 'block'].find((name) => fs.existsSync(name))
    if (!deed) return
    fs.rmSync(deed)
    if (deed === 'block') for (;;) {}
    await new Promise(() => {})
  } }`

describe("e2e: the admin's webhook", () => {
  const { moduleHome, home: newHome, serve, closeLater } = endToEnd()

  async function discord(): Promise<Discord> {
    const webhook = await new Discord().open()
    closeLater(() => webhook.close())
    return webhook
  }

  const watched = (home: Home) => home.read('data/logs/watchdog.log')

  async function wellPid(home: Home, but?: number): Promise<number> {
    return until(async () => {
      const { pid } = home.botFile()
      return pid !== but && (await home.health()).status === 'healthy' && pid
    })
  }

  /** A watched bot with this webhook, that was brought into trouble. */
  async function troubled(deed: 'hang' | 'block', webhook: string): Promise<{ home: Home; pid: number; dog: Running }> {
    const home = moduleHome(MODULE, { ...WATCHED, ADMIN_ALERT_WEBHOOK: webhook })
    const dog = home.watchdog()
    const pid = await wellPid(home)
    await until(() => watched(home).includes('the bot is healthy'))
    home.write(deed, '')
    return { home, pid, dog }
  }

  it('that refuses to be connected to keeps no bot from being brought back', async () => {
    const { home, pid } = await troubled('hang', `http://127.0.0.1:${await freePort()}${PATH}`)
    await wellPid(home, pid)
    expect(watched(home)).to.contain('hangs, detected')
  })

  for (const [mood, deed, why] of [
    ['hangs', 'block', 'silent'],
    ['fails', 'hang', 'hangs'],
  ] as const)
    it(`holds up no restart where it ${mood}, and gets the newest text when it takes messages again`, async () => {
      const webhook = await discord()
      webhook.become(mood)
      const { home, pid } = await troubled(deed, webhook.webhook)
      await wellPid(home, pid)
      await until(() => watched(home).includes(`${why}, recovered`))
      expect(webhook.asked).to.include(`POST ${mood}`).and.not.include('POST takes')
      expect(webhook.titles()).to.deep.equal([])
      webhook.become('takes')
      await until(() => webhook.titles()[0])
      expect(webhook.titles()).to.deep.equal([['recovered']])
      await until(() => watched(home).includes('CatalystBot: recovered\\" has gone out to discord, after '))
      expect(watched(home).match(/could not be sent/g)).to.have.length(1)
      expect(watched(home)).to.not.contain(KEY)
    })

  it('gets a message anew that somebody has deleted', async () => {
    const webhook = await discord()
    const { home } = await troubled('hang', webhook.webhook)
    await until(() => webhook.titles()[0])
    webhook.messages.delete('1')
    await until(() => webhook.titles().at(-1)?.at(-1) === 'recovered')
    expect(webhook.titles()).to.have.length(1)
    const { incident } = JSON.parse(home.read('.catalyst/state/watchdog.json'))
    const { messages } = JSON.parse(home.read('.catalyst/state/alerts/discord/deliveries.json'))
    expect(messages).to.deep.equal({ [`incident-${incident.id}`]: '2' })
  })

  it('that hangs does not keep the watchdog from ending', async () => {
    const webhook = await discord()
    webhook.become('hangs')
    const { dog } = await troubled('hang', webhook.webhook)
    await until(() => webhook.asked.length > 0)
    dog.kill('SIGTERM')
    const began = performance.now()
    expect((await dog.result()).code).to.equal(0)
    expect(performance.now() - began).to.be.below(5000)
  })

  describe('is tried by watchdog test-alert', () => {
    const tried = (home: Home, ...words: string[]) => home.catalyst(['watchdog', 'test-alert', ...words])

    it('with a message that is made, and then edited', async () => {
      const webhook = await discord()
      const home = newHome({ ADMIN_ALERT_WEBHOOK: webhook.webhook })
      const { code, stdout } = await tried(home)
      expect(code).to.equal(0)
      expect(stdout).to.equal('discord  sent\n')
      expect(webhook.asked).to.deep.equal(['POST takes', 'PATCH takes'])
      expect(webhook.titles()).to.deep.equal([['test alert', 'test alert']])
      const json = await tried(home, '--json')
      expect(JSON.parse(json.stdout)).to.deep.equal({
        sent: true,
        channels: [{ channel: 'discord', sent: true, why: null }],
      })
    })

    it('and exits 78 where there is none', async () => {
      const { code, stderr } = await tried(newHome())
      expect(code).to.equal(78)
      expect(stderr).to.contain('ALERT_CHANNELS is not set')
    })

    it('and exits 1 where it is refused, without a word of its secret', async () => {
      const webhook = await discord()
      const none = `http://127.0.0.1:${await freePort()}${PATH}`
      const { url: other } = await serve((_, response) => response.end('ok'))
      const cases: [Mood, string, string][] = [
        ['takes', `${webhook.webhook}x`, 'not sent: HTTP 404: there is no such webhook'],
        ['fails', webhook.webhook, 'not sent: HTTP 500'],
        ['limits', webhook.webhook, 'too many messages; the next one may go out in 1 s'],
        ['takes', none, 'not sent: connection refused'],
        ['takes', `${other}${PATH}`, 'a later text would be a message of its own'],
      ]
      for (const [mood, url, why] of cases) {
        webhook.become(mood)
        for (const words of [[], ['--json']]) {
          const { code, stdout, stderr } = await tried(newHome({ ADMIN_ALERT_WEBHOOK: url }), ...words)
          expect(code, why).to.equal(1)
          expect(stdout + stderr).to.contain(words.length === 0 ? why : why.replace('not sent: ', ''))
          expect(stdout + stderr).to.not.contain(KEY)
        }
      }
    })
  })
})
