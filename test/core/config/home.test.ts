import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { findHome, withRealCase } from '#core/config/home.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('the home', () => {
  afterEach(removeTempFolders)

  it('is --home before CATALYST_HOME before the nearest folder with .env or .git', () => {
    const root = tempFolder()
    for (const name of ['flag', 'named', 'found/deep/er']) mkdirSync(join(root, name), { recursive: true })
    writeFileSync(join(root, 'found', '.env'), '')
    const cwd = join(root, 'found', 'deep', 'er')
    expect(findHome({ flag: join(root, 'flag'), environment: join(root, 'named'), cwd })).to.equal(join(root, 'flag'))
    expect(findHome({ environment: join(root, 'named'), cwd })).to.equal(join(root, 'named'))
    expect(findHome({ cwd })).to.equal(join(root, 'found'))
    expect(findHome({ environment: '', cwd })).to.equal(join(root, 'found'))
    expect(findHome({ flag: '../..', cwd })).to.equal(join(root, 'found'))
  })

  it('is around .catalyst/, wherever inside one stands', () => {
    const root = tempFolder()
    const inside = join(root, '.catalyst', 'releases', 'v1-12345678', 'src')
    mkdirSync(inside, { recursive: true })
    writeFileSync(join(root, '.catalyst', 'releases', 'v1-12345678', '.env'), '')
    expect(findHome({ flag: inside, cwd: root })).to.equal(root)
    writeFileSync(join(root, '.env'), '')
    expect(findHome({ cwd: inside })).to.equal(root)
  })

  it('is in the case that Windows has, but keeps the name of a junction or of a drive made by subst', () => {
    expect(withRealCase('c:\\bots\\MYBOT', 'C:\\Bots\\mybot')).to.equal('C:\\Bots\\mybot')
    expect(withRealCase('X:\\mybot', 'C:\\Bots\\mybot')).to.equal('X:\\mybot')
    expect(withRealCase('C:\\gone', undefined)).to.equal('C:\\gone')
  })

  it('must be there when it is named', () => {
    expect(() => findHome({ flag: '', cwd: '/' })).to.throw('--home is empty')
    const root = tempFolder()
    expect(() => findHome({ flag: join(root, 'nowhere'), cwd: root })).to.throw('does not exist')
    writeFileSync(join(root, 'file'), '')
    expect(() => findHome({ environment: join(root, 'file'), cwd: root })).to.throw('is not a folder')
  })
})
