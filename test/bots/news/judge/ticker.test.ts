import { expect } from 'chai'
import { filingOf } from '#bots/news/judge/filing.js'
import { tickerOf } from '#bots/news/judge/ticker.js'

const entry = (title: string, text = '', stock: string[] = []) => ({
  title,
  text,
  categories: stock.map((term) => ({ scheme: 'https://www.globenewswire.com/rss/stock', term })),
})

describe('news: tickerOf', () => {
  const cases: [title: string, stock: string[], ticker: string | undefined][] = [
    ['from the category', ['Nasdaq:RPRX'], 'NASDAQ:RPRX'],
    ['from the first category that is one', ['nonsense', 'Paris:IPS', 'NYSE:SPNT'], 'PARIS:IPS'],
    ['the category before (NYSE: OTHER)', ['NYSE:SPNT'], 'NYSE:SPNT'],
    ['Acme (NASDAQ: XYZ) wins', [], 'NASDAQ:XYZ'],
    ['Acme (Nasdaq:XYZ) wins', [], 'NASDAQ:XYZ'],
    ['Acme (NYSE American: XYZ) wins', [], 'NYSE AMERICAN:XYZ'],
    ['Acme (NYSE: BRK.B) wins', [], 'NYSE:BRK.B'],
    ['Acme (NASDAQ: ABC; TSX: ABC) wins', [], 'NASDAQ:ABC'],
    ['Acme ( TSX-V : ABC ) wins', [], 'TSX-V:ABC'],
    ['Acme (OTCQB: ABCDF) wins', [], 'OTCQB:ABCDF'],
    ['Acme (Nasdaq: the market) (NYSE: REAL)', [], 'NYSE:REAL'],
    ['Acme (NASDAQ) wins', [], undefined],
    ['Acme NASDAQ: XYZ wins', [], undefined],
    ['Acme (Note: XYZ) wins', [], undefined],
  ]
  for (const [title, stock, ticker] of cases) {
    it(`finds ${ticker} in '${title}' ${stock.join(' ')}`, () => {
      expect(tickerOf(entry(title, '', stock))).to.equal(ticker)
    })
  }

  it('looks into the text when the title has none', () => {
    expect(tickerOf(entry('Acme wins', 'Acme (NASDAQ: XYZ) today'))).to.equal('NASDAQ:XYZ')
  })

  it('ignores other categories', () => {
    const isin = { scheme: 'https://www.globenewswire.com/rss/ISIN', term: 'Nasdaq:RPRX' }
    expect(tickerOf({ title: '', text: '', categories: [isin] })).to.equal(undefined)
  })
})

describe('news: filingOf', () => {
  it('reads form, company and CIK', () => {
    expect(filingOf({ title: '8-K - TESLA INC (0001318605) (Filer)', text: '' })).to.deep.equal({
      form: '8-K',
      company: 'TESLA INC',
      cik: '0001318605',
      items: [],
    })
  })

  it('reads the items, each once', () => {
    const text = 'Filed: 2026-03-26 Size: 1 MB Item 2.02: Results Item 9.01: Exhibits Item 2.02: again'
    expect(filingOf({ title: '8-K/A - A (B) - C (0000000001) (Subject)', text })).to.deep.equal({
      form: '8-K/A',
      company: 'A (B) - C',
      cik: '0000000001',
      items: ['2.02', '9.01'],
    })
  })

  it('leaves other news alone', () => {
    expect(filingOf({ title: 'Acme - a company (1234567) wins', text: '' })).to.equal(undefined)
  })
})
