import { expect } from 'chai'
import { judgeUpdates, telegramProbe } from '#core/bot/proof/telegram.js'
import { listen, type TestServer } from '../../../support/e2e/server.js'

const TOKEN = '123456:swordfish'
const answer = (count: unknown) => ({
  status: 200,
  body: JSON.stringify({ ok: true, result: { url: '', pending_update_count: count } }),
})

describe('the updates that wait at Telegram', () => {
  const cases: [what: string, now: number, before: number | undefined, is: string][] = [
    ['none, at first', 0, undefined, 'proof'],
    ['none', 0, 5, 'proof'],
    ['fewer', 3, 5, 'proof'],
    ['some, at first', 3, undefined, 'unknown'],
    ['as many', 5, 5, 'silence'],
    ['more', 7, 5, 'silence'],
  ]
  for (const [what, now, before, is] of cases)
    it(`are ${is === 'proof' ? 'proof' : 'none'} where there are ${what}: ${is}`, () =>
      expect(judgeUpdates(answer(now), before).probed.is).to.equal(is))

  it('are told', () => {
    expect(judgeUpdates(answer(1), 1).probed).to.deep.equal({
      is: 'silence',
      why: '1 update waits, and nobody fetches them',
    })
  })

  it('are unknown where we get no answer that holds: that is no silence of the bot', () => {
    for (const [status, body, why] of [
      [401, '', 'HTTP 401: Telegram does not know BOT_TELEGRAM_TOKEN'],
      [404, '', 'HTTP 404: Telegram does not know BOT_TELEGRAM_TOKEN'],
      [502, '', 'HTTP 502'],
      [429, '', 'HTTP 429'],
      [200, 'hello', 'the answer is not that of the Telegram Bot API'],
      [200, answer(-1).body, 'the answer is not that of the Telegram Bot API'],
      [200, answer('5').body, 'the answer is not that of the Telegram Bot API'],
      [200, 'null', 'the answer is not that of the Telegram Bot API'],
    ] as const)
      expect(judgeUpdates({ status, body }, 5)).to.deep.equal({ probed: { is: 'unknown', why }, count: undefined })
  })
})

describe('the probe of Telegram', () => {
  let server: TestServer
  const asked: (string | undefined)[] = []
  let reply = answer(0)

  beforeEach(async () => {
    asked.length = 0
    server = await listen(({ url }, response) => {
      asked.push(url)
      response.writeHead(reply.status).end(reply.body)
    })
  })
  afterEach(() => server.close())

  it('asks a server of its own, compares, and takes nothing over from before it could not ask', async () => {
    const probe = telegramProbe(`${server.url}/`, TOKEN)
    const found: string[] = []
    for (const next of [answer(4), answer(4), { status: 502, body: '' }, answer(4), answer(2)]) {
      reply = next
      found.push((await probe()).is)
    }
    expect(found).to.deep.equal(['unknown', 'silence', 'unknown', 'unknown', 'proof'])
    expect(new Set(asked)).to.deep.equal(new Set([`/bot${TOKEN}/getWebhookInfo`]))
  })

  it('never tells the token, whatever goes wrong', async () => {
    const said: string[] = []
    reply = { status: 401, body: TOKEN }
    said.push(JSON.stringify(await telegramProbe(server.url, TOKEN)()))
    await server.close()
    for (const api of [server.url, 'https://127.0.0.1:1', 'http://no-such-host.invalid'])
      said.push(JSON.stringify(await telegramProbe(api, TOKEN)()))
    for (const text of said) expect(text).to.include('"unknown"').and.not.include('swordfish')
  })
})
