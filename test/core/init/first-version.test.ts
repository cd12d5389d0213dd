import { expect } from 'chai'
import { freeTag } from '#core/init/first-version.js'

describe('freeTag', () => {
  for (const [taken, version, tag] of [
    [[], undefined, 'v0.1.0'],
    [[], '1.4.0', 'v1.4.0'],
    [['v1.4.0'], '1.4.0', 'v1.4.1'],
    [['v1.9.0', 'v1.10.2', 'nightly'], undefined, 'v1.10.3'],
    [['2.0.0'], '1.0.0-beta', 'v2.0.1'],
  ] as const)
    it(`is ${tag} for ${version ?? 'no version'} beside ${taken.join(', ') || 'no tags'}`, () => {
      expect(freeTag(taken, version)).to.equal(tag)
    })
})
