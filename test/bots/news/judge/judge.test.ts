import { expect } from 'chai'
import type { Entry } from '#bots/news/feed/entry.js'
import { judge, seenKey } from '#bots/news/judge/judge.js'
import { headlineOf, logFields, subjectOf, summaryOf, toAlert } from '#bots/news/post/alert.js'

const MINUTE = 60_000
const now = Date.UTC(2026, 3, 21, 12)
const criteria = { source: 'feed.example', now, maxAgeMs: 480 * MINUTE, minScore: 1 }
const entry = (title: string, ageMinutes?: number): Entry => ({
  id: title,
  title,
  text: '',
  categories: [],
  ...(ageMinutes === undefined ? {} : { published: now - ageMinutes * MINUTE }),
})
const decide = (entries: Entry[], changes: Partial<typeof criteria> = {}) => {
  const keyed = entries.map((each, index): [string, Entry] => [String(index), each])
  const { alerts, dismissed } = judge(keyed, { ...criteria, ...changes })
  return { alerts: alerts.map(({ key }) => key), dismissed }
}

describe('news: judge', () => {
  it('alerts on what is new and scores enough, dismisses the rest', () => {
    expect(decide([entry('upgrades', 1), entry('nothing', 1), entry('upgrades', 481)])).to.deep.equal({
      alerts: ['0'],
      dismissed: ['1', '2'],
    })
  })

  it('takes the limits exactly', () => {
    expect(decide([entry('upgrades', 480)]).alerts).to.deep.equal(['0'])
    expect(decide([entry('upgrades', 1)], { minScore: 1.01 }).alerts).to.deep.equal([])
  })

  it('counts an entry without a date, or from the future, as new', () => {
    expect(decide([entry('upgrades'), entry('upgrades', -9_999)]).alerts).to.have.members(['0', '1'])
  })

  it('allows an age of any size', () => {
    expect(decide([entry('upgrades', 525_600)], { maxAgeMs: 1e15 }).alerts).to.deep.equal(['0'])
  })

  it('gives the oldest first', () => {
    expect(decide([entry('upgrades', 1), entry('upgrades', 3), entry('upgrades', 2)]).alerts).to.deep.equal([
      '1',
      '2',
      '0',
    ])
  })
})

describe('news: seenKey', () => {
  it('adds the host to ids that mean something in their feed only', () => {
    expect(seenKey('a.example', '17')).to.not.equal(seenKey('b.example', '17'))
    for (const id of ['https://a.example/1', 'urn:tag:sec.gov,2008:accession-number=1', 'tag:a.example,2026:1'])
      expect(seenKey('a.example', id)).to.equal(id)
  })

  it('keeps long ids short and apart', () => {
    const [one, two] = ['a', 'b'].map((end) => seenKey('a.example', `https://a.example/${'x'.repeat(5_000)}${end}`))
    expect(one).to.have.length.below(100)
    expect(one).to.not.equal(two)
  })
})

describe('news: alerts', () => {
  it('name ticker, title, score and categories', () => {
    const wire = { ...entry('Acme (NASDAQ: XYZ) wins'), link: 'https://a.example/' }
    const alert = toAlert('k', wire, { score: 1.5, categories: ['contract'] }, 'feed.example', now)
    expect(summaryOf(alert)).to.equal('NASDAQ:XYZ Acme (NASDAQ: XYZ) wins [1.5: contract]')
    expect(logFields(alert)).to.deep.equal({
      alert: true,
      ticker: 'NASDAQ:XYZ',
      score: 1.5,
      categories: ['contract'],
      title: 'Acme (NASDAQ: XYZ) wins',
      link: 'https://a.example/',
      source: 'feed.example',
    })
  })

  it('name company, CIK, form and items of a filing', () => {
    const filing = { ...entry('8-K - TESLA INC (0001318605) (Filer)'), text: 'Item 2.02: Results' }
    const alert = toAlert('k', filing, { score: 1.25, categories: ['earnings'] }, 'www.sec.gov', now)
    expect(subjectOf(alert)).to.equal('TESLA INC (CIK 0001318605)')
    expect(headlineOf(alert)).to.equal('8-K, item 2.02')
    expect(logFields(alert)).to.include({ form: '8-K', company: 'TESLA INC', cik: '0001318605', ticker: undefined })
  })
})
