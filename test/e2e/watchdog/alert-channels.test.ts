import { expect } from 'chai'
import { ChatServer, telegramAnswers } from '../../support/alerts/chat-server.js'
import { Discord, KEY } from '../../support/alerts/discord.js'
import { MAIL_PASSWORD, MailServer } from '../../support/alerts/mail-server.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { until } from '../../support/e2e/until.js'

const TOKEN = '4711:token-of-the-alert-bot'
const CHAT = '-1001234567890'
const SIGNING = 'the-secret-that-signs'
const NTFY_TOKEN = 'tk_secret-of-the-topic'
const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '1.5',
  BOT_START_TIMEOUT: '10',
  BOT_STOP_TIMEOUT: '0.5',
  SERVICE_RESTART_DELAY: '0.2',
}
/** Works, until it is told to hang; it is told once. */
const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', async cycle() {
    if (!fs.existsSync('hang')) return
    fs.rmSync('hang')
    await new Promise(() => {})
  } }`

describe('e2e: the alert channels', function () {
  this.timeout(60_000)
  const { moduleHome, home: newHome, closeLater } = endToEnd()

  async function opened<T extends { open(): Promise<T>; close(): Promise<void> }>(one: T): Promise<T> {
    await one.open()
    closeLater(() => one.close())
    return one
  }

  /** A counterpart for each channel, and the settings that name them all. */
  async function allChannels() {
    const discord = await opened(new Discord())
    const telegram = await opened(new ChatServer(telegramAnswers(TOKEN, CHAT)))
    const [slack, ntfy, webhook] = [
      await opened(new ChatServer()),
      await opened(new ChatServer()),
      await opened(new ChatServer()),
    ]
    const mail = await opened(new MailServer())
    return {
      discord,
      telegram,
      slack,
      ntfy,
      webhook,
      mail,
      settings: {
        ALERT_CHANNELS: 'discord,telegram,slack,ntfy,webhook,email',
        ADMIN_ALERT_WEBHOOK: discord.webhook,
        ALERT_TELEGRAM_API: telegram.url,
        ALERT_TELEGRAM_TOKEN: TOKEN,
        ALERT_TELEGRAM_CHAT: CHAT,
        ALERT_SLACK_WEBHOOK: `${slack.url}/services/${KEY}`,
        ALERT_NTFY_URL: `${ntfy.url}/bot-alerts`,
        ALERT_NTFY_TOKEN: NTFY_TOKEN,
        ALERT_WEBHOOK_URL: `${webhook.url}/hook`,
        ALERT_WEBHOOK_SECRET: SIGNING,
        ALERT_EMAIL_SMTP: mail.url(),
        ALERT_EMAIL_FROM: 'bot@example.com',
        ALERT_EMAIL_TO: 'me@example.com',
      },
    }
  }

  const secrets = [KEY, TOKEN, SIGNING, NTFY_TOKEN, MAIL_PASSWORD]
  const tested = (home: Home, ...words: string[]) => home.catalyst(['alert', 'test', ...words])

  it('are all tried by alert test, each in a line', async () => {
    const { settings, discord, telegram, slack, ntfy, webhook, mail } = await allChannels()
    const { code, stdout, stderr } = await tested(newHome(settings))
    expect(code, stdout + stderr).to.equal(0)
    expect(stdout.trimEnd().split('\n')).to.deep.equal(
      ['discord', 'telegram', 'slack', 'ntfy', 'webhook', 'email'].map((name) => `${name.padEnd(10)}sent`),
    )
    expect(discord.titles()).to.deep.equal([['test alert', 'test alert']])
    expect(telegram.received.map(({ path }) => path.split('/').at(-1))).to.deep.equal([
      'sendMessage',
      'editMessageText',
    ])
    for (const server of [slack, ntfy, webhook]) expect(server.received).to.have.length(2)
    expect(mail.mails).to.have.length(2)
  })

  it('that fail are named with what to do, while the others are tried, too', async () => {
    const { settings } = await allChannels()
    const home = newHome({
      ...settings,
      ALERT_TELEGRAM_TOKEN: '1:wrong',
      ALERT_EMAIL_SMTP: settings.ALERT_EMAIL_SMTP.replace(MAIL_PASSWORD, 'a-wrong-password'),
      ALERT_SLACK_WEBHOOK: '',
    })
    const { code, stdout, stderr } = await tested(home)
    expect(code).to.equal(1)
    expect(stdout).to.match(/^discord +sent$/m)
    expect(stdout).to.match(/^telegram +not sent: HTTP 401: .*ALERT_TELEGRAM_TOKEN$/m)
    expect(stdout).to.match(/^slack +not sent: slack needs ALERT_SLACK_WEBHOOK: set it in \.env$/m)
    expect(stdout).to.match(/^email +not sent: the mail server says: 535 .*ALERT_EMAIL_SMTP$/m)
    for (const secret of [...secrets, 'a-wrong-password']) expect(stdout + stderr).to.not.contain(secret)
    const json = await tested(home, 'telegram', '--json')
    expect(json.code).to.equal(1)
    const { sent, channels } = JSON.parse(json.stdout)
    expect([sent, channels[0].channel, channels[0].sent]).to.deep.equal([false, 'telegram', false])
  })

  it('may be tried by name before ALERT_CHANNELS names them', async () => {
    const { settings, telegram } = await allChannels()
    const { code, stdout } = await tested(newHome({ ...settings, ALERT_CHANNELS: '' }), 'telegram')
    expect([code, stdout]).to.deep.equal([0, 'telegram  sent\n'])
    expect(telegram.received).to.have.length(2)
  })

  it('get one incident each, while one is dead and the watchdog is killed, and no secret lies in a file', async () => {
    const { settings, discord, telegram, slack, mail, webhook, ntfy } = await allChannels()
    webhook.answer = () => ({ status: 500 })
    const home = moduleHome(MODULE, { ...WATCHED, ...settings })
    const log = () => home.read('data/logs/watchdog.log')
    const first = home.watchdog()
    await until(() => log().includes('the bot is healthy'))
    home.write('hang', '')
    await until(() => telegram.received.length > 0 && slack.received.length > 0 && mail.mails.length > 0)
    await until(() => log().includes('could not be sent to webhook: HTTP 500'))
    const { alerts } = JSON.parse((await home.catalyst(['watchdog', 'status', '--json'])).stdout)
    const handedOver = alerts.waiting.filter((one: { channel: string | null }) => one.channel !== null) // a newer text may lie in the inbox
    expect(handedOver.find(({ channel }: { channel: string }) => channel === 'webhook')).to.include({ why: 'HTTP 500' })
    first.kill('SIGKILL')
    await first.result()
    webhook.answer = () => ({ body: 'ok' })
    home.watchdog()
    await until(() => discord.titles()[0]?.at(-1) === 'recovered')
    await until(() => mail.mails.length === 2 && slack.received.length === 2)
    await until(() => webhook.received.at(-1)?.json.state === 'resolved')
    expect(discord.titles(), 'one message').to.have.length(1)
    expect(telegram.received.filter(({ path }) => path.endsWith('sendMessage'))).to.have.length(1)
    expect(new Set(ntfy.received.map(({ json }) => json.sequence_id))).to.have.length(1)
    expect(mail.mails[1]?.headers.references).to.equal(mail.mails[0]?.headers['message-id'])
    expect(webhook.received.at(-1)?.json).to.include({ version: 1, kind: 'incident', bot: 'CatalystBot' })
    for (const channel of home.files('.catalyst/state/alerts'))
      for (const file of home.files(`.catalyst/state/alerts/${channel}`))
        for (const secret of secrets)
          expect(home.read(`.catalyst/state/alerts/${channel}/${file}`), file).to.not.contain(secret)
    for (const secret of secrets) expect(log()).to.not.contain(secret)
  })

  it('go through a proxy, and to this machine without one', async () => {
    const proxy = await opened(new ChatServer(() => ({ body: 'ok' })))
    const own = await opened(new ChatServer())
    const { code, stdout } = await tested(
      newHome({
        ALERT_CHANNELS: 'slack,ntfy',
        ALERT_SLACK_WEBHOOK: 'http://hooks.example/services/x',
        ALERT_NTFY_URL: `${own.url}/topic`,
        HTTP_PROXY: proxy.url,
      }),
    )
    expect(code, stdout).to.equal(0)
    expect(proxy.received.map(({ path }) => path)).to.deep.equal(Array(2).fill('http://hooks.example/services/x'))
    expect(own.received).to.have.length(2)
  })

  it('without their settings are faults that config check names', async () => {
    const home = newHome({
      ALERT_CHANNELS: 'telegram,slack,ntfy,webhook,email',
      ALERT_NTFY_URL: 'https://ntfy.example',
    })
    const { code, stdout } = await home.catalyst(['config', 'check'])
    expect(code).to.equal(78)
    expect(stdout).to.contain(
      'ALERT_CHANNELS names telegram, which needs ALERT_TELEGRAM_TOKEN and ALERT_TELEGRAM_CHAT: set them in .env',
    )
    for (const name of ['ALERT_SLACK_WEBHOOK', 'ALERT_NTFY_URL', 'ALERT_WEBHOOK_URL', 'ALERT_EMAIL_SMTP'])
      expect(stdout).to.contain(name)
  })

  it('a name that is no channel is told, and not taken for none', async () => {
    const { code, stderr } = await newHome({ ALERT_CHANNELS: 'discrod' }).catalyst(['alert', 'test'])
    expect(code).to.equal(78)
    expect(stderr)
      .to.match(/ALERT_CHANNELS \(\S+\) must be/)
      .and.not.match(/is not set/)
  })
})
