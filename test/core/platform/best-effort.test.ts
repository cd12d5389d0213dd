import { expect } from 'chai'
import { bestEffort } from '#core/platform/best-effort.js'

describe('a write that may fail', () => {
  it('fails nothing else: its failure is handed on in words', () => {
    const faults: string[] = []
    const broken = () => {
      throw new Error('no space left')
    }
    expect(
      bestEffort(
        () => {},
        (fault) => faults.push(fault),
      ),
    ).to.equal(true)
    expect(bestEffort(broken, (fault) => faults.push(fault))).to.equal(false)
    expect(
      bestEffort(
        broken,
        (fault) => faults.push(fault),
        () => 'the disk is full',
      ),
    ).to.equal(false)
    expect(faults).to.deep.equal(['no space left', 'the disk is full'])
  })
})
