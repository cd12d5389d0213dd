import { expect } from 'chai'
import fc from 'fast-check'
import {
  goodOnes,
  lastGoodOf,
  leadsForward,
  type Rating,
  type RatingChange,
  type Ratings,
  rate,
  ratedAs,
  ratingAfterFailure,
  ratingOf,
  whyLeft,
} from '#core/deploy/releases/ratings.js'

const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 12, 0, second)).toISOString()
const subject = (commit: string, second = 0) => ({ commit, release: `${commit}-rel`, tag: commit, at: at(second) })
const deployed = (commit: string, second = 0, backup: string | null = null) =>
  proved('deployment', commit, second, backup)
const rolledBackTo = (commit: string) => proved('rollback', commit)
const proved = (
  by: 'deployment' | 'rollback',
  commit: string,
  second = 0,
  backup: string | null = null,
): RatingChange => ({
  ...subject(commit, second),
  change: 'proved',
  by,
  reason: 'healthy',
  backup,
})
const failed = (commit: string, rating: Rating = 'bad'): RatingChange => ({
  ...subject(commit),
  change: 'failed',
  rating,
  reason: 'it crashed',
})
const left = (commit: string, why: 'failed' | 'rolled_back' = 'rolled_back'): RatingChange => ({
  ...subject(commit, 9),
  change: 'left',
  why,
})
const all = (...changes: RatingChange[]): Ratings => changes.reduce(rate, [] as Ratings)
const names = (ratings: readonly { commit: string }[]) => ratings.map(({ commit }) => commit).join(' ')

describe('the rating of a commit', () => {
  it('is the one that became known last, with its reason and time', () => {
    const ratings = all(deployed('a', 1, 'kept'), failed('a'))
    expect(ratingOf(ratings, 'a')).to.deep.equal({
      commit: 'a',
      release: 'a-rel',
      tag: 'a',
      rating: 'bad',
      reason: 'it crashed',
      rated_at: at(0),
      proved_at: at(1),
      left: null,
      backup: 'kept',
    })
    expect(ratingOf(ratings, 'b')).to.equal(undefined)
  })

  it('is unverified where nothing is known of it', () => {
    expect(ratedAs(undefined)).to.equal('unverified')
    expect(ratedAs({ rating: 'bad' })).to.equal('bad')
  })

  it('stays when a person has left the version', () => {
    expect(ratingOf(all(deployed('a'), left('a', 'rolled_back')), 'a')).to.include({ rating: 'good' })
  })

  it('is taken away when the version is left since it had failed, until it has proven itself anew', () => {
    const gone = all(deployed('a'), deployed('b'), left('b', 'failed'))
    expect(ratingOf(gone, 'b')).to.include({ rating: 'unverified' })
    expect(ratingOf(rate(gone, deployed('b')), 'b')).to.include({ rating: 'good' })
    expect(ratingOf(gone, 'b')?.left).to.deep.equal({ at: at(9), why: 'failed' })
    for (const proof of [deployed('b'), rolledBackTo('b')])
      expect(ratingOf(rate(gone, proof), 'b')?.left).to.equal(null)
  })

  it('is dropped beyond the limit, the oldest first and those of good versions last of all', () => {
    const many = Array.from({ length: 600 }, (_, index) => failed(`bad${index}`))
    const ratings = all(deployed('a'), ...many)
    expect(ratings).to.have.length(500)
    expect(ratings[0]?.commit).to.equal('a')
    expect(ratings.at(-1)?.commit).to.equal('bad599')
    const good = all(...Array.from({ length: 501 }, (_, index) => deployed(`good${index}`)))
    expect([good.length, good[0]?.commit]).to.deep.equal([500, 'good1'])
  })
})

