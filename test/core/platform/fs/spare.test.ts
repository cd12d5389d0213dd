import { execFileSync } from 'node:child_process'
import fs, { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { acquireLock, releaseLock } from '#core/home/lock.js'
import { realClock } from '#core/platform/clock.js'
import { keepSpares } from '#core/platform/fs/spare.js'
import { writeAtomically } from '#core/platform/fs/write-files.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

/** Every write of new bytes fails, as on a full disk; what a file has a block for already is still taken. */
function fillDisk(): () => void {
  const { openSync: open, writeSync: write } = fs
  const fresh = new Set<number>()
  fs.openSync = ((path: string, flags: string | number, mode?: number) => {
    const file = open(path, flags, mode)
    if (flags === 'wx') fresh.add(file)
    else fresh.delete(file)
    return file
  }) as typeof fs.openSync
  fs.writeSync = ((file: number, ...rest: [Buffer, number]) => {
    if (fresh.has(file)) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    return write(file, ...rest)
  }) as typeof fs.writeSync
  return () => {
    Object.assign(fs, { openSync: open, writeSync: write })
  }
}

describe('spare files', () => {
  let makeRoom = () => {}
  const folder = () => {
    const path = join(tempFolder(), 'state')
    mkdirSync(path)
    return path
  }

  afterEach(() => {
    makeRoom()
    removeTempFolders()
  })

  it('let a state file be rewritten on a full disk as often as necessary, whole and with its permissions', () => {
    const state = folder()
    keepSpares(state)
    const file = join(state, 'watchdog.json')
    writeAtomically(file, 'long'.repeat(200), 0o644)
    makeRoom = fillDisk()
    for (let write = 0; write < 100; write++) {
      writeAtomically(file, `${write}`, 0o640)
      expect(readFileSync(file, 'utf8')).to.equal(`${write}`)
    }
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).to.equal(0o640)
    expect(readdirSync(state), 'nothing is left behind').to.deep.equal(['spare', 'watchdog.json'])
    expect(readdirSync(join(state, 'spare')).length).to.be.at.least(7)
  })

  it('let a lock be taken, released and broken on a full disk, again and again', async () => {
    const state = folder()
    keepSpares(state)
    const path = join(state, 'bot.json')
    makeRoom = fillDisk()
    for (let start = 0; start < 50; start++) {
      const mine = { ...thisProcess(), instance: `mine-${start}` }
      const killed = { ...mine, started: 1, instance: `killed-${start}` }
      expect(await acquireLock(realClock, path, killed)).to.deep.equal({ previous: undefined })
      expect(await acquireLock(realClock, path, mine)).to.deep.equal({ previous: killed })
      releaseLock(path, mine)
    }
    expect(readdirSync(state)).to.deep.equal(['spare'])
  })

  it('are renewed once there is space, and a disk without any reports it', () => {
    const state = folder()
    makeRoom = fillDisk()
    keepSpares(state)
    expect(() => writeAtomically(join(state, 'x'), 'text')).to.throw('ENOSPC')
    expect(readdirSync(join(state, 'spare'))).to.deep.equal([])
    makeRoom()
    keepSpares(state)
    expect(readdirSync(join(state, 'spare'))).to.have.length(8)
    rmSync(join(state, 'spare', '3'))
    keepSpares(state)
    expect(readdirSync(join(state, 'spare'))).to.have.length(8)
  })

  const onPosix = process.platform === 'win32' ? () => {} : it

  onPosix('are taken for none where somebody has put a link or a second name there', () => {
    const state = folder()
    const other = join(state, 'other')
    mkdirSync(join(state, 'spare'))
    const file = openSync(other, 'w')
    writeSync(file, Buffer.alloc(8192, 'x'))
    closeSync(file)
    fs.symlinkSync(other, join(state, 'spare', '0'))
    fs.linkSync(other, join(state, 'spare', '1'))
    execFileSync('mkfifo', [join(state, 'spare', '2')])
    makeRoom = fillDisk()
    expect(() => writeAtomically(join(state, 'y'), 'text')).to.throw('ENOSPC')
    makeRoom()
    expect(readFileSync(other, 'utf8')).to.equal('x'.repeat(8192))
  })
})
