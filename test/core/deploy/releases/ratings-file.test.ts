import fs from 'node:fs'
import { expect } from 'chai'
import fc from 'fast-check'
import { type RatingChange, rate } from '#core/deploy/releases/ratings.js'
import { noteRating, ratingsFrom, readRatings } from '#core/deploy/releases/ratings-file.js'
import { aHome } from '../../../support/builders/home.js'
import { anEntry } from '../../../support/builders/journal-entry.js'
import { FakeClock } from '../../../support/fake-clock.js'

const NOW = '2026-03-01T12:00:00.000Z'

const newHome = () => aHome({ clock: new FakeClock(Date.parse(NOW)) })

const change = fc.oneof(
  fc.record({
    change: fc.constant('proved' as const),
    by: fc.constantFrom('deployment' as const, 'rollback' as const),
    reason: fc.string(),
    backup: fc.option(fc.string()),
  }),
  fc.record({
    change: fc.constant('failed' as const),
    rating: fc.constantFrom('good' as const, 'bad' as const, 'unverified' as const),
    reason: fc.string(),
  }),
  fc.record({ change: fc.constant('left' as const), why: fc.constantFrom('failed' as const, 'rolled_back' as const) }),
)
const subject = fc.record({
  commit: fc.constantFrom('a', 'b', 'c'),
  release: fc.string(),
  tag: fc.option(fc.string()),
  at: fc.constant(NOW),
})

describe('the file of the ratings', () => {
  it('holds the ratings, and the journal gives the same ones where the file is gone or damaged', () => {
    const changes = fc.array(
      fc.tuple(subject, change).map(([one, other]) => ({ ...one, ...other }) as RatingChange),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(changes, (all) => {
        const home = newHome()
        for (const one of all) noteRating(home, one)
        const expected = all.reduce(rate, [])
        expect(readRatings(home)).to.deep.equal(expected)
        for (const damage of ['', '{', '[]', 'null', '{"commits":{}}', '{"commits":[{"commit":"a"}]}']) {
          fs.writeFileSync(home.paths.ratings, damage)
          expect(readRatings(home), damage).to.deep.equal(expected)
        }
        fs.rmSync(home.paths.ratings)
        expect(readRatings(home)).to.deep.equal(expected)
      }),
      { numRuns: 20 },
    )
  })

  it('is ignored where a part of it is not ours', () => {
    const home = newHome()
    noteRating(home, { change: 'left', commit: 'a', release: 'v1', tag: null, at: NOW, why: 'failed' })
    const [whole] = JSON.parse(fs.readFileSync(home.paths.ratings, 'utf8')).commits
    fs.rmSync(home.paths.journal)
    for (const part of [
      { commit: 7 },
      { rating: 'splendid' },
      { left: { at: NOW, why: 'bored' } },
      { left: 'yes' },
      { proved_at: 0 },
      { backup: undefined },
      { proof: 7 },
    ]) {
      fs.writeFileSync(home.paths.ratings, JSON.stringify({ commits: [{ ...whole, ...part }] }))
      expect(readRatings(home), JSON.stringify(part)).to.deep.equal([])
    }
  })

  it('still has a version after four megabytes of other entries', () => {
    const home = newHome()
    const proof = { change: 'proved', by: 'deployment', reason: 'healthy', backup: null } as const
    noteRating(home, { ...proof, commit: 'a', release: 'v1', tag: 'v1', at: NOW })
    fs.appendFileSync(home.paths.journal, `${JSON.stringify(anEntry('x', { text: 'x'.repeat(1000) }))}\n`.repeat(5000))
    expect(readRatings(home)).to.have.length(1)
    noteRating(home, { ...proof, commit: 'b', release: 'v2', tag: 'v2', at: NOW })
    expect(readRatings(home).map(({ commit }) => commit)).to.deep.equal(['a', 'b'])
  })
})

describe('the journal of an older home', () => {
  const verdict = (commit: unknown, value: unknown, reason: unknown = '') =>
    anEntry('verdict', { commit, release: `${commit}-rel`, tag: null, verdict: value, reason })

  it('gives the ratings, good ones in the order in which they last proved good', () => {
    const ratings = ratingsFrom([
      verdict('a', 'good'),
      verdict('b', 'good'),
      verdict('c', 'unknown'),
      verdict('a', 'good'),
      verdict('b', 'bad', 'it crashed'),
    ])
    expect(ratings.map(({ commit, rating, reason }) => `${commit} ${rating} ${reason}`)).to.deep.equal([
      'b bad it crashed',
      'c unverified ',
      'a good ',
    ])
  })

  it('is ignored where it was edited by hand into something else', () => {
    const odd = [
      verdict('a', 'splendid'),
      verdict(7, 'good'),
      verdict(undefined, 'bad'),
      anEntry('verdicts', { commit: 'a', verdict: 'bad' }),
      anEntry('deploy.left', { commit: 'a', why: 'bored' }),
    ]
    expect(ratingsFrom(odd)).to.deep.equal([])
    expect(ratingsFrom([verdict('a', 'bad', { no: 'text' })])[0]?.reason).to.equal('')
  })
})
