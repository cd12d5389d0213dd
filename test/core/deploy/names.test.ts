import fs from 'node:fs'
import { join, win32 } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { freeName, releaseName, versionName } from '#core/deploy/names.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { homePaths } from '#core/home/home-paths.js'
import { aHome } from '../../support/builders/home.js'
import { tempFolder } from '../../support/temp.js'

const COMMIT = '1a2b3c4d5e6f708192a3b4c5d6e7f80912233445'
const END = '-1a2b3c4d'

const NAMES: Readonly<Record<string, string>> = {
  'v1.2.3': 'v1.2.3',
  'release/2026-03': 'release_2026-03',
  'v1.0.0-rc.1+build': 'v1.0.0-rc.1+build',
  '../..': '_.._..',
  '..': '_..',
  '.': '_.',
  '.hidden': '_.hidden',
  '-f': '_-f',
  '--upload-pack=touch x': '_--upload-pack_touch_x',
  con: '_con',
  'con.txt': '_con.txt',
  'LPT1.x': '_LPT1.x',
  'nul.': '_nul.',
  'C:\\Windows': 'C__Windows',
  'a b': 'a_b',
  '"x"': '_x_',
  'a\nb': 'a_b',
  'v\u0031\u0335': 'v1_',
  größe: 'gr__e',
  ｖ１: '__',
  'v1\u202Egpj': 'v1_gpj',
  раypal: '__ypal',
  ['x'.repeat(255)]: 'x'.repeat(60),
}

describe('the folder name of a release', () => {
  for (const [tag, name] of Object.entries(NAMES))
    it(`is safe on every platform for the tag ${JSON.stringify(tag.slice(0, 30))}`, () => {
      expect(releaseName(tag, COMMIT)).to.equal(name + END)
    })

  it('is made of the commit where there is no tag', () => {
    expect(releaseName(null, COMMIT)).to.equal('commit-1a2b3c4d')
  })

  it('is one folder of its own on every platform, whatever a tag is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), (tag) => {
        const name = releaseName(tag, COMMIT)
        expect(name).to.match(/^[\w][\w.+-]{0,79}$/)
        expect(name.endsWith(END)).to.equal(true)
        expect(name).to.not.match(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i)
        expect(join('/releases', name)).to.equal(`/releases/${name}`)
        expect(win32.join('C:\\releases', name)).to.equal(`C:\\releases\\${name}`)
      }),
      { numRuns: 500 },
    )
  })

  it('is always recognized among the releases on disk', () => {
    const paths = homePaths(tempFolder())
    const releases = new Releases(aHome({ folder: paths.home }))
    const names = [...new Set(Object.keys(NAMES).map((tag) => releaseName(tag, COMMIT)))]
    for (const name of names) {
      releases.seal({ name, commit: COMMIT, tag: null, subfolder: '', shared: [], made_at: 1 })
      expect(releases.read(name), 'without its folder it is no release').to.equal(undefined)
      fs.mkdirSync(releases.folderOf(name), { recursive: true })
      expect(releases.read(name)?.commit, name).to.equal(COMMIT)
    }
    expect(new Set(releases.list().map(({ name }) => name))).to.deep.equal(new Set(names))
  })
})

describe('the name of a version for people', () => {
  it('is its tag, else the first digits of its commit', () => {
    expect(versionName({ tag: 'v1', commit: COMMIT })).to.equal('v1')
    expect(versionName({ tag: null, commit: COMMIT })).to.equal('1a2b3c4d')
  })
})

describe('the name of a release that is built beside another one', () => {
  const plain = `v1${END}`

  it('has the next free number', () => {
    expect(freeName(plain, [])).to.equal(plain)
    expect(freeName(plain, [plain])).to.equal(`${plain}-2`)
    expect(freeName(plain, [plain, `${plain}-2`, `${plain}-4`])).to.equal(`${plain}-3`)
  })

  it('has one number at most, and takes no part of a tag for one', () => {
    expect(freeName(`${plain}-2`, [`${plain}-2`])).to.equal(plain)
    expect(freeName(`${plain}-2`, [plain, `${plain}-2`])).to.equal(`${plain}-3`)
    expect(freeName('v1-2', ['v1-2'])).to.equal('v1-2-2')
  })
})
