import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { homePaths } from '#core/state/home-paths.js'
import { forgetWish, readStopWish, wishStop } from '#core/state/wanted.js'
import { tempFolder } from '../../support/temp.js'

describe('the wish that a bot stays stopped', () => {
  it('is kept with who wished it, and when', () => {
    const paths = homePaths(tempFolder())
    wishStop(paths, 'ann (as root)', Date.parse('2026-03-01T12:00:00.000Z'))
    expect(readStopWish(paths)).to.deep.equal({
      wanted: 'stopped',
      by: 'ann (as root)',
      at: '2026-03-01T12:00:00.000Z',
    })
  })

  it('is forgotten when it is to run, again too', () => {
    const paths = homePaths(tempFolder())
    wishStop(paths, 'ann', 0)
    forgetWish(paths)
    forgetWish(paths)
    expect(readStopWish(paths)).to.equal(undefined)
    expect(existsSync(paths.wanted)).to.equal(false)
  })

  it('is not there at first', () => {
    expect(readStopWish(homePaths(tempFolder()))).to.equal(undefined)
  })

  for (const text of [
    '',
    '{"wanted":"stop',
    'null',
    '[]',
    '"stopped"',
    '{}',
    '{"wanted":"running","by":"ann","at":"x"}',
    '{"wanted":true}',
  ]) {
    it(`is none where its file holds ${text || 'nothing'}`, () => {
      const paths = homePaths(tempFolder())
      mkdirSync(paths.state, { recursive: true })
      writeFileSync(paths.wanted, text)
      expect(readStopWish(paths)).to.equal(undefined)
      wishStop(paths, 'ann', 0)
      expect(readStopWish(paths)?.by).to.equal('ann')
    })
  }
})
