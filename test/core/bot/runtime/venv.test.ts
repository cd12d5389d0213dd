import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { askVersion, findVenvs, foldersNamedIn, versionIn } from '#core/bot/runtime/venv.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

describe('the virtual environments of a release', () => {
  afterEach(removeTempFolders)

  /** A program of this name that says this version. */
  function interpreter(folder: string, name: string, says = name): string {
    const path = join(folder, name)
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path, `#!/bin/sh\necho Python ${says}\n`, { mode: 0o755 })
    return path
  }

  /** A release with a virtual environment as `python -m venv` makes it. */
  function release(name = '.venv', version = 'version = 3.11.2') {
    const top = tempFolder()
    const system = tempFolder()
    const venv = join(top, name)
    fs.mkdirSync(join(venv, 'bin'), { recursive: true })
    interpreter(system, 'python3.11', '3.11.2')
    fs.symlinkSync('python3.11', join(system, 'python3'))
    fs.symlinkSync(join(system, 'python3'), join(venv, 'bin', 'python3'))
    fs.symlinkSync('python3', join(venv, 'bin', 'python'))
    fs.writeFileSync(join(venv, 'pyvenv.cfg'), `home = ${system}\ninclude-system-site-packages = false\n${version}\n`)
    const found = (command: string | undefined = '.venv/bin/python bot.py', folder = top) => {
      return findVenvs(top, folder, command, 'linux').map(({ interpreter: _, ...rest }) => rest)
    }
    /** The upgrade of an operating system. */
    const upgrade = () => {
      fs.rmSync(join(system, 'python3'))
      fs.rmSync(join(system, 'python3.11'))
      interpreter(system, 'python3.12', '3.12.4')
      fs.symlinkSync('python3.12', join(system, 'python3'))
    }
    return { top, system, venv, found, upgrade }
  }
  const FINE = { name: '.venv', isNamed: true, built: '3.11', isThere: true, now: '3.11' }

  it('have the Python that they were built with', () => {
    expect(release().found()).to.deep.equal([FINE])
    expect(release('.venv', 'version_info = 3.11.2.final.0').found(), 'made by virtualenv').to.deep.equal([FINE])
  })

  it('lead to another Python after an upgrade', () => {
    const { found, upgrade } = release()
    upgrade()
    expect(found()).to.deep.equal([{ ...FINE, now: '3.12' }])
  })

  it('have lost their Python where that was removed, and know the one that came in its place', () => {
    const { venv, system, found, upgrade } = release()
    fs.rmSync(join(venv, 'bin', 'python'))
    fs.symlinkSync(join(system, 'python3.11'), join(venv, 'bin', 'python'))
    upgrade()
    expect(found()).to.deep.equal([{ ...FINE, isThere: false, now: '3.12' }])
    fs.rmSync(system, { recursive: true })
    expect(found()).to.deep.equal([{ ...FINE, isThere: false, now: undefined }])
  })

  it('need the Python that a copy of theirs was made from', () => {
    const { venv, system, found } = release()
    fs.rmSync(join(venv, 'bin', 'python'))
    interpreter(join(venv, 'bin'), 'python')
    expect(found()).to.deep.equal([FINE])
    fs.rmSync(system, { recursive: true })
    expect(found()).to.deep.equal([{ ...FINE, isThere: false, now: undefined }])
    fs.writeFileSync(join(venv, 'pyvenv.cfg'), 'version = 3.11.2\n')
    expect(found(), 'where it came from is not known').to.deep.equal([{ ...FINE, now: undefined }])
  })

  it('on Windows go by the folder that Python was installed into', () => {
    const top = tempFolder()
    const python = interpreter(join(tempFolder(), 'Python311'), 'python.exe')
    const venv = join(top, '.venv')
    interpreter(join(venv, 'Scripts'), 'python.exe')
    fs.writeFileSync(join(venv, 'pyvenv.cfg'), `home = ${dirname(python)}\r\nversion = 3.11.9\r\n`)
    const found = () =>
      findVenvs(top, top, '.venv/bin/python bot.py', 'win32').map(({ isThere, now }) => [isThere, now])
    expect(found()).to.deep.equal([[true, '3.11']])
    fs.rmSync(python)
    expect(found()).to.deep.equal([[false, undefined]])
  })

  it('are those that BOT_COMMAND names, and those with a usual name', () => {
    expect(foldersNamedIn('.venv/bin/python bot.py')).to.deep.equal(['.venv'])
    expect(foldersNamedIn("sh -c 'cd bot && exec ../env/bin/python bot.py'")).to.deep.equal(['../env'])
    expect(foldersNamedIn('nice -n 5 /home/a/bin/env/bin/python -u bot.py')).to.deep.equal(['/home/a/bin/env'])
    expect(foldersNamedIn('C:\\bot\\.venv\\Scripts\\python.exe bot.py')).to.deep.equal(['C:\\bot\\.venv'])
    expect(foldersNamedIn('python3 bot.py')).to.deep.equal([])
    expect(foldersNamedIn("'not closed")).to.deep.equal([])
    expect(release('env').found(), 'nobody names it').to.deep.equal([])
    expect(release('env').found('env/bin/python bot.py')).to.deep.equal([{ ...FINE, name: 'env' }])
    expect(release('venv').found('sh run.sh')).to.deep.equal([{ ...FINE, name: 'venv', isNamed: false }])
  })

  it('are only those of the release, also above the folder that the bot runs in', () => {
    const { top, system, found } = release()
    const folder = join(top, 'bots', 'one')
    fs.mkdirSync(folder, { recursive: true })
    expect(found('../../.venv/bin/python bot.py', folder)).to.deep.equal([FINE])
    fs.writeFileSync(join(system, 'pyvenv.cfg'), '')
    expect(found(`${system}/bin/python bot.py`)).to.deep.equal([{ ...FINE, isNamed: false }])
  })

  it('are asked for their version only where no name tells it', async () => {
    const { top, venv, found } = release()
    fs.rmSync(join(venv, 'bin', 'python'))
    fs.symlinkSync(interpreter(tempFolder(), 'python', '3.12.4'), join(venv, 'bin', 'python'))
    expect(found()).to.deep.equal([{ ...FINE, now: undefined }])
    const [one] = findVenvs(top, top, '.venv/bin/python bot.py', 'linux')
    expect((await askVersion(one as NonNullable<typeof one>, undefined)).now).to.equal('3.12')
  })

  it('tell their version by the name of a program or of its folder', () => {
    const versions = [
      '/usr/bin/python3.11',
      '/opt/pypy/bin/pypy3.10',
      '/usr/bin/python3.13t',
      '/usr/bin/python3',
      '/x/node',
    ]
    expect(versions.map(versionIn)).to.deep.equal(['3.11', '3.10', '3.13', undefined, undefined])
    expect(versionIn(join('x', 'Python312-32', 'python.exe'))).to.equal('3.12')
  })

  // node and git are all that these tests may need
  if (spawnSync('python3', ['--version']).status === 0)
    it('are read as a real Python makes them', async function () {
      this.timeout(60_000)
      const top = tempFolder()
      execFileSync('python3', ['-m', 'venv', '--without-pip', join(top, '.venv')], { stdio: 'ignore' })
      const [found] = findVenvs(top, top, '.venv/bin/python bot.py')
      if (found === undefined) throw new Error('there is none')
      expect(found).to.include({ name: '.venv', isNamed: true, isThere: true })
      const { now, built } = await askVersion(found, undefined)
      expect(built).to.match(/^3\.\d+$/)
      expect(now).to.equal(built)
    })
})
