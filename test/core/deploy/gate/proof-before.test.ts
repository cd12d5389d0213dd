import { expect } from 'chai'
import { type ProofFacts, proofBefore } from '#core/deploy/gate/proof-before.js'

describe('the proof that a deployment must not fall behind', () => {
  const before: ProofFacts = {
    what: 'deployment',
    acceptsNoProof: false,
    named: ['auto'],
    running: 'report',
    rated: undefined,
  }
  const cases: [what: string, facts: Partial<ProofFacts>, proof: string | null][] = [
    ['the bot that runs reports', {}, 'report'],
    [
      'its version reported when it was rated, and has not yet since its start',
      { running: 'process', rated: 'report' },
      'report',
    ],
    ['no bot runs, but its version was rated', { running: undefined, rated: 'url,log' }, 'url,log'],
    ['the version before proved nothing either', { running: 'process', rated: 'process' }, null],
    ['nothing is known of it', { running: undefined }, null],
    ['that was accepted', { acceptsNoProof: true }, null],
    ['the settings ask for no more', { named: ['process'] }, null],
    ['it is a rollback', { what: 'rollback' }, null],
  ]
  for (const [what, facts, proof] of cases)
    it(`is ${proof ?? 'none'} where ${what}`, () => expect(proofBefore({ ...before, ...facts })).to.equal(proof))
})
