import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseEnvFile } from '#core/config/env-file.js'
import { ChatServer, telegramAnswers } from '../support/alerts/chat-server.js'
import { MAIL_PASSWORD, MailServer } from '../support/alerts/mail-server.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { inTerminal } from '../support/e2e/terminal.js'
import { until } from '../support/e2e/until.js'

const TOKEN = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi'
const CHAT = '-1001234567890'

describe('e2e: the questions of init in a terminal', () => {
  const { home: newHome, run, closeLater } = endToEnd()

  async function opened<T extends { open(): Promise<T>; close(): Promise<void> }>(one: T): Promise<T> {
    await one.open()
    closeLater(() => one.close())
    return one
  }

  /** Answers each question once that it is asked; null is Ctrl-C, an empty one none. */
  async function answered(
    answers: readonly (readonly [question: string, answer: string | null])[],
    { files = {}, env = {} }: { files?: Record<string, string>; env?: Record<string, string> } = {},
  ) {
    const home = newHome()
    fs.rmSync(home.path('.env'), { force: true })
    home.write('bot.js', '')
    for (const [name, text] of Object.entries(files)) home.write(name, text)
    const init = ['bin/run.js', 'init', '--no-service', '--port', '0', '--home', home.folder]
    const command = [process.execPath, ...init.map((word) => (word === 'bin/run.js' ? join(ROOT, word) : word))]
    const options = {
      folder: home.folder,
      stdin: 'pipe' as const,
      env: { XDG_CONFIG_HOME: home.path('.config'), ...env },
    }
    const terminal = run('python3', inTerminal(120, command), options)
    let seen = 0
    for (const [question, answer] of answers) {
      await until(() => {
        const at = terminal.stdout.indexOf(question, seen)
        if (at === -1) throw new Error(`no ${question} in ${terminal.stdout.slice(seen)}`)
        seen = at + question.length
        return true
      }, 30_000)
      if (answer !== '') terminal.stdin?.write(`${answer ?? '\x03'}\n`)
    }
    const { code, stdout } = await terminal.result(30_000)
    return { home, code, stdout }
  }

  it('writes what was answered, and shows no secret', async () => {
    const files = { '.env.example': 'API_KEY=\nCHANNEL=general\nOTHER=example\n' }
    const { home, code, stdout } = await answered(
      [
        ['Which command runs the bot?', '\r'],
        ['Its name', 'mine\r'],
        ['How does the bot prove', '\x1b[B\x1b[B\r'],
        ['A pattern', 'polled \\d+\r'],
        ['API_KEY', 'my-own-key-of-it\r'],
        ['CHANNEL', '\r'],
        ['OTHER', ' \r'],
        ['Where are alerts to go?', '\r'],
        ['A Discord webhook', '\r'],
      ],
      { files },
    )
    expect(code, stdout).to.equal(0)
    expect(stdout).to.not.contain('my-own-key-of-it')
    const lines = home.read('.env').split('\n').filter(Boolean)
    expect(lines).to.include.members([
      'BOT_COMMAND=node bot.js',
      'BOT_PROOF=log',
      'BOT_LOG_PROOF=polled \\d+',
      'API_KEY=my-own-key-of-it',
      'CHANNEL=general',
    ])
    expect(lines.filter((line) => line.startsWith('OTHER'))).to.deep.equal([])
  })

  const READY = 'BOT_COMMAND=node bot.js\nBOT_NAME=mine\nBOT_PROOF=process\n'

  it("takes the bot's own token for Telegram, and asks again, without what was right, until a message arrives", async () => {
    const telegram = await opened(new ChatServer(telegramAnswers(TOKEN, CHAT)))
    const { home, code, stdout } = await answered(
      [
        ['Where are alerts to go?', '\r'], // first where the bot is one of Telegram
        ['The Telegram chat', 'me\r'],
        ["needs ALERT_TELEGRAM_CHAT to be a chat's number", '\x15-2\r'],
        ['(Enter: the one of the bot)', '\r'],
        ['there is no such chat', ''],
        ['Once more:', ''],
        ['The Telegram chat', `${CHAT}\r`],
        ['(Enter: the one of before)', '\r'],
      ],
      { files: { '.env': `${READY}BOT_TELEGRAM_TOKEN=${TOKEN}\n` }, env: { ALERT_TELEGRAM_API: telegram.url } },
    )
    expect(code, stdout).to.equal(0)
    expect(stdout).to.not.contain(TOKEN)
    expect(parseEnvFile(home.read('.env')).values).to.include({
      ALERT_CHANNELS: 'telegram',
      ALERT_TELEGRAM_TOKEN: TOKEN,
      ALERT_TELEGRAM_CHAT: CHAT,
    })
  })

  it('asks what a channel of .env lacks once it fails, and leaves it out at an empty answer', async () => {
    const mail = await opened(new MailServer())
    const [from, to] = ['ALERT_EMAIL_FROM=bot@example.com', 'ALERT_EMAIL_TO=me@example.com']
    const email = `${from}\n${to}\nALERT_EMAIL_SMTP=${mail.url('wrong-password')}\n`
    const ntfy = 'ALERT_NTFY_URL=http://127.0.0.1:1/topic\n'
    const { home, code, stdout } = await answered(
      [
        ['The test alert was not sent: ntfy', ''],
        ['The ntfy topic', '\r'],
        ['The test alert was not sent: email', ''],
        ['The addresses that get the mails', 'you@example.com\r'],
        ['The sender of the mails', '\r'],
        ['The mail server', `${mail.url()}\r`],
      ],
      { files: { '.env': `${READY}ALERT_CHANNELS=ntfy,email\n${ntfy}${email}` } },
    )
    expect(code, stdout).to.equal(0)
    expect(stdout).to.not.contain(MAIL_PASSWORD).and.not.contain('wrong-password')
    expect(parseEnvFile(home.read('.env')).values).to.include({
      ALERT_CHANNELS: 'email',
      ALERT_EMAIL_FROM: 'bot@example.com',
      ALERT_EMAIL_TO: 'you@example.com',
      ALERT_EMAIL_SMTP: mail.url(),
    })
    expect(mail.mails.map((one) => one.to)).to.deep.equal([['you@example.com'], ['you@example.com']])
  })

  it('writes nothing when Ctrl-C ends it, however many questions were answered', async () => {
    const { home, code, stdout } = await answered([
      ['Which command runs the bot?', '\r'],
      ['Its name', '\r'],
      ['How does the bot prove', null],
    ])
    expect(code).to.equal(1)
    expect(stdout).to.match(/Cancelled\. Nothing was changed\./)
    expect(home.has('.env')).to.equal(false)
  })
})
