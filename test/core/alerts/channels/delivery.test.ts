import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { expect } from 'chai'
import type { Channel, Outcome } from '#core/alerts/channels/channel.js'
import { discordChannel } from '#core/alerts/channels/discord.js'
import { emailChannel, mailOf } from '#core/alerts/channels/email.js'
import { ntfyChannel } from '#core/alerts/channels/ntfy.js'
import { retryAfterMs } from '#core/alerts/channels/post-json.js'
import { slackChannel } from '#core/alerts/channels/slack.js'
import { telegramChannel } from '#core/alerts/channels/telegram.js'
import { webhookChannel } from '#core/alerts/channels/webhook.js'
import { sendMail } from '#core/platform/net/mail.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { ChatServer, type Reply, telegramAnswers } from '../../../support/alerts/chat-server.js'
import { MAIL_PASSWORD, MailServer } from '../../../support/alerts/mail-server.js'
import { aHostileAlert, anAlert } from '../../../support/builders/alert.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const ID = 'incident-1772366400000'
const TOKEN = '4711:token-of-the-alert-bot'
const BEGIN = anAlert()
const WORKING = anAlert({ title: 'NewsBot: is being restarted', tone: 'working' })
const DELIVERY = { id: ID, at: NOON, alert: BEGIN, sent: undefined }
const END = anAlert({ title: 'NewsBot: recovered', tone: 'good' })

