import { expect } from 'chai'
import { decodeFeed } from '#bots/news/feed/decode.js'
import { NotAFeed, parseFeed } from '#bots/news/feed/parse-feed.js'
import { fixture } from '../support.js'

const channel = (items: string) => `<rss version="2.0"><channel><title>Channel</title>${items}</channel></rss>`
const titles = (xml: string) => parseFeed(xml).entries.map(({ title }) => title)

describe('news: parseFeed', () => {
  it('reads a capture of GlobeNewswire', async () => {
    const { entries, cut } = parseFeed(decodeFeed(await fixture('globenewswire-public-companies.rss')))
    expect(cut).to.equal(undefined)
    expect(entries).to.have.length(3)
    const id = 'https://www.globenewswire.com/news-release/2026/04/21/3278316/0/en/example.html'
    expect(entries[0]).to.deep.equal({
      id,
      title: "S&P upgrades SiriusPoint's Insurance Subsidiaries to 'A'",
      text: 'HAMILTON, Bermuda ... announced today ...',
      link: id,
      published: Date.UTC(2026, 3, 21, 17, 22),
      categories: [
        { scheme: 'https://www.globenewswire.com/rss/stock', term: 'NYSE:SPNT' },
        { scheme: 'https://www.globenewswire.com/rss/ISIN', term: 'BMG8192H1060' },
      ],
    })
    expect(entries[2]?.text).to.equal('15 July 2026')
  })

  it('reads a capture of EDGAR', async () => {
    const { entries } = parseFeed(decodeFeed(await fixture('sec-getcurrent-2026-03-29.atom')))
    expect(entries).to.have.length(3)
    expect(entries[2]).to.deep.equal({
      id: 'urn:tag:sec.gov,2008:accession-number=0001318605-26-000015',
      title: '8-K - TESLA INC (0001318605) (Filer)',
      text: 'Filed: 2026-03-26 AccNo: 0001318605-26-000015 Size: 1 MB',
      link: 'https://www.sec.gov/Archives/edgar/data/1318605/000131860526000015/0001318605-26-000015-index.htm',
      published: Date.UTC(2026, 2, 26, 12, 10),
      categories: [{ scheme: 'https://www.sec.gov/', term: '8-K' }],
    })
  })

  it('reads RSS 1.0 and Atom with XHTML content', () => {
    expect(
      titles('<rdf:RDF><channel><title>c</title></channel><item><title>one</title></item></rdf:RDF>'),
    ).to.deep.equal(['one'])
    const [entry] = parseFeed(
      '<feed><entry><id>urn:x</id><title>t</title><content type="xhtml"><div>a<p>b</p>c</div></content></entry></feed>',
    ).entries
    expect(entry?.text).to.equal('a b c')
  })

  it('takes the direct children of an entry only', () => {
    const xml =
      '<feed><entry><source><id>other</id><title>Other</title></source><author><title>Mr</title></author>' +
      '<media:title>Media</media:title><id>mine</id><title>Mine</title></entry></feed>'
    expect(parseFeed(xml).entries[0]).to.include({ id: 'mine', title: 'Mine' })
  })

  it('names an entry by guid, else link, else title, and drops one without any', () => {
    const xml = channel(
      '<item><guid isPermaLink="false">g</guid><link>https://a.example/1</link></item>' +
        '<item><link>https://a.example/2</link><title>t</title></item><item><title>only</title></item><item/>',
    )
    expect(parseFeed(xml).entries.map(({ id }) => id)).to.deep.equal(['g', 'https://a.example/2', 'only'])
  })

  it('keeps absolute http and https links only', () => {
    const link = (inner: string) => parseFeed(channel(`<item><title>t</title>${inner}</item>`)).entries[0]?.link
    expect(link('<link>https://a.example/x?a=1&amp;b=2</link>')).to.equal('https://a.example/x?a=1&b=2')
    for (const bad of ['javascript:alert(1)', '/relative', '//host/x', 'file:///etc/passwd', 'http://', 'https://a b/'])
      expect(link(`<link>${bad}</link>`), bad).to.equal(undefined)
    expect(link(`<link>https://a.example/${'x'.repeat(1_982)}</link>`)).to.have.length(2_000)
    expect(link(`<link>https://a.example/${'x'.repeat(1_983)}</link>`)).to.equal(undefined)
    expect(link('<guid>https://a.example/g</guid>')).to.equal('https://a.example/g')
    expect(link('<guid isPermaLink="false">https://a.example/g</guid>')).to.equal(undefined)
    expect(link('<link rel="self" href="https://a.example/s"/><link href="https://a.example/alt"/>')).to.equal(
      'https://a.example/alt',
    )
  })

  it('strips tags, decodes entities twice where feeds encode twice, and drops control characters', () => {
    const xml = channel(
      '<item><title>AT&amp;amp;T &#27;[31m &lt;b&gt;up&lt;/b&gt; 5 &lt; 6</title>' +
        '<description><![CDATA[<p class="x">one&nbsp;two</p><br/>three &unknown; \u202egnal]]></description></item>',
    )
    const [entry] = parseFeed(xml).entries
    expect(entry?.title).to.equal('AT&T [31m up 5 < 6')
    expect(entry?.text).to.equal('one two three &unknown; gnal')
  })

  it('cuts long titles and texts, never through a character', () => {
    const xml = channel(
      `<item><title>${'😀'.repeat(400)}</title><description>${'x'.repeat(9_000)}</description></item>`,
    )
    const [entry] = parseFeed(xml).entries
    expect(entry?.title).to.equal(`${'😀'.repeat(149)}…`)
    expect(entry?.text).to.have.length(2_000)
  })

  it('collapses duplicates, the first one wins', () => {
    const item = (title: string) => `<item><guid>same</guid><title>${title}</title></item>`
    expect(titles(channel(item('first') + item('second')))).to.deep.equal(['first'])
  })

  it('stops at 500 entries and says so', () => {
    const items = (count: number) => Array.from({ length: count }, (_, i) => `<item><guid>${i}</guid></item>`).join('')
    expect(parseFeed(channel(items(500)))).to.not.have.property('cut')
    const more = parseFeed(channel(items(501)))
    expect(more.entries).to.have.length(500)
    expect(more).to.include({ cut: 'it has more than 500 entries' }).and.not.have.property('brokenOff')
  })

  it('stops after 5,000 items, though they are all the same', () => {
    const items = (count: number) => channel('<item><guid>1</guid></item>'.repeat(count))
    expect(parseFeed(items(5_000))).to.not.have.property('cut')
    expect(parseFeed(items(5_001)).cut).to.equal('it has more than 5000 entries')
  })

  it('yields the whole entries before a cut', () => {
    const whole = channel('<item><guid>1</guid></item><item><guid>2</guid><title>two</title></item>')
    for (let end = whole.indexOf('</item>') + 7; end < whole.lastIndexOf('</item>') + 7; end++) {
      const { entries, brokenOff } = parseFeed(whole.slice(0, end))
      expect(entries.map(({ id }) => id)).to.deep.equal(['1'])
      expect(brokenOff).to.equal(true)
    }
  })

  it('leaves entities of a DOCTYPE as they stand', () => {
    const bomb =
      '<!DOCTYPE rss [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>' +
      channel('<item><guid>1</guid><title>&b; &x;</title></item>')
    expect(titles(bomb)).to.deep.equal(['&b; &x;'])
  })

  it('recognizes what is no feed', () => {
    const reason = (text: string) => {
      try {
        parseFeed(text)
      } catch (error) {
        if (error instanceof NotAFeed) return error.message
        throw error
      }
      return 'a feed'
    }
    expect(reason('<!DOCTYPE html><HTML><body><item><title>x</title></item></body></HTML>')).to.equal(
      'not a feed (an HTML page)',
    )
    expect(reason('{"error": "no"}')).to.equal('not a feed (no XML)')
    expect(reason('  \n')).to.equal('not a feed (empty)')
    expect(reason('<soap\u001b:Envelope/>')).to.equal('not a feed (it starts with <soap>)')
    expect(reason('<rss/>')).to.equal('a feed')
  })

  it('reads 3 MB of anything in time that grows with its length', function () {
    this.timeout(120_000)
    const fill = (text: string) => text.repeat(Math.ceil((3 * 1024 * 1024) / text.length))
    const open = '<rss><channel><item><guid>first</guid></item><item><description>'
    const hostile = {
      lt: open + fill('<'),
      amp: open + fill('&'),
      entities: open + fill('&amp;'),
      deep: fill('<a>'),
      'deep in an entry': open + fill('<a>'),
      'end tags': open + fill('</x>'),
      brackets: `${open}<![CDATA[${fill(']')}`,
      attributes: `<rss ${fill('a=b ')}>`,
      blanks: open + fill(' '),
      items: `<rss>${fill('<item/>')}`,
    }
    for (const [name, text] of Object.entries(hostile)) {
      const started = performance.now()
      try {
        parseFeed(text)
      } catch (error) {
        expect(error, name).to.be.instanceOf(NotAFeed)
      }
      expect(performance.now() - started, name).to.be.below(10_000) // about one second; by the square it takes minutes
    }
  })
})
