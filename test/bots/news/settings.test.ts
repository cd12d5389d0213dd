import { expect } from 'chai'
import { DEFAULT_FEEDS, demoSettings, isSec, readSettings } from '#bots/news/settings.js'

const feeds = (value: string) => readSettings({ NEWS_FEEDS: value }).feeds.map(({ href }) => href)

describe('news: settings', () => {
  it('have defaults', () => {
    const settings = readSettings({})
    expect(settings.feeds.map(({ href }) => href)).to.deep.equal(DEFAULT_FEEDS)
    expect(settings)
      .to.include({ maxAgeMs: 480 * 60_000, minScore: 1 })
      .and.not.have.any.keys('webhook', 'secUserAgent')
    expect(
      readSettings({ NEWS_FEEDS: ' ', MIN_SCORE: '', NEWS_MAX_AGE_MINUTES: ' ', DISCORD_WEBHOOK_URL: '' }),
    ).to.deep.equal(settings)
  })

  it('take numbers of any size', () => {
    expect(readSettings({ NEWS_MAX_AGE_MINUTES: '5256000', MIN_SCORE: '-0.5' })).to.include({
      maxAgeMs: 5_256_000 * 60_000,
      minScore: -0.5,
    })
  })

  it('split feeds at commas, each feed once', () => {
    expect(feeds(' http://a.example/x , https://b.example/,, http://a.example/x#top')).to.deep.equal([
      'http://a.example/x',
      'https://b.example/',
    ])
  })

  it('take 40 feeds and no more', () => {
    const list = (count: number) => Array.from({ length: count }, (_, i) => `http://a.example/${i}`).join(',')
    expect(feeds(list(40))).to.have.length(40)
    expect(() => feeds(list(41))).to.throw('NEWS_FEEDS must be at most 40 addresses')
  })

  it('name a wrong setting and never repeat its value', () => {
    const wrong: [settings: Record<string, string>, message: string][] = [
      [{ NEWS_FEEDS: 'http://a.example,ftp://secret' }, 'NEWS_FEEDS must be http:// or https:// addresses'],
      [{ NEWS_FEEDS: 'secret' }, 'NEWS_FEEDS must be http:// or https:// addresses'],
      [{ DISCORD_WEBHOOK_URL: 'secret' }, 'DISCORD_WEBHOOK_URL must be an http:// or https:// address'],
      [{ MIN_SCORE: 'secret' }, 'MIN_SCORE must be a number'],
      [{ NEWS_MAX_AGE_MINUTES: '-1' }, 'NEWS_MAX_AGE_MINUTES must be a number of min of at least 0'],
      [{ SEC_USER_AGENT: 'secret\r\nHost: x' }, 'SEC_USER_AGENT may hold plain ASCII characters only'],
    ]
    for (const [settings, message] of wrong) {
      expect(() => readSettings(settings), message)
        .to.throw(message)
        .with.property('message')
        .not.include('secret')
    }
  })

  it('of the demo know one feed and no webhook, whatever is set', () => {
    const feed = new URL('http://127.0.0.1:1/')
    const settings = {
      DISCORD_WEBHOOK_URL: 'https://discord.com/api/webhooks/1/x',
      NEWS_FEEDS: 'nonsense',
      MIN_SCORE: '2',
    }
    expect(demoSettings(settings, feed)).to.deep.equal({ feeds: [feed], maxAgeMs: 480 * 60_000, minScore: 2 })
  })

  it('know the hosts of the SEC', () => {
    expect(isSec(new URL('https://www.sec.gov/x'))).to.equal(true)
    expect(isSec(new URL('https://sec.gov/x'))).to.equal(true)
    expect(isSec(new URL('https://notsec.gov/x'))).to.equal(false)
    expect(isSec(new URL('https://sec.gov.example/x'))).to.equal(false)
  })
})
