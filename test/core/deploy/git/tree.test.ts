import { expect } from 'chai'
import { parseTree, type TreeEntry, trackedBelow } from '#core/deploy/git/tree.js'

const OBJECT = '0123456789abcdef0123456789abcdef01234567'
const entry = (path: string, kind: TreeEntry['kind'] = 'file'): TreeEntry => ({ path, kind, object: OBJECT })

describe('the output of git ls-tree', () => {
  it('is read whole, whatever a file is called', () => {
    const paths = ['a', 'a b', '-f', 'tab\there', 'line\nbreak', '"quoted"', 'größe', 'deep/er/x', '100644 blob']
    const text = paths.map((path) => `100644 blob ${OBJECT}\t${path}\0`).join('')
    expect(parseTree(text)).to.deep.equal(paths.map((path) => entry(path)))
  })

  it('tells files, programs, links and submodules apart', () => {
    const text = [
      `100644 blob ${OBJECT}\tfile`,
      `100755 blob ${OBJECT}\tprogram`,
      `120000 blob ${OBJECT}\tlink`,
      `160000 commit ${OBJECT}\tmodule`,
      '',
    ].join('\0')
    expect(parseTree(text).map(({ path, kind }) => `${path} ${kind}`)).to.deep.equal([
      'file file',
      'program file',
      'link link',
      'module submodule',
    ])
  })

  it('has no entry for an empty tree', () => {
    expect(parseTree('')).to.deep.equal([])
  })
})

describe('a shared path of the home', () => {
  const found = (
    paths: readonly (string | TreeEntry)[],
    options: { subfolder?: string; shared?: string[]; platform?: NodeJS.Platform } = {},
  ) =>
    trackedBelow(
      paths.map((one) => (typeof one === 'string' ? entry(one) : one)),
      options.subfolder ?? '',
      options.shared ?? ['.env', 'data'],
      options.platform ?? 'linux',
    )

  it('must not be in the commit: neither the path itself nor anything below it', () => {
    expect(found(['bot.mjs', '.env', 'data/a', 'data/deep/b'])).to.deep.equal(['.env', 'data/a', 'data/deep/b'])
    expect(found([entry('data', 'link')])).to.deep.equal(['data'])
    expect(found([entry('data', 'submodule')])).to.deep.equal(['data'])
  })

  it('is not in conflict with a name that only begins like it', () => {
    expect(found(['database.ts', '.env.example', 'data-old/a', 'src/data/a', '.envrc'])).to.deep.equal([])
  })

  for (const [platform, isFolded] of [
    ['win32', true],
    ['darwin', true],
    ['linux', false],
  ] as const)
    it(`${isFolded ? 'is the same in upper and lower case' : 'is another one in other case'} on ${platform}`, () => {
      expect(found(['Data/a', '.ENV'], { platform })).to.deep.equal(isFolded ? ['Data/a', '.ENV'] : [])
      expect(found(['data/a'], { platform, shared: ['DATA'] })).to.deep.equal(isFolded ? ['data/a'] : [])
      expect(found(['Bots/One/data/a'], { platform, subfolder: 'bots/one/' })).to.deep.equal(
        isFolded ? ['Bots/One/data/a'] : [],
      )
    })

  it('must have no link or submodule of the commit above it, since that would lead out of the release', () => {
    const shared = ['store/cache/data']
    for (const kind of ['link', 'submodule'] as const) {
      expect(found([entry('store', kind)], { shared })).to.deep.equal(['store'])
      expect(found([entry('store/cache', kind)], { shared })).to.deep.equal(['store/cache'])
      expect(found([entry('STORE', kind)], { shared, platform: 'darwin' })).to.deep.equal(['STORE'])
      expect(found([entry('stor', kind), entry('store/other', kind)], { shared })).to.deep.equal([])
    }
    expect(found(['store/readme'], { shared }), 'files beside it are fine').to.deep.equal([])
  })

  it('is relative to the home where that is a part of its repository', () => {
    expect(found(['data/a', 'bots/one/data/b', 'bots/two/data/c'], { subfolder: 'bots/one/' })).to.deep.equal([
      'bots/one/data/b',
    ])
    expect(found([entry('bots', 'link')], { subfolder: 'bots/one/' })).to.deep.equal(['bots'])
  })

  it('is never in conflict where there is none', () => {
    expect(found(['data/a', '.env'], { shared: [] })).to.deep.equal([])
  })
})
