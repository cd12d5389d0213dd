import { expect } from 'chai'
import fc from 'fast-check'
import { beyondLimit } from '#core/deploy/releases/prune.js'
import { goodOnes, lastGoodOf, type Ratings, rate } from '#core/deploy/releases/ratings.js'
import type { Release } from '#core/deploy/releases/releases.js'

const release = (n: number): Release => ({
  name: `v${n}`,
  commit: `c${n}`,
  tag: `v${n}`,
  subfolder: '',
  made_at: n,
  shared: [],
})
const RELEASES = [9, 8, 7, 6, 5, 4, 3, 2, 1].map(release)

const at = '2026-03-01T12:00:00.000Z'
const subject = (n: number) => ({ commit: `c${n}`, release: `v${n}`, tag: null, at })
const good = (...all: number[]): Ratings =>
  all.reduce<Ratings>(
    (ratings, n) => rate(ratings, { ...subject(n), change: 'proved', by: 'deployment', reason: '', backup: null }),
    [],
  )
const left = (ratings: Ratings, n: number) => rate(ratings, { ...subject(n), change: 'left', why: 'rolled_back' })

type Facts = Parameters<typeof beyondLimit>[1]
const removed = (facts: Partial<Facts>) =>
  beyondLimit(RELEASES, { keep: 3, active: undefined, ratings: [], named: [], ...facts })
    .map(({ name }) => name)
    .sort()
    .reverse()

describe('the releases beyond the retention limit', () => {
  it('are those that were rebuilt, before any other', () => {
    const rebuilt = { ...release(9), name: 'v9-2', made_at: 10 }
    const names = (facts: Partial<Facts>) =>
      beyondLimit([rebuilt, ...RELEASES], { keep: 9, active: 'v9-2', ratings: good(8, 9), named: [], ...facts }).map(
        ({ name }) => name,
      )
    expect(names({})).to.deep.equal(['v9'])
    expect(names({ active: 'v9', keep: 10 }), 'the repair has failed').to.deep.equal([])
    expect(names({ named: ['v9'] }), 'a bot still runs in it').to.deep.equal(['v1'])
  })

  it('are all but the newest', () => {
    expect(removed({})).to.deep.equal(['v6', 'v5', 'v4', 'v3', 'v2', 'v1'])
    expect(removed({ keep: 9 })).to.deep.equal([])
    expect(removed({ keep: 100 })).to.deep.equal([])
  })

  it('are bad and unverified ones before good ones, however old those are', () => {
    expect(removed({ active: 'v9', ratings: good(1, 2, 3, 9), keep: 4 })).to.deep.equal(['v8', 'v7', 'v6', 'v5', 'v4'])
    expect(removed({ active: 'v1', ratings: good(1), keep: 2 })).to.deep.equal([
      'v8',
      'v7',
      'v6',
      'v5',
      'v4',
      'v3',
      'v2',
    ])
  })

  it('are never the active one, nor the two newest good ones', () => {
    expect(removed({ active: 'v5', ratings: good(1, 2, 9), keep: 1 })).to.deep.equal([
      'v8',
      'v7',
      'v6',
      'v4',
      'v3',
      'v1',
    ])
  })

  it('are never the one that a rollback leads to, also where newer good ones were left or skipped', () => {
    const skipped = left(good(1, 2, 3, 4), 4)
    expect(removed({ active: 'v2', ratings: skipped, keep: 1 })).to.not.include('v1')
  })

  it('are never those that are named', () => {
    expect(removed({ active: 'v9', ratings: good(8, 9), keep: 2, named: ['v3', undefined] })).to.not.include('v3')
  })

  it('leave two good ones on disk also where one of them was left', () => {
    expect(removed({ active: 'v1', ratings: left(good(1, 2), 2), keep: 1 })).to.not.include('v2')
  })

  it('are none where there is no release', () => {
    expect(beyondLimit([], { keep: 1, active: 'v1', ratings: good(1), named: [] })).to.deep.equal([])
  })

  it('never include the one that a rollback leads to, whatever has happened, and never leave more releases than the limit and those that are needed', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 9 }))
    fc.assert(
      fc.property(
        numbers,
        numbers,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 6 }),
        (proved, gone, n, keep) => {
          const ratings = gone.filter((one) => proved.includes(one)).reduce(left, good(...proved))
          const old = removed({ active: `v${n}`, ratings, keep })
          const staying = RELEASES.filter(({ name }) => !old.includes(name))
          const way = lastGoodOf(ratings, `c${n}`, RELEASES)
          if (way) expect(staying.map(({ commit }) => commit)).to.include(way.commit)
          expect(staying.map(({ name }) => name)).to.include(`v${n}`)
          const newestGood = goodOnes(ratings).slice(0, 2)
          for (const { commit } of newestGood) expect(staying.map((one) => one.commit)).to.include(commit)
          expect(staying.length).to.be.at.most(Math.max(keep, 4))
          expect(staying.length).to.be.at.least(Math.min(keep, RELEASES.length))
        },
      ),
    )
  })
})
