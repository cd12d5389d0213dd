import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { clearDesiredState, readDesiredStop, writeDesiredStop } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { tempFolder } from '../../support/temp.js'

describe('the desired state of a stopped bot', () => {
  it('is recorded with the person who asked, and the time', () => {
    const paths = homePaths(tempFolder())
    writeDesiredStop(paths, 'ann (as root)', Date.parse('2026-03-01T12:00:00.000Z'))
    expect(readDesiredStop(paths)).to.deep.equal({
      desired: 'stopped',
      by: 'ann (as root)',
      at: '2026-03-01T12:00:00.000Z',
    })
  })

  it('is cleared when the bot is to run, also twice', () => {
    const paths = homePaths(tempFolder())
    writeDesiredStop(paths, 'ann', 0)
    clearDesiredState(paths)
    clearDesiredState(paths)
    expect(readDesiredStop(paths)).to.equal(undefined)
    expect(existsSync(paths.desiredState)).to.equal(false)
  })

  it('is absent at first', () => {
    expect(readDesiredStop(homePaths(tempFolder()))).to.equal(undefined)
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
      writeFileSync(paths.desiredState, text)
      expect(readDesiredStop(paths)).to.equal(undefined)
      writeDesiredStop(paths, 'ann', 0)
      expect(readDesiredStop(paths)?.by).to.equal('ann')
    })
  }
})
