import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { newsBot } from '#bots/news/index.js'
import { fixture, rejection, rss, SHORT, serve, type TestItem, testContext, using, withFolder } from './support.js'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 3, 21, 18)

/** A feed whose items a test changes between rounds. */
const changing = (items: TestItem[]) => serve((_, response) => response.end(rss(items)))

/** A bot with clocks that the test turns by hand. */
function bot(limits: Parameters<typeof newsBot>[0] = {}) {
  const time = { now: NOW, clock: 0 }
  const news = newsBot({
    now: () => time.now,
    clock: () => time.clock,
    ...limits,
    limits: { ...SHORT, ...limits.limits },
  })
  return { news, time }
}

const contents = (requests: readonly { body: string }[]) =>
  requests.map(({ body }) => (JSON.parse(body) as { content: string }).content.split('\n')[0])

describe('news: the bot', () => {
  it('raises each alert once, across rounds and restarts', () =>
    withFolder((dataFolder) =>
      using(changing([{ id: 'a' }, { id: 'b', title: 'nothing' }, { id: 'a' }]), async ({ url }) => {
        const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url } })
        const { news } = bot()
        await news.cycle(ctx)
        await news.cycle(ctx)
        await bot().news.cycle(ctx)
        expect(ctx.alertLines().map(({ message }) => message)).to.deep.equal(['ALERT FDA approves a [3: fda]'])
        expect(ctx.alerts).to.deep.equal(['FDA approves a [3: fda]'])
        expect(ctx.infos().filter((line) => line.startsWith('cycle'))).to.deep.equal([
          'cycle 1: 1 feed, 2 entries, 2 new, 1 alert',
          'cycle 2: 1 feed, 2 entries, 0 new, 0 alerts',
          'cycle 1: 1 feed, 2 entries, 0 new, 0 alerts',
        ])
        expect(ctx.errors).to.deep.equal([])
        expect(ctx.warnings()).to.deep.equal([])
      }),
    ))

  it('does not alert again after a week on what stood in an unchanged feed all the time', () =>
    withFolder((dataFolder) =>
      using(
        serve((request, response) => {
          if (request.headers['if-none-match']) response.writeHead(304).end()
          else response.writeHead(200, { etag: '"1"' }).end(rss([{ id: 'a' }]))
        }),
        async ({ url }) => {
          const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url } })
          const { news, time } = bot()
          for (let day = 0; day < 9; day++) {
            await news.cycle(ctx)
            time.now += 24 * 60 * MINUTE
          }
          await newsBot({ now: () => time.now, limits: SHORT }).cycle(ctx)
          expect(ctx.infos().at(-1)).to.equal('cycle 1: 1 feed, 1 entry, 0 new, 0 alerts')
          expect(ctx.alerts).to.have.length(1)
        },
      ),
    ))

  it('alerts on the content of real captures, with everything the log line needs', () =>
    withFolder(async (dataFolder) => {
      const bodies: Record<string, Buffer> = {
        '/globe': await fixture('globenewswire-public-companies.rss'),
        '/edgar': await fixture('sec-getcurrent-2026-03-29.atom'),
      }
      await using(
        serve((request, response) => response.end(bodies[request.url])),
        async ({ url }) => {
          const settings = { NEWS_FEEDS: `${url}/globe,${url}/edgar`, NEWS_MAX_AGE_MINUTES: '999999999' }
          const ctx = testContext({ dataFolder, settings })
          await bot().news.cycle(ctx)
          const source = new URL(url).host
          expect(ctx.alertLines().map(({ fields }) => fields)).to.have.deep.members([
            {
              alert: true,
              ticker: 'NYSE:SPNT',
              score: 1,
              categories: ['analyst'],
              title: "S&P upgrades SiriusPoint's Insurance Subsidiaries to 'A'",
              link: 'https://www.globenewswire.com/news-release/2026/04/21/3278316/0/en/example.html',
              source,
            },
            {
              alert: true,
              ticker: undefined,
              score: 1,
              categories: ['filing'],
              title: '8-K - TESLA INC (0001318605) (Filer)',
              link: 'https://www.sec.gov/Archives/edgar/data/1318605/000131860526000015/0001318605-26-000015-index.htm',
              source,
              form: '8-K',
              company: 'TESLA INC',
              cik: '0001318605',
            },
          ])
          expect(ctx.infos().at(-1)).to.equal('cycle 1: 2 feeds, 6 entries, 6 new, 2 alerts')
        },
      )
    }))

  it('leaves out old entries, and keeps those without a date or with a future one', () =>
    withFolder((dataFolder) =>
      using(
        changing([
          { id: 'old', date: NOW - 481 * MINUTE },
          { id: 'recent', date: NOW - 479 * MINUTE },
          { id: 'undated' },
          { id: 'future', date: NOW + 9_999 * MINUTE },
        ]),
        async ({ url }) => {
          const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url } })
          await bot().news.cycle(ctx)
          expect(ctx.alertLines().map(({ fields }) => fields.title)).to.deep.equal([
            'FDA approves recent',
            'FDA approves undated',
            'FDA approves future',
          ])
        },
      ),
    ))

  it('goes on when a feed fails, and does not hold the others up for it', () =>
    withFolder(async (dataFolder) => {
      const hanging = await serve(() => {})
      const hook = await serve((_, response) => response.end())
      await using(changing([{ id: 'a' }]), async ({ url }) => {
        const settings = { NEWS_FEEDS: `${hanging.url}/?token=secret,${url}`, DISCORD_WEBHOOK_URL: hook.url }
        const ctx = testContext({ dataFolder, settings })
        let over = false
        const cycle = Promise.resolve(bot({ limits: { tryMs: 800, tries: 1 } }).news.cycle(ctx)).finally(() => {
          over = true
        })
        while (hook.requests.length === 0 && !over) await new Promise(setImmediate)
        expect(over, 'the message goes out while the other feed hangs').to.equal(false)
        await cycle
        expect(ctx.errors.map(({ message }) => message)).to.deep.equal([
          `news: feed ${new URL(hanging.url).host}: no answer within 0.8 s`,
        ])
        expect(ctx.infos().at(-1)).to.equal('cycle 1: 2 feeds, 1 entry, 1 new, 1 alert, 1 feed failed')
      }).finally(() => Promise.all([hanging.close(), hook.close()]))
    }))

  it('throws when every feed failed, and names each with its reason', () =>
    withFolder((dataFolder) =>
      using(
        serve((request, response) => response.writeHead(request.url === '/a' ? 404 : 200).end('<html></html>')),
        async ({ url }) => {
          const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: `${url}/a,${url}/b` } })
          const { host } = new URL(url)
          const { message } = await rejection(Promise.resolve(bot().news.cycle(ctx)))
          expect(message).to.match(/^news: every feed failed: /)
          expect(message).to.include(`${host}: HTTP 404`).and.include(`${host}: not a feed (an HTML page)`)
          expect(ctx.errors).to.deep.equal([])
        },
      ),
    ))

  it('ends the round in its time, whatever the feeds do', () =>
    withFolder((dataFolder) =>
      using(
        serve(() => {}),
        async ({ url }) => {
          const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url } })
          const started = performance.now()
          const { message } = await rejection(
            Promise.resolve(bot({ limits: { tryMs: 60_000, roundMs: 100 } }).news.cycle(ctx)),
          )
          expect(message).to.include('no answer within 0.1 s')
          expect(performance.now() - started).to.be.within(95, 3_000)
        },
      ),
    ))

  it('stops at once and without an error when it is asked to', () =>
    withFolder(async (dataFolder) => {
      const hook = await serve(() => {})
      await using(
        serve((request, response) => void (request.url === '/a' && response.end(rss([{ id: 'a' }])))),
        async ({ url, requests }) => {
          const settings = { NEWS_FEEDS: `${url}/a,${url}/hangs`, DISCORD_WEBHOOK_URL: hook.url }
          const ctx = testContext({ dataFolder, settings })
          const cycle = bot({ limits: { tryMs: 60_000, webhookMs: 60_000, roundMs: 90_000 } }).news.cycle(ctx)
          while (hook.requests.length === 0) await new Promise(setImmediate)
          const started = performance.now()
          ctx.stopper.abort()
          await cycle
          expect(performance.now() - started).to.be.below(10_000)
          expect(ctx.errors).to.deep.equal([])
          const before = requests.length
          await bot().news.cycle(ctx)
          expect(requests, 'nothing is asked after the end').to.have.length(before)
        },
      ).finally(() => hook.close())
    }))

  it('warns once that EDGAR needs a contact', async () => {
    await withFolder((dataFolder) =>
      using(changing([]), async ({ url }) => {
        const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: `${url},https://www.sec.gov/feed` } })
        const { news } = bot()
        await news.cycle(ctx)
        await news.cycle(ctx)
        expect(ctx.warnings()).to.have.length(1)
        expect(ctx.warnings()[0]).to.include('SEC_USER_AGENT')
        expect(ctx.errors).to.deep.equal([])
        expect(ctx.infos().at(-1)).to.equal('cycle 2: 1 feed, 0 entries, 0 new, 0 alerts')
      }),
    )
    const alone = testContext({ settings: { NEWS_FEEDS: 'https://www.sec.gov/feed' } })
    expect((await rejection(Promise.resolve(bot().news.cycle(alone)))).message).to.include('no feed is left to read')
  })

  it('warns once that a feed was not read whole', () =>
    withFolder((dataFolder) =>
      using(
        serve((_, response) => response.end(rss([{ id: 'a' }, { id: 'b' }]).slice(0, -30))),
        async ({ url }) => {
          const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url } })
          const { news } = bot()
          await news.cycle(ctx)
          await news.cycle(ctx)
          expect(ctx.warnings()).to.deep.equal([
            `news: feed ${new URL(url).host} was not read whole: it ends in the middle`,
          ])
          expect(ctx.alerts).to.have.length(1)
        },
      ),
    ))
})

