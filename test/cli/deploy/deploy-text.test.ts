import { expect } from 'chai'
import { infoText, shippedText } from '#cli/deploy/deploy-text.js'
import type { DeployInfo } from '#core/deploy/info.js'
import type { Shipped } from '#core/deploy/run/result.js'

describe('a version that went live', () => {
  const shipped: Shipped = {
    id: '1',
    outcome: 'deployed',
    release: 'v2-1a2b3c4d',
    commit: '1a2b3c4d',
    tag: 'v2',
    previous: 'v1-1a2b3c4d',
    active: 'v2-1a2b3c4d',
    bot: { release: 'v2-1a2b3c4d', pid: 7, status: 'healthy' },
    downtime_seconds: 0.8,
    proven_seconds: 0.9,
    waited_seconds: null,
    seconds: 62,
    next: [],
  }
  const said = (figures: Partial<Shipped>) => shippedText({ ...shipped, ...figures }).split('\n')[0]

  it('is described with its downtime', () => {
    expect(said({})).to.contain('(pid 7), after 62.0 s, down for 0.8 s. Before: v1-1a2b3c4d.')
    expect(said({ downtime_seconds: null, proven_seconds: null })).to.contain('after 62.0 s. Before')
  })

  it('is described with the time for which its bot was busy', () => {
    expect(said({ waited_seconds: 42.04 })).to.contain('after 62.0 s (42.0 s of it while the bot was busy), down for')
  })

  it('has no longer downtime where its first proof comes late', () => {
    expect(said({ proven_seconds: 51 })).to.contain(', down for 0.8 s and proven to work after 51.0 s. Before')
  })
})

describe('deploy info', () => {
  const version = { release: 'v1-1a2b3c4d', tag: 'v1', commit: '1a2b3c4d', reason: '', unexpected_ends: 0, left: null }
  const info = (rating: 'good' | 'unverified'): DeployInfo => ({
    active: { ...version, rating },
    since: null,
    bakes_until: null,
    runtime_fault: null,
    previous: null,
    last_good: null,
    bot: { status: 'healthy', release: version.release, reasons: [] },
    releases_on_disk: 1,
    unfinished: null,
    home: null,
    home_fault: null,
  })
  const lastGood = (rating: 'good' | 'unverified') => /last good +(.*)/.exec(infoText(info(rating)))?.[1]

  it('says that the active version is the only good one', () => {
    expect(lastGood('good')).to.equal('the active one alone')
    expect(lastGood('unverified')).to.equal('none')
  })
})
