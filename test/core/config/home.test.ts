import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { findHome as find, withRealCase } from '#core/config/home.js'
import { isEverybodys } from '#core/platform/process/trust.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const findHome = (options: Parameters<typeof find>[0]) => find(options).home
const MALLORY = 65_534
/** What needs a second user. */
const asRoot = process.getuid?.() === 0 ? it : () => {}
const onUnix = process.platform === 'win32' ? () => {} : it

describe('the home', () => {
  afterEach(removeTempFolders)

  it('is found by --home before CATALYST_HOME before the nearest folder with .env or .git', () => {
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

  it('is the folder around .catalyst/ for any current folder inside that', () => {
    const root = tempFolder()
    const inside = join(root, '.catalyst', 'releases', 'v1-12345678', 'src')
    mkdirSync(inside, { recursive: true })
    writeFileSync(join(root, '.catalyst', 'releases', 'v1-12345678', '.env'), '')
    expect(findHome({ flag: inside, cwd: root })).to.equal(root)
    writeFileSync(join(root, '.env'), '')
    expect(findHome({ cwd: inside })).to.equal(root)
  })

  it("is named in Windows' own case, but keeps the name of a junction or of a drive made by subst", () => {
    expect(withRealCase('c:\\bots\\MYBOT', 'C:\\Bots\\mybot')).to.equal('C:\\Bots\\mybot')
    expect(withRealCase('X:\\mybot', 'C:\\Bots\\mybot')).to.equal('X:\\mybot')
    expect(withRealCase('C:\\gone', undefined)).to.equal('C:\\gone')
  })

  it('must exist if it is named', () => {
    expect(() => findHome({ flag: '', cwd: '/' })).to.throw('--home is empty')
    const root = tempFolder()
    expect(() => findHome({ flag: join(root, 'nowhere'), cwd: root })).to.throw('does not exist')
    writeFileSync(join(root, 'file'), '')
    expect(() => findHome({ environment: join(root, 'file'), cwd: root })).to.throw('is not a folder')
  })
})

describe('an unnamed home', () => {
  afterEach(removeTempFolders)

  /** `top/bot/src`, with settings in `bot`. */
  function homeInFolder() {
    const top = tempFolder()
    const home = join(top, 'bot')
    const cwd = join(home, 'src')
    mkdirSync(cwd, { recursive: true })
    writeFileSync(join(home, '.env'), '')
    return { top, home, cwd }
  }
  const passedOver = (cwd: string) => find({ cwd }).passedOver

  onUnix('is passed over where everybody may write to it, or to a folder between it and where one stands', () => {
    for (const open of ['home', 'cwd'] as const) {
      const made = homeInFolder()
      chmodSync(made[open], 0o1777)
      expect(find({ cwd: made.cwd }).home, open).to.equal(made.cwd)
      expect(passedOver(made.cwd)).to.deep.equal([{ folder: made.home, why: `everybody may write to ${made[open]}` }])
    }
  })

  onUnix('is passed over where others may write to its settings', () => {
    const { home, cwd } = homeInFolder()
    chmodSync(join(home, '.env'), 0o666)
    expect(passedOver(cwd)).to.deep.equal([{ folder: home, why: `everybody may write to ${join(home, '.env')}` }])
  })

  onUnix('counts whoever may write to the folder above it', () => {
    const { top, home, cwd } = homeInFolder()
    chmodSync(top, 0o1777)
    expect(find({ cwd })).to.deep.equal({ home, by: 'search', passedOver: [] })
  })

  asRoot("is passed over for root where it, its settings, its repository or its state are another user's", () => {
    for (const foreign of ['', '.env', '.git', '.catalyst', 'src']) {
      const { home, cwd } = homeInFolder()
      for (const name of ['.git', '.catalyst']) mkdirSync(join(home, name))
      chownSync(join(home, foreign), MALLORY, MALLORY)
      expect(passedOver(cwd), foreign).to.deep.equal([
        { folder: home, why: `${join(home, foreign)} belongs to nobody` },
      ])
    }
  })

  asRoot('is passed over where its settings are a link to what another user may change', () => {
    const { top, home, cwd } = homeInFolder()
    writeFileSync(join(top, 'theirs'), '')
    chownSync(join(top, 'theirs'), MALLORY, MALLORY)
    mkdirSync(join(home, '.git'))
    symlinkSync(join(top, 'theirs'), join(cwd, '.env'))
    expect(find({ cwd })).to.deep.include({ home, by: 'search' })
    expect(passedOver(cwd)).to.deep.equal([{ folder: cwd, why: `${join(cwd, '.env')} belongs to nobody` }])
  })

  asRoot('counts where the group that may write to it has nobody else in it, and not where it has', () => {
    const { home, cwd } = homeInFolder()
    chmodSync(home, 0o775)
    expect(find({ cwd }).home, "root's own group").to.equal(home)
    chownSync(home, 0, MALLORY)
    expect(passedOver(cwd)[0]?.why).to.match(/^the group \w+ may write to /)
  })

  asRoot('counts for root where it belongs to whoever typed sudo', () => {
    const { home, cwd } = homeInFolder()
    for (const path of [home, cwd, join(home, '.env')]) chownSync(path, MALLORY, MALLORY)
    process.env.SUDO_UID = String(MALLORY)
    try {
      expect(find({ cwd })).to.deep.equal({ home, by: 'search', passedOver: [] })
    } finally {
      delete process.env.SUDO_UID
    }
    expect(find({ cwd }).by).to.equal('nothing')
  })

  onUnix('gives way to one further up that can be trusted', () => {
    const { top, home, cwd } = homeInFolder()
    writeFileSync(join(top, '.env'), '')
    chmodSync(join(home, '.env'), 0o666)
    expect(find({ cwd })).to.deep.include({ home: top, by: 'search' })
  })

  onUnix('is not made in a folder that everybody may write to', () => {
    const cwd = tempFolder()
    expect(find({ cwd })).to.deep.equal({ home: cwd, by: 'nothing', passedOver: [] })
    chmodSync(cwd, 0o777)
    expect(find({ cwd }).unfit).to.equal(`everybody may write to ${cwd}`)
  })

  asRoot('counts whosever it is, once it is named', () => {
    const { home, cwd } = homeInFolder()
    chownSync(home, MALLORY, MALLORY)
    expect(find({ cwd, flag: home })).to.deep.equal({ home, by: '--home', passedOver: [] })
    expect(find({ cwd, environment: home })).to.deep.equal({ home, by: 'CATALYST_HOME', passedOver: [] })
  })

  it('is neither the top of a drive nor a shared folder on Windows', () => {
    const environment = { PUBLIC: 'C:\\Users\\Public', ProgramData: 'C:\\ProgramData', SystemRoot: 'C:\\Windows' }
    const isOpen = (path: string) => isEverybodys(path, environment)
    for (const path of ['C:\\', 'c:/', 'D:\\', 'C:\\programdata\\', 'C:\\Users\\Public', 'C:\\Windows\\Temp'])
      expect(isOpen(path), path).to.equal(true)
    for (const path of ['C:\\bots', 'C:\\Users\\ann\\bot', 'C:\\ProgramData\\bot'])
      expect(isOpen(path), path).to.equal(false)
  })
})
