import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { clearPause, makePause, pauseOf, pauseText, writePause } from '#core/home/pause.js'
import { localTime } from '#core/text.js'
import { tempFolder } from '../../support/temp.js'

const NOW = Date.parse('2026-03-01T12:00:00Z')
const HOUR_MS = 60 * 60_000

describe('a pause of the watchdog', () => {
  const asked = (length: string, why?: string) => makePause({ length, why, by: 'ann' }, NOW)

  it('holds from when somebody asked for it until its end, by itself', () => {
    const paths = homePaths(tempFolder())
    expect(pauseOf(paths, NOW)).to.equal(undefined)
    const pause = asked('2h', 'moving the\n database')
    writePause(paths, pause)
    expect(pause).to.deep.equal({
      by: 'ann',
      since: '2026-03-01T12:00:00.000Z',
      until: '2026-03-01T14:00:00.000Z',
      why: 'moving the database',
    })
    expect(pauseOf(paths, NOW + 2 * HOUR_MS - 1)).to.deep.equal(pause)
    expect(pauseOf(paths, NOW + 2 * HOUR_MS)).to.equal(undefined)
    clearPause(paths)
    expect(pauseOf(paths, NOW)).to.equal(undefined)
    clearPause(paths)
  })

  it('of a clock that was set back by years holds no longer', () => {
    const paths = homePaths(tempFolder())
    writePause(paths, asked('2h'))
    expect(pauseOf(paths, NOW - 8 * 24 * HOUR_MS)).to.equal(undefined)
  })

  it('that is damaged pauses nothing', () => {
    const paths = homePaths(tempFolder())
    writePause(paths, asked('2h'))
    for (const text of [
      '',
      '{',
      '[]',
      '{"until":"2026-03-01T14:00:00Z"}',
      '{"by":"a","since":"","until":"soon","why":null}',
    ]) {
      writeFileSync(paths.pause, text)
      expect(pauseOf(paths, NOW), text).to.equal(undefined)
    }
  })

  it('is told in one line', () => {
    expect(pauseText(asked('1d'))).to.equal(`paused until ${localTime(NOW + 24 * HOUR_MS)} by ann`)
    expect(pauseText(asked('1m', ' why '))).to.equal(`paused until ${localTime(NOW + 60_000)} by ann: why`)
  })

  for (const [length, isRight] of [
    ['1m', true],
    ['60s', true],
    ['7d', true],
    ['1.5h', true],
    ['59s', false],
    ['8d', false],
    ['0', false],
    ['2', false],
    ['-2h', false],
    ['2 weeks', false],
    ['', false],
  ] as const)
    it(`for ${JSON.stringify(length)} is ${isRight ? 'made' : 'refused'}`, () => {
      const make = () => asked(length)
      if (isRight) expect(make).to.not.throw()
      else expect(make).to.throw('--for must be a time from 1m to 7d')
    })

  it('has a reason that fits a line', () => {
    expect(() => asked('2h', 'x'.repeat(201))).to.throw('200 characters at most')
  })
})
