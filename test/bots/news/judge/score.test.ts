import { expect } from 'chai'
import { scoreEntry } from '#bots/news/judge/score.js'

const score = (title: string, text = '', host = 'www.globenewswire.com') => scoreEntry({ title, text }, host)

describe('news: scoreEntry', () => {
  const worthIt: [title: string, category: string][] = [
    ["S&P upgrades SiriusPoint's Insurance Subsidiaries to 'A'", 'analyst'],
    ['Acme Receives FDA Approval for Its Tablet', 'fda'],
    ['FDA Grants Breakthrough Therapy Designation to Acme', 'fda'],
    ['Acme Announces Positive Topline Results From Phase 3 Trial', 'clinical'],
    ['Acme and Example Announce Strategic Partnership', 'partnership'],
    ['Acme Awarded $40 Million Navy Contract', 'contract'],
    ['Acme to Be Acquired by Example for $3 Billion', 'acquisition'],
    ['Acme Completes Acquisition of Example', 'acquisition'],
    ['Acme Reports Record Revenue', 'earnings'],
    ['Acme Raises Full-Year 2026 Guidance', 'earnings'],
    ['Acme Approved for Listing on the Nasdaq', 'uplisting'],
  ]
  for (const [title, category] of worthIt) {
    it(`alerts on '${title}'`, () => {
      const result = score(title)
      expect(result.score).to.be.at.least(1)
      expect(result.categories).to.include(category)
    })
  }

  const notWorthIt: [title: string, category: string | undefined][] = [
    ['Ipsos: Disclosure of trading in own shares under a buyback programme', 'buyback'],
    ['Acquisition of own shares', 'buyback'],
    ['Royalty Pharma Launches Global Translational Prize', undefined],
    ['Space Asset Acquisition Corp. Names a Director', undefined],
    ['Acme to Report Third Quarter Financial Results on November 5', 'notice'],
    ['Acme Announces Pricing of $20 Million Public Offering to Fund Acquisition', 'offering'],
    ['Acme Files for Chapter 11 Bankruptcy After Record Sales', 'distress'],
    ['Acme Receives Nasdaq Deficiency Notice', 'delisting'],
    ['INVESTOR ALERT: Law Firm Investigates the Merger of Acme', 'lawsuit'],
    ['FDA Approves Nothing as Acme Gets Complete Response Letter and Clinical Hold; downgraded', 'setback'],
    ['The subcontractors of Acme met', undefined],
  ]
  for (const [title, category] of notWorthIt) {
    it(`does not alert on '${title}'`, () => {
      const result = score(title)
      expect(result.score).to.be.below(1)
      if (category) expect(result.categories).to.include(category)
      else expect(result.categories).to.deep.equal([])
    })
  }

  it('matches on word boundaries, whatever the case', () => {
    expect(score('UPGRADES').categories).to.deep.equal(['analyst'])
    expect(score('upgradesx xupgrades éupgrades upgradesß').categories).to.deep.equal([])
  })

  it('counts a category once, and by half when only the text has it', () => {
    expect(score('upgrades upgraded upgrades').score).to.equal(1)
    expect(score('upgrades', 'upgrades').score).to.equal(1)
    expect(score('Acme', 'upgrades').score).to.equal(0.5)
    expect(score('upgrades', 'merger').score).to.equal(2)
  })

  it('weighs by source', () => {
    expect(score('upgrades', '', 'feeds.einpresswire.com').score).to.equal(0.5)
    expect(score('upgrades', '', 'einpresswire.com:8080').score).to.equal(0.5)
    expect(score('upgrades', '', 'noteinpresswire.com').score).to.equal(1)
    expect(score('upgrades', '', 'unknown.example').score).to.equal(1)
  })

  it('judges a filing by its form and items, not by the name of the company', () => {
    const filing = (title: string, text = '') => score(title, text, 'www.sec.gov')
    expect(filing('8-K - TESLA INC (0001318605) (Filer)')).to.deep.equal({ score: 1.25, categories: ['filing'] })
    expect(filing('10-K - FDA Approves Merger Inc (0001318605) (Filer)')).to.deep.equal({ score: 0, categories: [] })
    const items = (...numbers: string[]) =>
      filing('8-K - ACME (0000000001) (Filer)', numbers.map((number) => `Item ${number}: x`).join(' '))
    expect(items('2.02', '9.01')).to.deep.equal({ score: 1.25, categories: ['earnings'] })
    expect(items('8.01', '9.01').score).to.equal(0)
    expect(items('1.03').score).to.equal(-5)
  })
})
