import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { allRegistered, registeredHomes, registerHome, registryPath } from '#core/home/registry.js'
import { tempFolder } from '../../support/temp.js'

describe('the registry of homes', () => {
  const before = process.env.XDG_CONFIG_HOME
  let path: string

  beforeEach(() => {
    process.env.XDG_CONFIG_HOME = tempFolder()
    path = registryPath({ folder: '/home/ann' }, process.env, 'linux') as string
  })

  afterEach(() => {
    process.env.XDG_CONFIG_HOME = before
  })

  function aHomeFolder(): string {
    const home = tempFolder()
    mkdirSync(join(home, '.catalyst'))
    return home
  }

  it('lies in the folder for settings of the user', () => {
    const at = (environment: NodeJS.ProcessEnv, platform: NodeJS.Platform) =>
      registryPath({ folder: '/home/ann' }, environment, platform)
    expect(at({}, 'linux')).to.equal(join('/home/ann/.config/catalyst/homes.json'))
    expect(at({ XDG_CONFIG_HOME: '/c' }, 'darwin')).to.equal(join('/c/catalyst/homes.json'))
    expect(at({ APPDATA: 'C:\\a' }, 'win32')).to.equal(join('C:\\a', 'catalyst', 'homes.json'))
    expect(at({}, 'win32')).to.equal(undefined)
  })

  it('has each home once, the one used last at the end, for its user alone', () => {
    const [one, other] = [aHomeFolder(), aHomeFolder()]
    for (const home of [one, other, one]) registerHome(home)
    expect(registeredHomes(path)).to.deep.equal([other, one])
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).to.equal(0o600)
  })

  it('leaves out homes that are not there, and knows them again once they are back, as on a disk that was unplugged', () => {
    const home = aHomeFolder()
    const unplugged = aHomeFolder()
    for (const one of [unplugged, home]) registerHome(one)
    rmSync(join(unplugged, '.catalyst'), { recursive: true })
    expect(registeredHomes(path)).to.deep.equal([home])
    const third = aHomeFolder()
    registerHome(third)
    expect(allRegistered(path)).to.deep.equal([unplugged, home, third])
    mkdirSync(join(unplugged, '.catalyst'))
    expect(registeredHomes(path)).to.deep.equal([unplugged, home, third])
  })

  it('tells a registry that can not be read from one without homes', () => {
    expect(allRegistered(path), 'none yet').to.equal(undefined)
    registerHome(aHomeFolder())
    expect(allRegistered(path)).to.have.length(1)
    writeFileSync(path, '{"homes": [')
    expect(allRegistered(path), 'a torn one').to.equal(undefined)
    writeFileSync(path, '{"homes": []}')
    expect(allRegistered(path)).to.deep.equal([])
  })

  it('is bounded, and one that was damaged is begun anew', () => {
    const home = aHomeFolder()
    registerHome(home)
    writeFileSync(path, JSON.stringify({ homes: [...Array(300).fill(home), '/nowhere'] }))
    expect(registeredHomes(path)).to.have.length(199)
    writeFileSync(path, '{"homes": [1]}')
    expect(registeredHomes(path)).to.deep.equal([])
    registerHome(home)
    expect(registeredHomes(path)).to.deep.equal([home])
  })

  it('that can not be written keeps nothing from its start', () => {
    process.env.XDG_CONFIG_HOME = '/dev/null/none'
    registerHome(aHomeFolder())
    registerHome('/nowhere')
    expect(registeredHomes(undefined)).to.deep.equal([])
  })
})