describe('a version that has not passed the gate', () => {
  const table: [before: Rating | undefined, byItself: boolean, othersWork: boolean, after: Rating][] = [
    [undefined, true, true, 'bad'],
    [undefined, false, true, 'bad'],
    [undefined, true, false, 'unverified'],
    [undefined, false, false, 'unverified'],
    ['bad', true, false, 'unverified'],
    ['unverified', false, true, 'bad'],
    ['good', true, true, 'bad'],
    ['good', false, true, 'good'],
    ['good', true, false, 'good'],
    ['good', false, false, 'good'],
  ]
  for (const [before, byItself, othersWork, after] of table)
    it(`that was ${before ?? 'never rated'}, ${byItself ? 'failed by itself' : 'was killed'}, while ${othersWork ? 'another one came up' : 'nothing came up'}, is ${after}`, () => {
      expect(ratingAfterFailure({ before, byItself, othersWork })).to.equal(after)
    })
})

describe('a version that proved less than the one before', () => {
  it('keeps its rating, and is not bad: it may work', () => {
    for (const before of [undefined, 'good', 'bad', 'unverified'] as const)
      for (const othersWork of [true, false])
        expect(ratingAfterFailure({ before, byItself: true, isUnproven: true, othersWork })).to.equal(
          before ?? 'unverified',
        )
  })
})

describe('the reason for which a version is left', () => {
  it('is the rollback of a person, or three exits by itself within the hour', () => {
    expect(whyLeft({ what: 'rollback', leadsForward: false, exitsByItself: 0 })).to.equal('rolled_back')
    expect(whyLeft({ what: 'deployment', leadsForward: false, exitsByItself: 2 })).to.equal(undefined)
    expect(whyLeft({ what: 'deployment', leadsForward: false, exitsByItself: 3 })).to.equal('failed')
  })

  it('is none where a later version is deployed again by a rollback, unless it had failed', () => {
    const ratings = all(deployed('a'), deployed('b'), failed('c'))
    expect(leadsForward(ratings, 'a', 'b')).to.equal(true)
    for (const [from, to] of [
      ['b', 'a'],
      ['a', 'c'],
      ['c', 'a'],
      ['a', 'x'],
      ['x', 'a'],
    ] as const)
      expect(leadsForward(ratings, from, to), `${from} ${to}`).to.equal(false)
    expect(whyLeft({ what: 'rollback', leadsForward: true, exitsByItself: 0 })).to.equal(undefined)
    expect(whyLeft({ what: 'rollback', leadsForward: true, exitsByItself: 5 })).to.equal('failed')
  })
})

