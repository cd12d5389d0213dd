import { expect } from 'chai'
import { isNewer, newestTag, versionInAnswer } from '#core/update/release-version.js'

describe('the newest version in an answer', () => {
  it("is npm's latest, a release's tag, or a version", () => {
    expect(versionInAnswer('{"dist-tags":{"latest":"1.2.3"},"versions":{}}')).to.equal('1.2.3')
    expect(versionInAnswer('{"tag_name":"v1.2.3"}')).to.equal('1.2.3')
    expect(versionInAnswer('{"version":"1.2.3-rc.1"}')).to.equal('1.2.3-rc.1')
  })

  for (const text of [
    '',
    'null',
    '[]',
    '<html>',
    '{}',
    '{"version":7}',
    '{"version":"\\u001b[2J1.2.3"}',
    '{"dist-tags":null}',
  ])
    it(`is unknown in ${JSON.stringify(text)}`, () => {
      expect(versionInAnswer(text)).to.equal(undefined)
    })
})

describe('the newest tag', () => {
  it('is that of the highest release, by its numbers', () => {
    const line = (name: string) => `0123456789012345678901234567890123456789\trefs/tags/${name}`
    const tags = ['v0.9.0', 'v0.10.0', 'v1.0.0-rc.1', 'nightly', '0.2.0'].map(line).join('\n')
    expect(newestTag(`${tags}\n`)).to.equal('0.10.0')
    expect(newestTag(line('nightly'))).to.equal(undefined)
    expect(newestTag('')).to.equal(undefined)
  })
})

describe('a newer version', () => {
  const table: [string, string | undefined, boolean][] = [
    ['1.0.1', '1.0.0', true],
    ['1.10.0', '1.9.9', true],
    ['1.0.0', '1.0.0', false],
    ['0.9.9', '1.0.0', false],
    ['1.0.0', '1.0.0-rc.1', true],
    ['1.0.0-rc.1', '1.0.0', false],
    ['v1.0.1', '1.0.0', true],
    ['1.0.0+build.7', '1.0.0', false],
    ['1.0.0', undefined, true],
    ['latest', '1.0.0', false],
  ]
  for (const [version, than, expected] of table)
    it(`${version} ${expected ? 'is' : 'is not'} newer than ${than ?? 'none'}`, () => {
      expect(isNewer(version, than)).to.equal(expected)
    })
})
