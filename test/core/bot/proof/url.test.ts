import { expect } from 'chai'
import { judgeAnswer, urlProbe } from '#core/bot/proof/url.js'
import { listen, type TestServer } from '../../../support/e2e/server.js'

const fresh = { text: '.bot.time', path: ['bot', 'time'] }
const answer = (time: unknown, status = 200) => ({ status, body: JSON.stringify({ bot: { time } }) })

describe('the answer of a health address', () => {
  it('is proof with any 2xx, as long as nothing more is demanded', () => {
    for (const status of [200, 204, 299])
      expect(judgeAnswer({ status, body: '' }, {}, undefined).probed).to.deep.equal({ is: 'proof' })
    for (const status of [199, 301, 404, 503])
      expect(judgeAnswer({ status, body: '' }, {}, undefined).probed).to.deep.equal({
        is: 'silence',
        why: `HTTP ${status}`,
      })
  })

  it('must match the pattern', () => {
    const expectation = { expect: (text: string) => text.includes('running') }
    expect(judgeAnswer({ status: 200, body: 'running' }, expectation, undefined).probed.is).to.equal('proof')
    expect(judgeAnswer({ status: 200, body: 'stopped' }, expectation, undefined).probed).to.deep.equal({
      is: 'silence',
      why: 'the answer does not match BOT_HEALTH_EXPECT',
    })
  })

  it('must have a value that changes: a text, a number, a switch', () => {
    for (const [before, now] of [
      [1, 2],
      ['a', 'b'],
      [true, false],
      [2, 1],
      [1, '1'],
    ] as const)
      expect(judgeAnswer(answer(now), { fresh }, before)).to.deep.equal({ probed: { is: 'proof' }, value: now })
    expect(judgeAnswer(answer(5), { fresh }, 5)).to.deep.equal({
      probed: { is: 'silence', why: 'the value of .bot.time has not changed', isUsual: true },
      value: 5,
    })
    expect(judgeAnswer(answer(5), { fresh }, undefined)).to.deep.equal({
      probed: { is: 'silence', why: 'the value of .bot.time has been seen only once', isUsual: true },
      value: 5,
    })
  })

  it('without that value proves nothing, and does not make the old one new', () => {
    for (const body of ['', 'ok', '{}', '{"bot":1}', '{"bot":{"time":null}}', '{"bot":{"time":{"a":1}}}', '[[[['])
      expect(judgeAnswer({ status: 200, body }, { fresh }, 5), body).to.deep.equal({
        probed: { is: 'silence', why: 'the answer has no value at .bot.time' },
        value: 5,
      })
    expect(judgeAnswer(answer(6, 500), { fresh }, 5).value).to.equal(5)
  })
})

describe('the probe of a health address', () => {
  let server: TestServer
  let body = ''

  beforeEach(async () => {
    server = await listen((_, response) => response.end(body))
  })
  afterEach(() => server.close())

  it('compares each answer with the one before', async () => {
    const probe = urlProbe(server.url, { fresh })
    const found: string[] = []
    for (const time of [1, 2, 2, 3]) {
      body = answer(time).body
      found.push((await probe()).is)
    }
    expect(found).to.deep.equal(['silence', 'proof', 'silence', 'proof'])
  })

  it('reads no more than a megabyte, and tells why there was no answer', async () => {
    body = 'x'.repeat(1024 * 1024 + 1)
    expect(await urlProbe(server.url, {})()).to.deep.equal({
      is: 'silence',
      why: 'the answer is longer than 1048576 bytes',
    })
    await server.close()
    expect(await urlProbe(server.url, {})()).to.deep.equal({ is: 'silence', why: 'connection refused' })
  })
})
