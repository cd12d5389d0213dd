import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Release, Releases } from '#core/deploy/releases/releases.js'
import { homePaths } from '#core/home/home-paths.js'
import { linkShared, unlinkShared } from '#core/home/shared-paths.js'
import { aHome } from '../../../support/builders/home.js'
import { contentOf } from '../../../support/deploy/deploy.js'
import { tempFolder } from '../../../support/temp.js'

const SHARED = ['.env', 'data', 'store/cache']

function newHome() {
  const home = tempFolder()
  const paths = homePaths(home)
  const write = (name: string, text = name) => {
    fs.mkdirSync(join(home, name, '..'), { recursive: true })
    fs.writeFileSync(join(home, name), text)
  }
  for (const name of ['.env', 'data/sentinel', 'data/deep/sentinel', 'store/cache/sentinel', 'store/own']) write(name)
  const releases = new Releases(aHome({ folder: paths.home }))
  /** A release as a deployment makes it, up to what is said here. */
  const make = (name: string, { subfolder = '', links = true, seals = true, shared = SHARED } = {}): Release => {
    const release = { name, commit: '1a2b3c4d', tag: null, subfolder, made_at: 1, shared }
    const work = releases.workFolderOf(release)
    fs.mkdirSync(work, { recursive: true })
    fs.writeFileSync(join(work, 'bot.mjs'), name)
    if (links) linkShared(home, work, shared, 'replace')
    if (seals) releases.seal(release)
    return release
  }
  return { home, paths, releases, make, content: () => contentOf(home) }
}

describe('removing a release', () => {
  for (const [what, options] of Object.entries({
    'that is whole': {},
    'that was never sealed': { seals: false },
    'that has no links yet': { links: false, seals: false },
    'of a part of the repository': { subfolder: 'bots/one/' },
    'of a part of the repository, half made': { subfolder: 'bots/one/', seals: false },
  }))
    it(`${what} leaves the data of the home as they are`, () => {
      const { releases, make, content } = newHome()
      const before = content()
      const { name, subfolder } = make('v1-1a2b3c4d', options)
      make('v2-1a2b3c4d')
      releases.remove(name, { subfolder, shared: SHARED })
      expect(content()).to.deep.equal(before)
      expect(fs.existsSync(releases.folderOf(name))).to.equal(false)
      expect(releases.read(name)).to.equal(undefined)
      expect(releases.list().map((release) => release.name)).to.deep.equal(['v2-1a2b3c4d'])
    })

  it('leaves the data of the home where other paths are shared now than when it was made', () => {
    const { releases, make, content } = newHome()
    const before = content()
    const { name } = make('v1-1a2b3c4d')
    releases.remove(name, { subfolder: '', shared: [] })
    make('v2-1a2b3c4d', { seals: false })
    releases.remove('v2-1a2b3c4d', { subfolder: '', shared: ['data/deep', 'store'] })
    expect(content()).to.deep.equal(before)
  })

  it('leaves the data of the home where the home was another part of its repository', () => {
    const { releases, make, content } = newHome()
    const before = content()
    make('v1-1a2b3c4d', { subfolder: 'bots/one/', seals: false })
    releases.remove('v1-1a2b3c4d', { subfolder: '', shared: SHARED })
    expect(content()).to.deep.equal(before)
  })

  it('leaves the data of the home where the bot has put a folder of its own in the place of a link', () => {
    const { releases, make, content } = newHome()
    const before = content()
    const { name } = make('v1-1a2b3c4d')
    const place = join(releases.folderOf(name), 'data')
    fs.unlinkSync(place)
    fs.mkdirSync(join(place, 'deep'), { recursive: true })
    fs.symlinkSync('../../../../data', join(place, 'back'))
    releases.remove(name, { subfolder: '', shared: SHARED })
    expect(content()).to.deep.equal(before)
    expect(fs.existsSync(releases.folderOf(name))).to.equal(false)
  })

  it('goes through no link that the bot has made anywhere in it', () => {
    const { home, releases, make, content } = newHome()
    const before = content()
    const { name } = make('v1-1a2b3c4d')
    const folder = releases.folderOf(name)
    fs.symlinkSync(home, join(folder, 'up'))
    fs.symlinkSync(join(home, 'data'), join(folder, 'mine'))
    fs.rmSync(join(folder, 'store'), { recursive: true })
    fs.symlinkSync(join(home, 'store'), join(folder, 'store'))
    releases.remove(name, { subfolder: '', shared: [...SHARED, 'mine/deep', 'up/data'] })
    expect(content()).to.deep.equal(before)
  })

  it('leaves the data of the home where the links lead nowhere, or to a home that was moved', () => {
    const { home, releases, make, content } = newHome()
    const before = content()
    const { name } = make('v1-1a2b3c4d')
    const place = join(releases.folderOf(name), 'data')
    fs.unlinkSync(place)
    fs.symlinkSync(join(home, 'gone'), place)
    releases.remove(name, { subfolder: '', shared: SHARED })
    expect(content()).to.deep.equal(before)
  })

  it('removes its manifest before anything else of it', () => {
    const { releases, make } = newHome()
    const { name } = make('v1-1a2b3c4d')
    const { rmSync } = fs
    const seen: boolean[] = []
    fs.rmSync = ((path: string, options: fs.RmOptions) => {
      if (path === releases.folderOf(name)) seen.push(releases.read(name) === undefined)
      rmSync(path, options)
    }) as typeof fs.rmSync
    try {
      releases.remove(name, { subfolder: '', shared: SHARED })
    } finally {
      fs.rmSync = rmSync
    }
    expect(seen).to.deep.equal([true])
  })

  it('does nothing where the release is not there', () => {
    const { releases, content } = newHome()
    const before = content()
    releases.remove('v1-1a2b3c4d', { subfolder: '', shared: SHARED })
    expect(content()).to.deep.equal(before)
  })
})