describe('news: the bot and its webhook', () => {
  const items = (count: number): TestItem[] =>
    Array.from({ length: count }, (_, index) => ({ id: String(index), date: NOW - index * MINUTE }))

  it('sends ten messages a round, oldest first, and the rest in the next, though the feed says unchanged', () =>
    withFolder(async (dataFolder) => {
      const hook = await serve((_, response) => response.writeHead(204).end())
      await using(
        serve((request, response) => {
          if (request.headers['if-none-match']) response.writeHead(304).end()
          else response.writeHead(200, { etag: '"1"' }).end(rss(items(13)))
        }),
        async ({ url }) => {
          const settings = { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: `${hook.url}/secret` }
          const ctx = testContext({ dataFolder, settings })
          const { news } = bot()
          await news.cycle(ctx)
          expect(contents(hook.requests)).to.deep.equal(
            [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((id) => `FDA approves ${id}`),
          )
          expect(ctx.infos().at(-1)).to.equal('cycle 1: 1 feed, 13 entries, 13 new, 13 alerts, 3 waiting for Discord')
          await news.cycle(ctx)
          expect(contents(hook.requests.slice(10))).to.deep.equal([2, 1, 0].map((id) => `FDA approves ${id}`))
          expect(ctx.infos().at(-1)).to.equal('cycle 2: 1 feed, 0 entries, 0 new, 0 alerts')
          expect(ctx.alertLines()).to.have.length(13)
          expect(ctx.errors).to.deep.equal([])
        },
      ).finally(() => hook.close())
    }))

  it('marks an alert as seen only after it went out; logs it once all the same', () =>
    withFolder(async (dataFolder) => {
      let status = 404
      const hook = await serve((_, response) => response.writeHead(status).end())
      const onDisk = async () =>
        Object.keys(JSON.parse(await readFile(join(dataFolder, 'news', 'seen.json'), 'utf8')).seen)
      await using(changing([{ id: 'a' }, { id: 'b', title: 'nothing' }]), async ({ url }) => {
        const { host } = new URL(url)
        const settings = { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: `${hook.url}/secret` }
        const ctx = testContext({ dataFolder, settings })
        const { news, time } = bot()
        await news.cycle(ctx)
        expect(await onDisk()).to.deep.equal([`${host} b`])
        expect(ctx.errors.map(({ message }) => message)).to.deep.equal([
          'Discord webhook: HTTP 404; next try in 30 s at the earliest',
        ])
        await news.cycle(ctx)
        expect(hook.requests, 'a failing webhook is left alone').to.have.length(1)
        time.clock += 30_000
        await news.cycle(ctx)
        expect(ctx.errors[1]?.message).to.include('next try in 60 s')
        time.clock += 30_000
        await news.cycle(ctx)
        expect(hook.requests).to.have.length(2)
        time.clock += 30_000
        status = 204
        await news.cycle(ctx)
        expect(await onDisk()).to.have.members([`${host} a`, `${host} b`])
        expect(ctx.alertLines()).to.have.length(1)
        expect(ctx.alerts).to.have.length(1)
        expect(JSON.stringify([ctx.lines, ctx.errors.map(String)])).to.not.include('secret')
      }).finally(() => hook.close())
    }))

  it('records a sent message before it sends the next, so that a crash repeats nothing', () =>
    withFolder(async (dataFolder) => {
      const written: string[] = []
      const hook = await serve((_, response, index) => {
        if (index === 1) written.push(readFileSync(join(dataFolder, 'news', 'seen.json'), 'utf8'))
        response.writeHead(204).end()
      })
      await using(changing(items(2)), async ({ url }) => {
        await bot().news.cycle(
          testContext({ dataFolder, settings: { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: hook.url } }),
        )
        const { host } = new URL(url)
        expect(written.map((text) => Object.keys(JSON.parse(text).seen))).to.deep.equal([[`${host} 1`]])
      }).finally(() => hook.close())
    }))

  it("resets a webhook's backoff once it works again", () =>
    withFolder(async (dataFolder) => {
      let status = 404
      const hook = await serve((_, response) => response.writeHead(status).end())
      const feed: TestItem[] = [{ id: 'a' }]
      await using(changing(feed), async ({ url }) => {
        const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: hook.url } })
        const { news, time } = bot()
        for (const [index, next] of [404, 404, 204, 404].entries()) {
          status = next
          feed.push({ id: String(index) })
          await news.cycle(ctx)
          time.clock += MINUTE
        }
        expect(ctx.errors.map(({ message }) => /in (\d+) s/.exec(message)?.[1])).to.deep.equal(['30', '60', '30'])
      }).finally(() => hook.close())
    }))

  it('keeps the pace that Discord sets', () =>
    withFolder(async (dataFolder) => {
      const times: number[] = []
      const hook = await serve((_, response) => {
        times.push(performance.now())
        response.writeHead(204, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '0.15' }).end()
      })
      await using(changing(items(2)), async ({ url }) => {
        await bot().news.cycle(
          testContext({ dataFolder, settings: { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: hook.url } }),
        )
        expect(times).to.have.length(2)
        expect((times[1] ?? 0) - (times[0] ?? 0)).to.be.at.least(149)
      }).finally(() => hook.close())
    }))

  it('waits for a dead webhook for at most 15 minutes', () =>
    withFolder(async (dataFolder) => {
      const hook = await serve((_, response) => response.writeHead(404).end())
      await using(changing([{ id: 'a' }]), async ({ url }) => {
        const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: hook.url } })
        const { news, time } = bot()
        for (let round = 0; round < 8; round++) {
          await news.cycle(ctx)
          time.clock += 15 * MINUTE
        }
        const waits = ctx.errors.map(({ message }) => Number(/in ([\d.]+) s/.exec(message)?.[1]))
        expect(waits).to.deep.equal([30, 60, 120, 240, 480, 900, 900, 900])
      }).finally(() => hook.close())
    }))

  it('drops alerts that got too old while they waited', () =>
    withFolder(async (dataFolder) => {
      let status = 404
      const hook = await serve((_, response) => response.writeHead(status).end())
      const feed = [{ id: 'a', date: NOW }]
      await using(changing(feed), async ({ url }) => {
        const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: hook.url } })
        const { news, time } = bot()
        await news.cycle(ctx)
        status = 204
        time.clock += 481 * MINUTE
        time.now += 481 * MINUTE
        await news.cycle(ctx)
        expect(hook.requests).to.have.length(1)
        expect(ctx.warnings()).to.deep.equal([
          'news: alerts that waited too long for Discord and stay in the log only: 1',
        ])
        expect(ctx.infos().at(-1)).to.equal('cycle 2: 1 feed, 1 entry, 0 new, 0 alerts')
      }).finally(() => hook.close())
    }))

  it('waits for the next round when the rate limit outlasts this one', () =>
    withFolder(async (dataFolder) => {
      const hook = await serve((_, response, index) =>
        index === 0 ? response.writeHead(429).end('{"retry_after": 60}') : response.writeHead(204).end(),
      )
      await using(changing([{ id: 'a' }]), async ({ url }) => {
        const ctx = testContext({ dataFolder, settings: { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: hook.url } })
        const { news, time } = bot()
        await news.cycle(ctx)
        time.clock += 59_000
        await news.cycle(ctx)
        expect(hook.requests).to.have.length(1)
        time.clock += 1_000
        await news.cycle(ctx)
        expect(hook.requests).to.have.length(2)
        expect(ctx.errors).to.deep.equal([])
        expect(ctx.warnings()).to.deep.equal(['news: Discord takes no more messages for 60 s; 1 waiting'])
      }).finally(() => hook.close())
    }))

  it('posts nothing in a dry run, and leaves the alerts to the real one', () =>
    withFolder(async (dataFolder) => {
      const hook = await serve((_, response) => response.writeHead(204).end())
      await using(changing([{ id: 'a' }]), async ({ url }) => {
        const settings = { NEWS_FEEDS: url, DISCORD_WEBHOOK_URL: hook.url }
        const dry = testContext({ dataFolder, settings, dryRun: true })
        const { news } = bot()
        await news.cycle(dry)
        await news.cycle(dry)
        expect(dry.alertLines()).to.have.length(1)
        expect(hook.requests).to.have.length(0)
        expect(await readdir(dataFolder)).to.deep.equal([])
        await bot().news.cycle(testContext({ dataFolder, settings }))
        expect(hook.requests).to.have.length(1)
      }).finally(() => hook.close())
    }))
})
