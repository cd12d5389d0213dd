import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect } from 'chai'
import { allRegistered, registeredHomes, registerHome, registryPath } from '#core/home/registry.js'
import { realClock } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { FakeClock } from '../../support/fake-clock.js'
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

  const gone = (number: number) => resolve(`/gone/${number}`)

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

  it('has each home once, the one used last at the end, for its user alone', async () => {
    const [one, other] = [aHomeFolder(), aHomeFolder()]
    for (const home of [one, other, one]) await registerHome(realClock, home)
    expect(registeredHomes(path)).to.deep.equal([other, one])
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).to.equal(0o600)
  })

  it('leaves out homes that are not there, and knows them again once they are back, as on a disk that was unplugged', async () => {
    const home = aHomeFolder()
    const unplugged = aHomeFolder()
    for (const one of [unplugged, home]) await registerHome(realClock, one)
    rmSync(join(unplugged, '.catalyst'), { recursive: true })
    expect(registeredHomes(path)).to.deep.equal([home])
    const third = aHomeFolder()
    await registerHome(realClock, third)
    expect(allRegistered(path)).to.deep.equal([unplugged, home, third])
    mkdirSync(join(unplugged, '.catalyst'))
    expect(registeredHomes(path)).to.deep.equal([unplugged, home, third])
  })

  it('tells a registry that can not be read from one without homes', async () => {
    expect(allRegistered(path), 'none yet').to.equal(undefined)
    await registerHome(realClock, aHomeFolder())
    expect(allRegistered(path)).to.have.length(1)
    writeFileSync(path, '{"homes": [')
    expect(allRegistered(path), 'a torn one').to.equal(undefined)
    writeFileSync(path, '{"homes": []}')
    expect(allRegistered(path)).to.deep.equal([])
  })

  it('is bounded, and one without any home is begun anew', async () => {
    const home = aHomeFolder()
    await registerHome(realClock, home)
    writeFileSync(path, JSON.stringify({ homes: [...Array.from({ length: 300 }, (_, index) => gone(index)), home] }))
    expect(allRegistered(path)).to.have.length(200).and.include(home)
    writeFileSync(path, '{"homes": [1]}')
    expect(registeredHomes(path)).to.deep.equal([])
    await registerHome(realClock, home)
    expect(registeredHomes(path)).to.deep.equal([home])
  })

  it('that was damaged by hand keeps the homes that it still names', async () => {
    const homes = Array.from({ length: 3 }, aHomeFolder)
    for (const home of homes) await registerHome(realClock, home)
    writeFileSync(path, readFileSync(path, 'utf8').replace(',', ''))
    expect(allRegistered(path)).to.equal(undefined)
    await registerHome(realClock, homes[0] as string)
    expect(allRegistered(path)).to.deep.equal([...homes.slice(1), homes[0]])
  })

  it('forgets none of the homes that are registered at the same time', async () => {
    const homes = Array.from({ length: 6 }, aHomeFolder)
    await Promise.all(homes.map((home) => registerHome(realClock, home)))
    expect(registeredHomes(path)).to.have.members(homes)
    expect(readdirSync(dirname(path)), 'no lock is left behind').to.deep.equal(['homes.json'])
  })

  it('is written without its lock where somebody holds that on and on', async () => {
    const clock = new FakeClock()
    const home = aHomeFolder()
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(`${path}.lock`, JSON.stringify({ ...thisProcess(), instance: 'another' }))
    await clock.turnUntil(registerHome(clock, home))
    expect(registeredHomes(path)).to.deep.equal([home])
    expect(existsSync(`${path}.lock`)).to.equal(true)
  })

  it('that is full forgets a home that is gone before one that is there, and the oldest of each', async () => {
    const there = Array.from({ length: 198 }, aHomeFolder)
    const [first, ...others] = there as [string, ...string[]]
    await registerHome(realClock, first)
    writeFileSync(path, JSON.stringify({ homes: [first, gone(1), ...others, gone(2)] }))
    const [next, last, another] = [aHomeFolder(), aHomeFolder(), aHomeFolder()]
    await registerHome(realClock, next)
    expect(allRegistered(path)).to.deep.equal([first, ...others, gone(2), next])
    await registerHome(realClock, last)
    expect(allRegistered(path)).to.deep.equal([first, ...others, next, last])
    await registerHome(realClock, another)
    expect(allRegistered(path)?.slice(0, 2)).to.deep.equal(others.slice(0, 2))
  })

  it('has each home once and by its whole path, whatever was written there by hand', async () => {
    const home = aHomeFolder()
    await registerHome(realClock, home)
    writeFileSync(path, JSON.stringify({ homes: [home, `${home}/`, '', 'relative', home] }))
    expect(allRegistered(path)).to.deep.equal([home])
  })

  it('that can not be written keeps nothing from its start', async () => {
    process.env.XDG_CONFIG_HOME = '/dev/null/none'
    await registerHome(realClock, aHomeFolder())
    await registerHome(realClock, '/nowhere')
    expect(registeredHomes(undefined)).to.deep.equal([])
  })
})
