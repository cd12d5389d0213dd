import { expect } from 'chai'
import { candidatesOf, firstChoice } from '#core/deploy/releases/candidates.js'
import { ratingsFrom } from '#core/deploy/releases/ratings-file.js'
import type { Release } from '#core/deploy/releases/releases.js'
import { runsOfReleases } from '#core/deploy/releases/runs.js'
import { lastChange } from '#core/deploy/versions.js'
import { anEntry } from '../../../support/builders/journal-entry.js'

const release = (tag: string | null, commit: string, made_at = 0): Release => ({
  name: `${tag ?? 'commit'}-${commit}`,
  commit,
  tag,
  subfolder: '',
  made_at,
  shared: [],
})
const tag = (name: string, commit: string, at: number) => ({ name, commit, at, subject: `about ${name}` })

describe('the candidates of a rollback', () => {
  const entries = [
    anEntry('bot.start', { pid: 1, release: 'v1-a' }),
    anEntry('bot.crash', { pid: 1, ran_seconds: 5 }),
    anEntry('bot.start', { pid: 2, release: 'v1-a' }),
    anEntry('bot.stop', { pid: 2, ran_seconds: 60 }),
    anEntry('rating', { commit: 'a', rating: 'good', reason: '' }),
    anEntry('rating', { commit: 'c', rating: 'good', reason: '' }),
    anEntry('rating', { commit: 'd', rating: 'bad', reason: 'it crashed' }),
  ]
  const facts = { ratings: ratingsFrom(entries), runs: runsOfReleases(entries) }

  it('come newest first, with what is known of each, and without the active one', () => {
    const releases = [release('v1', 'a'), release('v3', 'c', 30), release(null, 'e', 25)]
    const tags = [tag('v4', 'd', 40), tag('v3', 'c', 30), tag('v2', 'b', 20), tag('v1', 'a', 10)]
    const found = candidatesOf(tags, { ...facts, releases, active: 'c' })
    expect(
      found.map(({ tag, commit, rating, isOnDisk, isLastGood }) => ({ tag, commit, rating, isOnDisk, isLastGood })),
    ).to.deep.equal([
      { tag: 'v4', commit: 'd', rating: 'bad', isOnDisk: false, isLastGood: false },
      { tag: null, commit: 'e', rating: 'unverified', isOnDisk: true, isLastGood: false },
      { tag: 'v2', commit: 'b', rating: 'unverified', isOnDisk: false, isLastGood: false },
      { tag: 'v1', commit: 'a', rating: 'good', isOnDisk: true, isLastGood: true },
    ])
    expect(found[3]?.runs).to.deep.equal({ ranMs: 65_000, unexpectedExits: 1 })
    expect(found[0]).to.include({ reason: 'it crashed', subject: 'about v4' })
  })

  it('have a commit with two tags only once', () => {
    const found = candidatesOf([tag('v2', 'a', 20), tag('v1', 'a', 10)], { ...facts, releases: [], active: 'c' })
    expect(found.map((one) => one.tag)).to.deep.equal(['v2'])
  })

  it('name a commit with two tags by the tag of its release on disk', () => {
    const tags = [tag('v2', 'a', 20), tag('v1', 'a', 10)]
    const [found] = candidatesOf(tags, { ...facts, releases: [release('v1', 'a', 5)], active: undefined })
    expect(found).to.include({ tag: 'v1', at: 10, subject: 'about v1' })
    const [gone] = candidatesOf(tags, { ...facts, releases: [release('v0', 'a', 5)], active: undefined })
    expect(gone).to.include({ tag: 'v2', at: 20 })
  })

  it('begin with one that was never left, and is older than the active one', () => {
    const left = anEntry('deploy.left', { commit: 'c', release: 'v3-c', why: 'rolled_back' })
    const ratings = ratingsFrom([...entries, anEntry('rating', { commit: 'b', rating: 'good', reason: '' }), left])
    const tags = [tag('v3', 'c', 30), tag('v2', 'b', 20), tag('v1', 'a', 10)]
    const offered = (active: string | undefined) =>
      firstChoice(candidatesOf(tags, { ...facts, ratings, releases: [], active }))
    expect(offered('b')).to.include({ tag: 'v1', isLastGood: true })
    expect(offered('a')).to.include({ tag: 'v2', isLastGood: false })
    expect(candidatesOf(tags, { ...facts, ratings, releases: [], active: 'a' })[0]?.left?.why).to.equal('rolled_back')
  })

  it('have the last good version although it is neither tagged nor on disk any more', () => {
    const [found] = candidatesOf([], { ...facts, releases: [], active: 'c' })
    expect(found).to.include({ commit: 'a', isLastGood: true, isOnDisk: false })
  })

  it('begin with the last good one, else with the newest of which nothing bad is known', () => {
    const tags = [tag('v4', 'd', 40), tag('v2', 'b', 20), tag('v1', 'a', 10)]
    const of = (some: typeof tags, ratings = facts.ratings) =>
      firstChoice(candidatesOf(some, { ...facts, ratings, releases: [], active: 'c' }))?.tag
    const noneIsGood = facts.ratings.filter(({ rating }) => rating !== 'good')
    expect(of(tags)).to.equal('v1')
    expect(of(tags, noneIsGood)).to.equal('v2')
    expect(of(tags.slice(0, 1), noneIsGood)).to.equal('v4')
    expect(of([], noneIsGood)).to.equal(undefined)
  })
})

describe('the time since which a version is active', () => {
  const end = (active: string | null, time: string) => anEntry('deploy.end', { active, time })

  it('is that of the last change, and comes with the version before', () => {
    const entries = [end('v1', '1'), end('v2', '2'), end('v2', '3'), end('v1', '4'), end('v1', '5')]
    expect(lastChange(entries, 'v1')).to.deep.equal({ at: '4', before: 'v2' })
    expect(lastChange(entries.slice(0, 3), 'v2')).to.deep.equal({ at: '2', before: 'v1' })
  })

  it('is not the time at which another one failed', () => {
    const failed = anEntry('deploy.end', { active: 'v1', outcome: 'rolled_back', time: '1' })
    expect(lastChange([failed], 'v1')).to.equal(undefined)
    expect(lastChange([failed, end('v2', '2')], 'v2')).to.deep.equal({ at: '2', before: 'v1' })
  })

  it('is not that of a repair, which gives the same version another release', () => {
    const repair = (active: string, outcome: string) =>
      anEntry('deploy.end', { active, outcome, what: 'repair', time: '3' })
    const entries = [end('v1', '1'), end('v2', '2')]
    expect(lastChange([...entries, repair('v2-2', 'deployed')], 'v2-2')).to.deep.equal({ at: '2', before: 'v1' })
    const failed = lastChange([...entries, repair('v1', 'needs_attention')], 'v1')
    expect(failed, 'another version came up').to.deep.equal({ at: '3', before: 'v2' })
  })

  it('is not known where the pointer was changed by hand', () => {
    expect(lastChange([end('v1', '1')], 'v2')).to.equal(undefined)
    expect(lastChange([], null)).to.equal(undefined)
  })
})