describe('the releases on disk', () => {
  it('are those with a folder and a manifest that can be read, newest first', () => {
    const { releases, make, paths } = newHome()
    make('v1-1a2b3c4d')
    releases.seal({ ...make('v2-1a2b3c4d'), made_at: 2 })
    make('v3-1a2b3c4d', { seals: false })
    make('v4-1a2b3c4d')
    fs.writeFileSync(join(paths.releases, 'v4-1a2b3c4d.json'), '{"commit":')
    releases.seal({ name: 'v5-1a2b3c4d', commit: 'x', tag: null, subfolder: '', made_at: 5, shared: [] })
    fs.writeFileSync(paths.activeRelease, '{"name":"v1-1a2b3c4d","commit":"1a2b3c4d"}')
    fs.writeFileSync(join(paths.releases, 'v1-1a2b3c4d.log'), 'x')
    expect(releases.list().map(({ name }) => name)).to.deep.equal(['v2-1a2b3c4d', 'v1-1a2b3c4d'])
    expect(releases.unfinished()).to.deep.equal(['v3-1a2b3c4d', 'v4-1a2b3c4d'])
  })

  it('are never looked for outside their folder', () => {
    const { releases, home } = newHome()
    fs.writeFileSync(join(home, '.catalyst.json'), '{}')
    for (const name of ['..', '.', '', '../..', 'a/b', 'a\\b', 'x'.repeat(101), 'ü'])
      expect(releases.read(name), name).to.equal(undefined)
  })
})

describe('a path that a release shares with its home', () => {
  it('is removed as a link, and stays where the release has files of its own there', () => {
    const { home, releases, make } = newHome()
    const folder = releases.folderOf(make('v1-1a2b3c4d').name)
    expect(fs.realpathSync(join(folder, 'store', 'cache'))).to.equal(join(home, 'store', 'cache'))
    unlinkShared(folder, [...SHARED, 'data/deep', 'bot.mjs', 'none'])
    expect(fs.readdirSync(folder)).to.have.members(['bot.mjs', 'store'])
    expect(fs.readdirSync(join(folder, 'store'))).to.deep.equal([])
  })

  it('replaces what tools have left in a new one, and never what a bot has written', () => {
    const { home, releases, make } = newHome()
    const folder = releases.folderOf(make('v1-1a2b3c4d', { links: false }).name)
    fs.mkdirSync(join(folder, 'data'))
    fs.writeFileSync(join(folder, 'data', 'written'), 'x')
    expect(() => linkShared(home, folder, ['data'], 'refuse')).to.throw('in the way')
    expect(fs.readFileSync(join(folder, 'data', 'written'), 'utf8')).to.equal('x')
    linkShared(home, folder, ['data'], 'replace')
    expect(fs.readFileSync(join(folder, 'data', 'sentinel'), 'utf8')).to.equal('data/sentinel')
    linkShared(home, folder, ['data'], 'refuse')
  })

  it('is one link where one shared path lies in another', () => {
    const { home, releases, make } = newHome()
    const folder = releases.folderOf(make('v1-1a2b3c4d', { shared: ['data/deep', 'data', 'data/deep/er'] }).name)
    expect(fs.realpathSync(join(folder, 'data'))).to.equal(join(home, 'data'))
    expect(fs.lstatSync(join(home, 'data', 'deep')).isDirectory()).to.equal(true)
  })
})
