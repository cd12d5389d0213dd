import { expect } from 'chai'
import type { Deployment } from '#core/deploy/deployment-file.js'
import type { Plan, Step } from '#core/deploy/plan.js'
import { directionOf } from '#core/deploy/recover.js'
import { aDeployment, aPlan, begunBy } from '../../support/builders/deployment.js'

function interrupted(what: Plan['what'], last: Step['do'] | undefined, changes: Partial<Deployment> = {}): Deployment {
  const { supervisor = 'service' } = changes
  const settings = what === 'rollback' ? ({ backup: 'x', secrets: 'of today' } as const) : undefined
  const plan = aPlan({ what, isBuilt: what === 'rollback', settings, supervisor })
  return aDeployment(plan, { begun: begunBy(plan, last), supervisor, ...changes })
}
const GOOD = { rating: 'good', isWhole: true } as const

describe('a deployment that was interrupted', () => {
  it('is rolled back from every step before the gate has passed', () => {
    for (const last of [undefined, 'backup', 'export', 'seal', 'link', 'switch', 'restart', 'gate'] as const)
      for (const rating of ['good', 'bad', 'unverified', undefined] as const)
        expect(directionOf(interrupted('deployment', last), { rating, isWhole: true }), last).to.equal('back')
  })

  it('is resumed once it has proven itself', () => {
    for (const rating of ['good', 'bad', undefined] as const)
      expect(directionOf(interrupted('deployment', 'prune'), { rating, isWhole: true })).to.equal('forward')
  })

  it('is never resumed once it is being rolled back', () => {
    for (const last of ['switch', 'gate', 'prune'] as const)
      for (const what of ['deployment', 'rollback'] as const)
        expect(directionOf(interrupted(what, last, { back: 'it crashed' }), GOOD)).to.equal('back')
  })

  it('is rolled back until the switch is done where the bot has no supervisor', () => {
    expect(directionOf(interrupted('deployment', 'switch', { supervisor: 'none' }), GOOD)).to.equal('back')
    expect(directionOf(interrupted('deployment', 'prune', { supervisor: 'none' }), GOOD)).to.equal('forward')
  })
})

describe('a repair that was interrupted', () => {
  it('is resumed once it has switched: the release before can not run', () => {
    for (const last of ['switch', 'restart', 'gate', 'prune'] as const)
      for (const rating of ['good', 'unverified', undefined] as const)
        expect(directionOf(interrupted('repair', last), { rating, isWhole: true }), last).to.equal('forward')
    expect(directionOf(interrupted('repair', 'switch'), { rating: 'good', isWhole: false })).to.equal('back')
  })

  it('is rolled back before the switch, or once it is being rolled back', () => {
    for (const last of [undefined, 'backup', 'export', 'seal', 'link'] as const)
      expect(directionOf(interrupted('repair', last), GOOD), last).to.equal('back')
    expect(directionOf(interrupted('repair', 'gate', { back: 'it crashed' }), GOOD)).to.equal('back')
  })
})

describe('a rollback that was interrupted', () => {
  it('is resumed where it has switched to a version that is known to be good', () => {
    for (const last of ['switch', 'restart', 'gate', 'prune'] as const)
      expect(directionOf(interrupted('rollback', last), GOOD), last).to.equal('forward')
  })

  it('is rolled back before the switch, as the settings may not be complete', () => {
    for (const last of [undefined, 'backup', 'link', 'settings'] as const)
      expect(directionOf(interrupted('rollback', last), GOOD), last).to.equal('back')
  })

  it('is rolled back from a version that is not known to be good, or no longer whole', () => {
    for (const facts of [
      { rating: 'bad', isWhole: true },
      { rating: 'unverified', isWhole: true },
      { rating: undefined, isWhole: true },
      { rating: 'good', isWhole: false },
    ] as const)
      expect(directionOf(interrupted('rollback', 'gate'), facts)).to.equal('back')
  })
})
