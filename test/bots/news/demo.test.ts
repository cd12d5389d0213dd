import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { expect } from 'chai'
import { startDemo } from '#bots/news/demo.js'
import { DEMO_ITEMS } from '#bots/news/feed/demo-feed.js'
import { parseFeed } from '#bots/news/feed/parse-feed.js'
import { newsBot } from '#bots/news/index.js'
import { scoreEntry } from '#bots/news/judge/score.js'
import { SHORT, serve, testContext, using, withFolder } from './support.js'

const NOW = Date.UTC(2026, 3, 21, 18)
const MINUTE = 60_000

async function read(url: URL) {
  const { entries, cut } = parseFeed(await (await fetch(url)).text())
  expect(cut).to.equal(undefined)
  return entries
}

describe('news: the demo', () => {
  it('shows an alert at first, then one or two new items at each request, for ever, with fresh ids and dates', async () => {
    let now = NOW
    await using(
      startDemo(() => now),
      async ({ url }) => {
        expect(url.hostname).to.equal('127.0.0.1')
        const first = await read(url)
        expect(first.map((entry) => scoreEntry(entry, url.host).score).some((score) => score >= 1)).to.equal(true)
        for (const { published } of first) expect(published).to.be.within(NOW - 10 * MINUTE, NOW)
        const known = new Set(first.map(({ id }) => id))
        for (let request = 1; request < 3 * DEMO_ITEMS.length; request++) {
          now += MINUTE
          const fresh = (await read(url)).filter(({ id }) => !known.has(id))
          expect(fresh.length).to.be.within(1, 2)
          for (const { id, published } of fresh) {
            known.add(id)
            if (published !== undefined) expect(published).to.equal(now)
          }
        }
        expect(known.size).to.be.above(2 * DEMO_ITEMS.length)
      },
    )
  })

  it('mixes items above and below the default score', () => {
    const scores = DEMO_ITEMS.map((item) => scoreEntry(item, '127.0.0.1').score)
    expect(scores.filter((score) => score >= 1)).to.have.length.within(4, 8)
    expect(scores.some((score) => score < 0)).to.equal(true)
    expect(DEMO_ITEMS.some(({ twice }) => twice)).to.equal(true)
  })

  it('runs the whole bot: alerts in the log, nothing posted, nothing kept, the port free afterwards', () =>
    withFolder(async (dataFolder) => {
      const hook = await serve((_, response) => response.writeHead(204).end())
      const settings = { NEWS_FEEDS: 'not even a URL', DISCORD_WEBHOOK_URL: hook.url }
      const ctx = testContext({ dataFolder, settings })
      const bot = newsBot({ demo: true, now: () => NOW, limits: SHORT })
      for (let cycle = 0; cycle < 3; cycle++) await bot.cycle(ctx)
      expect(ctx.alertLines()).to.have.length.at.least(2)
      expect(ctx.alertLines().map(({ fields }) => fields.ticker)).to.include.members(['DEMO:MADE', 'NASDAQ:ZVZZT'])
      expect(ctx.infos().filter((line) => line.startsWith('cycle'))).to.deep.equal([
        'cycle 1: 1 feed, 4 entries, 4 new, 2 alerts',
        'cycle 2: 1 feed, 5 entries, 1 new, 0 alerts',
        'cycle 3: 1 feed, 7 entries, 2 new, 1 alert',
      ])
      expect(ctx.errors).to.deep.equal([])
      expect(hook.requests).to.have.length(0)
      expect(await readdir(dataFolder)).to.deep.equal([])
      const host = String(ctx.alertLines()[0]?.fields.source)
      await bot.stop?.()
      const answer = await fetch(`http://${host}/feed.xml`).catch(() => undefined)
      expect(answer).to.equal(undefined)
      await hook.close()
    }))

  it('serves nothing but its feed', () =>
    using(startDemo(Date.now), async ({ url }) => {
      expect((await fetch(new URL('/other', url))).status).to.equal(404)
      expect((await fetch(url, { method: 'POST' })).status).to.equal(404)
    }))

  it('keeps no process alive, and is gone at once though somebody is still connected', async () => {
    const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
    const before = servers()
    const server = await startDemo(Date.now)
    expect(servers()).to.equal(before)
    const socket = connect(Number(server.url.port), '127.0.0.1')
    await new Promise<void>((resolve) => socket.write('GET /feed.xml HTTP/1.1\r\n', () => resolve()))
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.on('close', resolve))
    await server.close()
    await closed
  })

  it('can be stopped before it began', async () => {
    await newsBot({ demo: true }).stop?.()
  })
})
