import { expect } from 'chai'
import type { Deployment } from '#core/deploy/deployment-file.js'
import { type Plan, planFor, type Step } from '#core/deploy/plan.js'
import { tooMany } from '#core/deploy/prune.js'
import { directionOf } from '#core/deploy/recover.js'
import type { Release } from '#core/deploy/releases.js'

const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f80912233445'

function cutOff(what: Plan['what'], last: Step['do'] | undefined, more: Partial<Deployment> = {}): Deployment {
  const keeper = more.keeper ?? 'service'
  const plan = planFor({
    what,
    target: { name: 'v2-1a2b3c4d', commit: COMMIT, tag: 'v2', subfolder: '' },
    from: { name: 'v1-0011aabb', commit: '0011aabb' },
    hasSettings: true,
    isBuilt: what === 'rollback',
    install: [],
    check: undefined,
    folders: { install: '', check: '' },
    settings: what === 'rollback' ? { backup: 'x', secrets: 'of today' } : undefined,
    keeper,
  })
  return {
    ...plan,
    id: 'id',
    since: '2026-03-01T12:00:00.000Z',
    by: 'ann',
    begun: plan.steps.findIndex((step) => step.do === last) + 1,
    backup: null,
    instance: null,
    keeper,
    back: null,
    tolerated: [],
    ...more,
  }
}
const GOOD = { verdict: 'good', isWhole: true } as const

describe('a deployment that was cut off', () => {
  it('goes back from every step before its proof of health has ended', () => {
    for (const last of [undefined, 'backup', 'export', 'seal', 'link', 'switch', 'restart', 'gate'] as const)
      for (const verdict of ['good', 'bad', 'unknown', undefined] as const)
        expect(directionOf(cutOff('deployment', last), { verdict, isWhole: true }), last).to.equal('back')
  })

  it('goes on once it has proven itself', () => {
    for (const verdict of ['good', 'bad', undefined] as const)
      expect(directionOf(cutOff('deployment', 'prune'), { verdict, isWhole: true })).to.equal('forward')
  })

  it('never turns round on its way back', () => {
    for (const last of ['switch', 'gate', 'prune'] as const)
      for (const what of ['deployment', 'rollback'] as const)
        expect(directionOf(cutOff(what, last, { back: 'it crashed' }), GOOD)).to.equal('back')
  })

  it('is proven by nothing where nobody keeps the bot, until the switch is done', () => {
    expect(directionOf(cutOff('deployment', 'switch', { keeper: 'nobody' }), GOOD)).to.equal('back')
    expect(directionOf(cutOff('deployment', 'prune', { keeper: 'nobody' }), GOOD)).to.equal('forward')
  })
})

describe('a rollback that was cut off', () => {
  it('goes on to a version that is known to be good and that it has switched to', () => {
    for (const last of ['switch', 'restart', 'gate', 'prune'] as const)
      expect(directionOf(cutOff('rollback', last), GOOD), last).to.equal('forward')
  })

  it('goes back before the switch, as the settings may not be whole', () => {
    for (const last of [undefined, 'backup', 'link', 'settings'] as const)
      expect(directionOf(cutOff('rollback', last), GOOD), last).to.equal('back')
  })

  it('goes back from a version that is not known to be good, or no longer whole', () => {
    for (const facts of [
      { verdict: 'bad', isWhole: true },
      { verdict: 'unknown', isWhole: true },
      { verdict: undefined, isWhole: true },
      { verdict: 'good', isWhole: false },
    ] as const)
      expect(directionOf(cutOff('rollback', 'gate'), facts)).to.equal('back')
  })
})

describe('what is one too many', () => {
  const releases: Release[] = [9, 8, 7, 6, 5, 4, 3, 2, 1].map((n) => ({
    name: `v${n}`,
    commit: `c${n}`,
    tag: `v${n}`,
    subfolder: '',
    made_at: n,
    shared: [],
  }))
  const removed = (facts: Partial<Parameters<typeof tooMany>[1]>) =>
    tooMany(releases, { keep: 3, active: undefined, good: [], ...facts }).map(({ name }) => name)

  it('is all but the newest', () => {
    expect(removed({})).to.deep.equal(['v6', 'v5', 'v4', 'v3', 'v2', 'v1'])
    expect(removed({ keep: 9 })).to.deep.equal([])
    expect(removed({ keep: 100 })).to.deep.equal([])
  })

  it('is never the active one, however old', () => {
    expect(removed({ active: 'v1', keep: 1 })).to.not.include('v1')
  })

  it('is never the last good one, nor the one before, which is the way back from it', () => {
    expect(removed({ active: 'v9', good: ['c9', 'c2', 'c1'] })).to.deep.equal(['v6', 'v5', 'v4', 'v3', 'v1'])
    expect(removed({ active: 'v9', good: ['c5', 'c2', 'c1'] })).to.deep.equal(['v6', 'v4', 'v3', 'v1'])
  })

  it('is never the last good one that is still on disk, where a better one is gone', () => {
    expect(removed({ active: 'v9', good: ['gone', 'gone too', 'c9', 'c1'] })).to.not.include('v1')
  })

  it('is nothing where there is nothing', () => {
    expect(tooMany([], { keep: 1, active: 'v1', good: ['c1'] })).to.deep.equal([])
  })
})
