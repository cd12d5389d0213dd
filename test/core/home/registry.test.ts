import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { registeredHomes, registerHome, registryPath } from '#core/home/registry.js'
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

  it('drops homes that are gone when it is read', () => {
    const home = aHomeFolder()
    registerHome(home)
    writeFileSync(path, JSON.stringify({ homes: ['/nowhere', home] }))
    expect(registeredHomes(path)).to.deep.equal([home])
    registerHome(aHomeFolder())
    expect(readFileSync(path, 'utf8')).to.not.include('nowhere')
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
