import { expect } from 'chai'
import { deadline } from '#bots/news/deadline.js'
import { LIMITS, type Limits } from '#bots/news/limits.js'
import type { Alert } from '#bots/news/post/alert.js'
import { postMessage } from '#bots/news/post/discord.js'
import { discordMessage } from '#bots/news/post/discord-message.js'
import { SHORT, serve, using } from '../support.js'

const ALERT: Alert = {
  key: 'k',
  title: 'Acme wins',
  score: 1.5,
  categories: ['contract'],
  ticker: 'NASDAQ:XYZ',
  link: 'https://a.example/1',
  source: 'feed.example',
  time: 0,
}

async function post(url: string, limits: Partial<Limits> = {}, parent = new AbortController().signal) {
  const all = { ...LIMITS, ...SHORT, ...limits }
  const round = deadline(parent, all.roundMs)
  try {
    return await postMessage(new URL(`${url}/api/webhooks/1/secret`), discordMessage(ALERT), round, all)
  } finally {
    round.end()
  }
}

describe('news: discordMessage', () => {
  it('says who, what, why and where, and mentions nobody', () => {
    expect(discordMessage(ALERT)).to.deep.equal({
      content: '**NASDAQ:XYZ** Acme wins\nscore 1.5 · contract · feed.example\nhttps://a.example/1',
      allowed_mentions: { parse: [] },
    })
  })

  it('shows markup as it stands', () => {
    const { content } = discordMessage({ ...ALERT, title: '[x](http://evil.example) <@1> **b** `c` ||d|| a_b' })
    expect(content.split('\n')[0]).to.equal(
      '**NASDAQ:XYZ** \\[x\\]\\(http://evil.example\\) \\<@1\\> \\*\\*b\\*\\* \\`c\\` \\|\\|d\\|\\| a\\_b',
    )
  })

  it('stays within 2,000 characters and leaves out a link that is too long', () => {
    const long = { ...ALERT, title: '*'.repeat(300), categories: Array.from({ length: 300 }, () => 'category') }
    expect(discordMessage(long).content).to.have.length.at.most(2_000)
    const link = `https://a.example/${'x'.repeat(1_500)}`
    expect(discordMessage({ ...ALERT, link }).content).to.not.include('https')
  })

  it('names company and CIK of a filing', () => {
    const filing = { form: '8-K', company: 'TESLA INC', cik: '0001318605', items: [] }
    const { ticker: _, ...rest } = ALERT
    expect(discordMessage({ ...rest, filing }).content).to.match(/^\*\*TESLA INC \\\(CIK 0001318605\\\)\*\* 8-K\n/)
  })
})

describe('news: postMessage', () => {
  it('posts JSON and waits until Discord has taken it', () =>
    using(
      serve((_, response) => response.end('{}')),
      async ({ url, requests }) => {
        expect(await post(url)).to.deep.equal({ kind: 'sent', waitMs: 0 })
        expect(requests[0]).to.include({ method: 'POST', url: '/api/webhooks/1/secret?wait=true' })
        expect(requests[0]?.headers['content-type']).to.equal('application/json')
        expect(JSON.parse(requests[0]?.body ?? '')).to.deep.equal(discordMessage(ALERT))
      },
    ))

  it('tells how long the rate limit is used up', () =>
    using(
      serve((_, response) =>
        response.writeHead(204, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.5' }).end(),
      ),
      async ({ url }) => expect(await post(url)).to.deep.equal({ kind: 'sent', waitMs: 1_500 }),
    ))

  for (const [where, headers, body] of [
    ['the body', {}, '{"message": "limited", "retry_after": 0.12, "global": false}'],
    ['the header', { 'retry-after': '0.12' }, '<html>limited</html>'],
    ['the body before the header', { 'retry-after': '3600' }, '{"retry_after": 0.12}'],
  ] as const) {
    it(`waits as ${where} of a 429 says`, () =>
      using(
        serve((_, response, index) =>
          response.writeHead(index === 0 ? 429 : 204, headers).end(index === 0 ? body : ''),
        ),
        async ({ url, requests }) => {
          const started = performance.now()
          expect((await post(url)).kind).to.equal('sent')
          expect(requests).to.have.length(2)
          expect(performance.now() - started).to.be.within(119, 3_000)
        },
      ))
  }

  it('puts off what the rate limit allows only after the round', () =>
    using(
      serve((_, response) => response.writeHead(429).end('{"retry_after": 600}')),
      async ({ url, requests }) => {
        expect(await post(url)).to.deep.equal({ kind: 'later', waitMs: 600_000 })
        expect(requests).to.have.length(1)
      },
    ))

  it('does not run round in circles with a server that always says 429', () =>
    using(
      serve((_, response) => response.writeHead(429).end('{"retry_after": 0}')),
      async ({ url, requests }) => {
        expect(await post(url)).to.deep.equal({ kind: 'failed', reason: 'HTTP 429' })
        expect(requests).to.have.length(6)
      },
    ))

  it('tries 5xx three times', () =>
    using(
      serve((_, response, index) => response.writeHead(index < 2 ? 500 : 204).end()),
      async ({ url, requests }) => {
        expect((await post(url)).kind).to.equal('sent')
        expect(requests).to.have.length(3)
      },
    ))

  it('tries a server that hangs three times, each within its limit', () =>
    using(
      serve(() => {}),
      async ({ url, requests }) => {
        expect(await post(url, { webhookMs: 60 })).to.deep.equal({ kind: 'failed', reason: 'no answer within 0.06 s' })
        expect(requests).to.have.length(3)
      },
    ))

  for (const status of [400, 401, 404, 302]) {
    it(`takes ${status} for an answer`, () =>
      using(
        serve((_, response) => response.writeHead(status, { location: '/elsewhere' }).end()),
        async ({ url, requests }) => {
          expect(await post(url)).to.deep.equal({ kind: 'failed', reason: `HTTP ${status}` })
          expect(requests).to.have.length(1)
        },
      ))
  }

  it('never puts the URL into the reason', async () => {
    const closed = await serve(() => {})
    await closed.close()
    expect(await post(closed.url)).to.deep.equal({ kind: 'failed', reason: 'connection refused' })
  })

  it('stops when the bot does, also while it waits for the rate limit', () =>
    using(
      serve((_, response, index) => {
        if (index === 0) response.writeHead(429).end('{"retry_after": 3}')
      }),
      async ({ url }) => {
        const stopper = new AbortController()
        const started = performance.now()
        setTimeout(() => stopper.abort(), 80)
        expect(await post(url, {}, stopper.signal)).to.deep.equal({ kind: 'stopped' })
        expect(performance.now() - started).to.be.below(2_500)
      },
    ))
})
