import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { linkShared, unlinkShared } from '#core/home/shared-paths.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const SHARED = ['.env', 'data']

function newHome(): { home: string; release: string } {
  const home = tempFolder()
  const release = join(home, '.catalyst', 'releases', 'v1-1a2b3c4d')
  fs.mkdirSync(release, { recursive: true })
  fs.mkdirSync(join(home, 'data'))
  fs.writeFileSync(join(home, '.env'), 'A=1\n')
  return { home, release }
}

describe('the shared paths of a release', () => {
  afterEach(removeTempFolders)

  it('are linked so that home and release can be moved together', () => {
    const { home, release } = newHome()
    linkShared(home, release, SHARED, 'refuse')
    expect(fs.readlinkSync(join(release, 'data'))).to.equal('../../../data')
    expect(fs.readlinkSync(join(release, '.env'))).to.equal('../../../.env')
  })

  it('are made in the home if it lacks them, so that nothing is lost that a bot writes there', () => {
    const { home, release } = newHome()
    linkShared(home, release, ['state/deep', 'book.json'], 'refuse')
    fs.writeFileSync(join(release, 'state', 'deep', 'one'), 'mine')
    fs.writeFileSync(join(release, 'book.json'), 'mine, too')
    expect(fs.readFileSync(join(home, 'state', 'deep', 'one'), 'utf8')).to.equal('mine')
    expect(fs.readFileSync(join(home, 'book.json'), 'utf8')).to.equal('mine, too')
  })

  it('are linked as far as possible, and the first fault is thrown', () => {
    const { home, release } = newHome()
    fs.mkdirSync(join(release, 'data'))
    fs.writeFileSync(join(release, 'data', 'own'), 'the bot wrote it')
    expect(() => linkShared(home, release, ['data', '.env'], 'refuse')).to.throw('data is in the way')
    expect(fs.readFileSync(join(release, '.env'), 'utf8')).to.equal('A=1\n')
    expect(fs.readFileSync(join(release, 'data', 'own'), 'utf8')).to.equal('the bot wrote it')
  })

  // junctions are made by node only on Windows; elsewhere the same calls make links, which show where they lead
  it('are, on Windows, an absolute link for a folder, and for a file a copy that each start renews', () => {
    const { home, release } = newHome()
    linkShared(home, release, SHARED, 'refuse', 'win32')
    expect(fs.readlinkSync(join(release, 'data'))).to.equal(join(home, 'data'))
    expect(fs.lstatSync(join(release, '.env')).isSymbolicLink()).to.equal(false)
    fs.writeFileSync(join(home, '.env'), 'A=2\n')
    linkShared(home, release, SHARED, 'refuse', 'win32')
    expect(fs.readFileSync(join(release, '.env'), 'utf8')).to.equal('A=2\n')
  })

  it('are, on Windows, repaired at the next start of a home that was moved', () => {
    const { home, release } = newHome()
    fs.symlinkSync('/where/it/was/data', join(release, 'data'))
    linkShared(home, release, SHARED, 'refuse', 'win32')
    expect(fs.readlinkSync(join(release, 'data'))).to.equal(join(home, 'data'))
  })

  it('are removed as links, and their targets stay', () => {
    const { home, release } = newHome()
    fs.writeFileSync(join(home, 'data', 'sentinel'), 'mine')
    linkShared(home, release, SHARED, 'refuse')
    unlinkShared(release, SHARED)
    expect(fs.existsSync(join(release, 'data'))).to.equal(false)
    expect(fs.readFileSync(join(home, 'data', 'sentinel'), 'utf8')).to.equal('mine')
  })
})