describe('a channel', () => {
  const closing: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close()
  })

  async function server(answer?: ConstructorParameters<typeof ChatServer>[0]): Promise<ChatServer> {
    const one = await new ChatServer(answer).open()
    closing.push(one)
    return one
  }

  async function mailServer(): Promise<MailServer> {
    const one = await new MailServer().open()
    closing.push(one)
    return one
  }

  /** Sends the texts one after the other, each with what the one before has returned. */
  async function sendAll(channel: Channel, ...alerts: (typeof BEGIN)[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    let sent: string | undefined
    for (const [index, alert] of alerts.entries()) {
      const outcome = await channel.deliver({ id: ID, at: NOON + index, alert, sent })
      if (outcome.kind === 'sent') sent = outcome.message
      outcomes.push(outcome)
    }
    return outcomes
  }

  const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind)

  it('of Telegram makes one message and edits it; the same text once more is no fault', async () => {
    const { url, received } = await server(telegramAnswers(TOKEN, '-100'))
    const outcomes = await sendAll(telegramChannel({ api: `${url}/`, token: TOKEN, chat: '-100' }), BEGIN, END, END)
    expect(outcomes).to.deep.equal(Array(3).fill({ kind: 'sent', message: '1' }))
    expect(received.map(({ path }) => path.split('/').at(-1))).to.deep.equal([
      'sendMessage',
      'editMessageText',
      'editMessageText',
    ])
    expect(received[1]?.json).to.deep.include({ chat_id: '-100', message_id: 1, parse_mode: 'HTML' })
    expect(received[0]?.json.link_preview_options).to.deep.equal({ is_disabled: true })
  })

  it('of Telegram makes a message anew that somebody has deleted', async () => {
    const { url } = await server(telegramAnswers(TOKEN, '1'))
    const channel = telegramChannel({ api: url, token: TOKEN, chat: '1' })
    const outcome = await channel.deliver({ id: ID, at: NOON, alert: END, sent: '99' })
    expect(outcome).to.deep.equal({ kind: 'gone' })
  })

  it('of Telegram says what to do where it is refused, and never its token', async () => {
    const { url } = await server(telegramAnswers(TOKEN, '1'))
    const said = async (token: string, chat: string) => {
      const [outcome] = await sendAll(telegramChannel({ api: url, token, chat }), BEGIN)
      return outcome && 'why' in outcome ? outcome.why : ''
    }
    expect(await said('1:wrong', '1')).to.match(/^HTTP 401: .*@BotFather.*ALERT_TELEGRAM_TOKEN$/)
    expect(await said(TOKEN, '2')).to.match(/^HTTP 400: there is no such chat.*ALERT_TELEGRAM_CHAT$/)
    const moved = JSON.stringify({ description: 'group migrated', parameters: { migrate_to_chat_id: -1009 } })
    const group = await server(() => ({ status: 400, body: moved }))
    const [outcome] = await sendAll(telegramChannel({ api: group.url, token: TOKEN, chat: '1' }), BEGIN)
    expect(outcome).to.have.property('why').that.includes('ALERT_TELEGRAM_CHAT=-1009')
    expect(JSON.stringify(outcome)).to.not.contain(TOKEN)
  })

  it('of Slack posts the beginning and a short end that names the incident', async () => {
    const { url, received } = await server()
    expect(kinds(await sendAll(slackChannel(`${url}/services/x`), BEGIN, WORKING, END, END))).to.deep.equal(
      Array(4).fill('sent'),
    )
    expect(received.map(({ json }) => json.text)).to.deep.equal([
      ':large_orange_circle: NewsBot: hangs',
      ':large_green_circle: NewsBot: recovered',
    ])
    expect(received[1]?.body).to.contain('incident 20260301T120000000Z-hangs')
    expect(received[1]?.json.blocks).to.have.length(2)
  })

  it('of Slack says once more what to type where a person is needed', async () => {
    const { url, received } = await server()
    await sendAll(slackChannel(url), BEGIN, anAlert({ title: 'NewsBot: needs attention', tone: 'bad' }))
    expect(received[1]?.json.text).to.equal(':red_circle: NewsBot: needs attention')
    expect(received[1]?.body).to.contain('catalyst health check')
  })

  it('of ntfy replaces its message by its sequence id, and shows its token to the server alone', async () => {
    const { url, received } = await server()
    await sendAll(ntfyChannel(`${url}/my-topic`, 'tk_secret'), BEGIN, END)
    expect(received.map(({ path, json }) => [path, json.topic, json.sequence_id, json.priority])).to.deep.equal([
      ['/', 'my-topic', ID, 4],
      ['/', 'my-topic', ID, 3],
    ])
    expect(received[0]?.headers.authorization).to.equal('Bearer tk_secret')
  })

  it('that takes JSON gets each text, signed', async () => {
    const { url, received } = await server()
    await sendAll(
      webhookChannel(`${url}/hook?a=b`, 'a-word', () => NOON),
      BEGIN,
      WORKING,
      END,
    )
    expect(received.map(({ path, json }) => [path, json.id, json.state])).to.deep.equal([
      ['/hook?a=b', ID, 'open'],
      ['/hook?a=b', ID, 'in_progress'],
      ['/hook?a=b', ID, 'resolved'],
    ])
    expect(received[0]?.headers['webhook-id']).to.equal(`${ID}-${NOON}`)
    expect(received[0]?.headers['webhook-signature']).to.match(/^v1,[\w+/]{43}=$/)
  })

  it('of e-mail sends one conversation', async () => {
    const server = await mailServer()
    const to = 'me@example.com, you@example.com'
    const channel = emailChannel({ smtp: server.url(), from: 'bot@example.com', to })
    expect(kinds(await sendAll(channel, BEGIN, WORKING, END))).to.deep.equal(Array(3).fill('sent'))
    expect(server.mails).to.have.length(2)
    const [first, second] = server.mails
    expect(first?.to).to.deep.equal(['me@example.com', 'you@example.com'])
    expect(second?.headers.references).to.equal(first?.headers['message-id'])
    expect(second?.headers['in-reply-to']).to.equal(first?.headers['message-id'])
    expect(first?.headers['auto-submitted']).to.equal('auto-generated')
    expect(first?.text).to.include('catalyst incident show 20260301T120000000Z-hangs')
  })

  it('of e-mail lets no text become a header', async () => {
    const server = await mailServer()
    await sendAll(emailChannel({ smtp: server.url(), from: 'bot@example.com', to: 'me@example.com' }), aHostileAlert())
    expect(server.mails[0]?.headers).to.not.have.property('bcc')
    expect(server.mails[0]?.to).to.deep.equal(['me@example.com'])
  })

  it('of e-mail says what to do where it is refused, and never its password', async () => {
    const server = await mailServer()
    const tried = async (smtp: string) => {
      const [outcome] = await sendAll(emailChannel({ smtp, from: 'bot@example.com', to: 'me@example.com' }), BEGIN)
      expect(JSON.stringify(outcome)).to.not.contain(MAIL_PASSWORD)
      return outcome
    }
    const login = await tried(server.url('wrong'))
    expect(login).to.have.property('kind', 'failed')
    expect(login)
      .to.have.property('why')
      .that.matches(/^the mail server says: 535 .*ALERT_EMAIL_SMTP$/)
    server.refuses = { at: 'recipient', code: 550 }
    expect(await tried(server.url()))
      .to.have.property('why')
      .that.includes('ALERT_EMAIL_TO')
    server.refuses = { at: 'recipient', code: 450 }
    expect(await tried(server.url()), 'for now')
      .to.have.property('why')
      .that.matches(/^the mail server says: 450 .*here$/)
    server.refuses = { at: 'message', code: 554 }
    expect(await tried(server.url())).to.have.property('kind', 'refused')
    server.refuses = { at: 'message', code: 451 }
    expect(await tried(server.url())).to.have.property('kind', 'failed')
    expect(await tried('smtp://127.0.0.1:1')).to.deep.equal({
      kind: 'failed',
      why: "the mail server can't be reached: connection refused",
    })
  })

  it('of e-mail sends no password without TLS, but to this machine', async () => {
    const server = await mailServer()
    const smtp = server.url().replace('127.0.0.1', '127.1') // the same, written as few would
    const [outcome] = await sendAll(emailChannel({ smtp, from: 'bot@example.com', to: 'me@example.com' }), BEGIN)
    expect(outcome).to.have.property('kind', 'failed')
    expect(outcome).to.have.property('why').that.includes('STARTTLS')
    expect(server.logins).to.equal(0)
  })

  const REFUSALS: [string, (url: string) => Channel, Reply, string, RegExp][] = [
    ['Slack', slackChannel, { status: 404, body: 'no_service' }, 'failed', /\(no_service\).*ALERT_SLACK_WEBHOOK$/],
    ['Slack', slackChannel, { status: 400, body: 'invalid_payload' }, 'refused', /^HTTP 400: invalid_payload$/],
    ['ntfy', (url) => ntfyChannel(`${url}/t`, undefined), { status: 403 }, 'failed', /ALERT_NTFY_TOKEN/],
    ['JSON', (url) => webhookChannel(url, undefined, () => NOON), { status: 401 }, 'failed', /ALERT_WEBHOOK_SECRET/],
    ['JSON', (url) => webhookChannel(url, undefined, () => NOON), { status: 410 }, 'failed', /ALERT_WEBHOOK_URL/],
    ['JSON', (url) => webhookChannel(url, undefined, () => NOON), { status: 301 }, 'failed', /leads elsewhere/],
    ['JSON', (url) => webhookChannel(url, undefined, () => NOON), { status: 500 }, 'failed', /^HTTP 500$/],
  ]
  for (const [name, open, reply, kind, why] of REFUSALS)
    it(`of ${name} that answers ${reply.status} ${reply.body ?? ''} says what to do`, async () => {
      const { url } = await server(() => reply)
      const [outcome] = await sendAll(open(url), BEGIN)
      expect(outcome?.kind).to.equal(kind)
      expect(outcome).to.have.property('why').that.matches(why)
    })

  it('has a text that was taken, also where the rest of the answer is cut or endless: it is not sent again', async () => {
    for (const end of ['x'.repeat(2 * 1024 * 1024), undefined]) {
      const answering = http.createServer((_, response) => {
        response.writeHead(200, { 'Content-Length': '3000000' }).write('{"id"')
        if (end === undefined) setTimeout(() => response.destroy(), 20)
        else response.write(end)
      })
      await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve))
      closing.push({
        async close() {
          answering.closeAllConnections()
          answering.close()
        },
      })
      const url = `http://127.0.0.1:${(answering.address() as net.AddressInfo).port}`
      const [webhook] = await sendAll(
        webhookChannel(url, undefined, () => NOON),
        BEGIN,
      )
      expect(webhook).to.deep.equal({ kind: 'sent', message: 'sent' })
      const [telegram] = await sendAll(telegramChannel({ api: url, token: TOKEN, chat: '1' }), BEGIN)
      expect(telegram).to.deep.equal({ kind: 'sent', message: undefined })
    }
  })

  it('that is a page and no API has taken nothing, and names the setting', async () => {
    const { url } = await server(() => ({ body: '\n<!doctype html><title>Log in</title>' }))
    const channels: [Channel, string][] = [
      [discordChannel(`${url}/api/webhooks/1/x`), 'ADMIN_ALERT_WEBHOOK'],
      [telegramChannel({ api: url, token: TOKEN, chat: '1' }), 'ALERT_TELEGRAM_API'],
      [slackChannel(url), 'ALERT_SLACK_WEBHOOK'],
      [ntfyChannel(`${url}/topic`, undefined), 'ALERT_NTFY_URL'],
    ]
    for (const [channel, setting] of channels)
      expect(await sendAll(channel, BEGIN)).to.deep.equal([
        { kind: 'failed', why: `a web page answers there: check ${setting}` },
      ])
    expect(
      kinds(
        await sendAll(
          webhookChannel(url, undefined, () => NOON),
          BEGIN,
        ),
      ),
    ).to.deep.equal(['sent'])
  })

  it('of e-mail waits for no server that trickles without end', async () => {
    const trickling = net.createServer((socket) => {
      socket.on('error', () => {}).write('220 hi\r\n')
      const drip = setInterval(() => socket.write('250-x\r\n'), 20)
      socket.once('close', () => clearInterval(drip))
    })
    await new Promise<void>((resolve) => trickling.listen(0, '127.0.0.1', resolve))
    const { port } = trickling.address() as net.AddressInfo
    const failure = await sendMail(`smtp://127.0.0.1:${port}`, mailOf(DELIVERY, 'a@b.example', ['c@d.example']), 200)
    expect(failure).to.deep.include({ why: 'the mail server took longer than 0.2 s', at: 'connection' })
    await new Promise((closed) => trickling.close(closed)) // its connection has ended, too
  })

  it('is reached through a proxy by a tunnel, to which no token is shown', async () => {
    const read = (name: string) =>
      fs.readFileSync(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
    const api = https.createServer({ key: read('key'), cert: read('cert') }, (_, response) =>
      response.end('{"ok":true,"result":{"message_id":7}}'),
    )
    const asked: string[] = []
    const proxy = http.createServer().on('connect', ({ url }: http.IncomingMessage, socket: net.Socket) => {
      asked.push(String(url))
      const target = net.connect((api.address() as net.AddressInfo).port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        target.pipe(socket).pipe(target)
      })
      target.on('error', () => socket.destroy())
      socket.on('error', () => target.destroy())
    })
    const sockets = new Set<net.Socket>()
    for (const one of [api, proxy]) {
      one.on('connection', (socket: net.Socket) => sockets.add(socket))
      await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
      closing.push({
        close() {
          for (const socket of sockets) socket.destroy()
          return new Promise((closed) => one.close(() => closed()))
        },
      })
    }
    useProxiesOf({ HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}` })
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      const channel = telegramChannel({ api: 'https://telegram.example', token: TOKEN, chat: '1' })
      expect(await sendAll(channel, BEGIN)).to.deep.equal([{ kind: 'sent', message: '7' }])
      expect(asked).to.deep.equal(['telegram.example:443'])
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      useProxiesOf(process.env)
    }
  })

  it('waits as long as a rate limit asks for, in whichever way', () => {
    const date = 'Sun, 01 Mar 2026 12:00:00 GMT'
    const cases: [Parameters<typeof retryAfterMs>[0], number][] = [
      [{ body: '{"retry_after": 0.02}', headers: {} }, 20],
      [{ body: '{"ok":false,"parameters":{"retry_after":7}}', headers: {} }, 7000],
      [{ body: 'slow down', headers: { 'retry-after': '30' } }, 30_000],
      [{ body: '', headers: { 'retry-after': 'Sun, 01 Mar 2026 12:01:00 GMT', date } }, 60_000],
      [{ body: '', headers: { 'retry-after': 'Sun, 01 Mar 2026 12:01:00 GMT' } }, 0],
      [{ body: '<html>', headers: {} }, 0],
      [{ body: '{"retry_after": 1e9}', headers: {} }, 60 * 60_000],
    ]
    for (const [answer, ms] of cases) expect(retryAfterMs(answer), answer.body).to.equal(ms)
  })
})