describe('the version that a rollback leads to', () => {
  const table: [title: string, ratings: Ratings, active: string | undefined, to: string | undefined][] = [
    ['leads nowhere where nothing is known', [], undefined, undefined],
    ['leads nowhere from the only good version', all(deployed('a')), 'a', undefined],
    ['leads to the version deployed before', all(deployed('a'), deployed('b'), deployed('c')), 'c', 'b'],
    [
      'leads on to the next older one',
      all(deployed('a'), deployed('b'), deployed('c'), left('c'), rolledBackTo('b')),
      'b',
      'a',
    ],
    [
      'never leads forward',
      all(deployed('a'), deployed('b'), deployed('c'), left('c'), rolledBackTo('b'), left('b'), rolledBackTo('a')),
      'a',
      undefined,
    ],
    [
      'never leads forward past a version that was skipped',
      all(deployed('a'), deployed('b'), deployed('c'), left('c'), rolledBackTo('a')),
      'a',
      undefined,
    ],
    [
      'skips what was left, also from a newer version',
      all(deployed('a'), deployed('b'), left('b', 'failed'), deployed('c')),
      'c',
      'a',
    ],
    [
      'leads again to where it led before, once a rollback was undone',
      all(deployed('a'), deployed('b'), left('b'), rolledBackTo('a'), rolledBackTo('b')),
      'b',
      'a',
    ],
    ['skips what is bad by now', all(deployed('a'), deployed('b'), failed('b'), deployed('c')), 'c', 'a'],
    [
      'takes a version into account again that was deployed again and has proven itself',
      all(deployed('a'), deployed('b'), left('b'), rolledBackTo('a'), deployed('b'), deployed('c')),
      'c',
      'b',
    ],
    [
      'goes by when a version was deployed, and not by its name',
      all(deployed('v9'), deployed('v1'), deployed('v5')),
      'v5',
      'v1',
    ],
    [
      'leads to the newest good one from a version that never proved itself',
      all(deployed('a'), deployed('b')),
      'x',
      'b',
    ],
    ['leads to the newest good one from one that failed', all(deployed('a'), deployed('b'), failed('c')), 'c', 'b'],
    ['leads to the newest good one from the working tree', all(deployed('a'), deployed('b')), undefined, 'b'],
  ]
  for (const [title, ratings, active, to] of table)
    it(title, () => {
      const onDisk = ratings.map(({ commit }) => ({ commit }))
      expect(lastGoodOf(ratings, active, onDisk)?.commit).to.equal(to)
      expect(lastGoodOf(ratings, active, [])?.commit, 'with nothing on disk').to.equal(to)
    })

  it('is one on disk rather than one that would have to be built', () => {
    const ratings = all(deployed('a'), deployed('b'), deployed('c'))
    expect(lastGoodOf(ratings, 'c', [{ commit: 'a' }])?.commit).to.equal('a')
  })

  it('is never the version that is excepted', () => {
    const ratings = all(deployed('a'), deployed('b'), deployed('c'))
    expect(lastGoodOf(ratings, 'c', [], 'b')?.commit).to.equal('a')
  })

  it('is older each time down to the oldest, whatever happened before, and never the same one twice', () => {
    const commits = ['a', 'b', 'c', 'd', 'e']
    const deed = fc.oneof(
      fc.record({
        do: fc.constant('deploy' as const),
        to: fc.constantFrom(...commits),
        works: fc.boolean(),
        ends: fc.nat(4),
      }),
      fc.record({
        do: fc.constant('rollback' as const),
        to: fc.constantFrom(...commits),
        works: fc.boolean(),
        ends: fc.constant(0),
      }),
      fc.record({
        do: fc.constant('last good' as const),
        to: fc.constant(''),
        works: fc.boolean(),
        ends: fc.constant(0),
      }),
    )
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 25 }), (deeds) => {
        let ratings: Ratings = []
        let active = 'the working tree'
        const leave = (what: 'deployment' | 'rollback', to: string, exitsByItself: number) => {
          const why = whyLeft({ what, leadsForward: leadsForward(ratings, active, to), exitsByItself })
          return (then: Ratings) => (why ? rate(then, left(active, why)) : then)
        }
        const goTo = (commit: string, by: 'deployment' | 'rollback', works: boolean, ends: number) => {
          if (commit === active) return
          const known = ratingOf(ratings, commit)
          if (!works) {
            const facts = { before: known?.rating, byItself: true, othersWork: true }
            ratings = rate(ratings, failed(commit, ratingAfterFailure(facts)))
            return
          }
          const leaving = leave(by, commit, ends)
          ratings = leaving(rate(ratings, by === 'deployment' ? deployed(commit) : rolledBackTo(commit)))
          active = commit
        }
        for (const { do: what, to, works, ends } of deeds) {
          if (what === 'deploy') goTo(to, 'deployment', works, ends)
          else if (what === 'rollback') goTo(to, 'rollback', works, ends)
          else {
            const found = lastGoodOf(ratings, active, [])
            if (found) goTo(found.commit, 'rollback', works, ends)
          }
        }
        const seen = [active]
        for (;;) {
          const found = lastGoodOf(ratings, active, [])
          if (found === undefined) break
          expect(found.rating).to.equal('good')
          expect(found.left).to.equal(null)
          expect(seen).to.not.include(found.commit)
          seen.push(found.commit)
          goTo(found.commit, 'rollback', true, 0)
        }
      }),
    )
  })
})

describe('the good versions', () => {
  it('begin with the one that was deployed last, without those that were left', () => {
    const ratings = all(deployed('a'), deployed('b'), deployed('c'), failed('d'), left('c'), rolledBackTo('b'))
    expect(names(goodOnes(ratings))).to.equal('b a')
    expect(names(goodOnes(rate(ratings, deployed('a'))))).to.equal('a b')
  })
})
