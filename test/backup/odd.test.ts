import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { planRestore, restoreBackup, restoreTo } from '#core/backup/restore/restore-backup.js'
import { testRestore } from '#core/backup/test-restore.js'
import { failureOf } from '../support/failure.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'
import { backUp, homeToBackUp, openHome, QUIET, read, sql, write } from './support/backed-up-home.js'

describe('a backup of what is odd', () => {
  afterEach(removeTempFolders)

  it('tells files whose names are no text, and keeps all else', async () => {
    const home = homeToBackUp()
    write(home, 'data/sub/x', 'x')
    const name = Buffer.concat([Buffer.from(join(home.paths.data, 'sub', 'odd')), Buffer.from([0xff, 0xe2, 0x80])])
    fs.writeFileSync(name, 'odd')
    write(home, 'data/a\nb \u001b[31m\\"ü', 'well')
    const made = await backUp(home)
    expect(made.outcome).to.equal('partial')
    expect(made.left_out).to.have.lengthOf(1)
    expect(made.left_out[0]?.why).to.equal('its name is not UTF-8: rename it')
    fs.rmSync(name)
    fs.rmSync(home.paths.data, { recursive: true })
    await restoreBackup(home, await planRestore(home, undefined, QUIET), undefined)
    expect([read(home, 'data/sub/x'), read(home, 'data/a\nb \u001b[31m\\"ü')]).to.deep.equal(['x', 'well'])
  })

  it('has a database that is damaged as it is, and it can be restored', async () => {
    const home = homeToBackUp()
    const torn = `SQLite format 3\0${'x'.repeat(5000)}`
    write(home, 'data/torn.db', torn)
    const made = await backUp(home)
    expect(made.outcome).to.equal('partial')
    expect(made.left_out.map(({ path }) => path)).to.deep.equal(['data/torn.db'])
    expect(await testRestore(home, QUIET)).to.include({ databases: 1 })
    fs.rmSync(home.paths.data, { recursive: true })
    await restoreBackup(home, await planRestore(home, undefined, QUIET), undefined)
    expect(read(home, 'data/torn.db')).to.equal(torn)
    expect(sql(join(home.paths.data, 'bot.db'), 'SELECT count(*) FROM rows')).to.equal('1')
  })

  it('is refused into a repository that would be in it', async () => {
    const folder = tempFolder()
    fs.mkdirSync(join(folder, 'home', 'data'), { recursive: true })
    fs.symlinkSync(join(folder, 'home', 'data'), join(folder, 'elsewhere'))
    for (const place of ['data/repository', 'data', '.catalyst/backups/x', join(folder, 'elsewhere')]) {
      const home = homeToBackUp({ BACKUP_REPOSITORY: place }, { folder: tempFolder() })
      if (place === join(folder, 'elsewhere')) {
        fs.rmSync(place)
        fs.symlinkSync(home.paths.data, place)
      }
      expect(await failureOf(backUp(home)), place).to.include({ code: 'SETTINGS_INVALID', exit: 78 })
    }
    expect(await backUp(homeToBackUp({ BACKUP_REPOSITORY: '../data-of-another' }))).to.include({ outcome: 'good' })
  })

  it('takes a place that must not be written for what it is', async () => {
    const home = homeToBackUp({ BACKUP_REPOSITORY: '/proc/repository' })
    const error = await failureOf(backUp(home))
    expect(error).to.include({ code: 'BACKUP_FAILED' })
    expect(error.message).to.match(/^The set-up of the repository failed/)
  })
})

describe('what a catalyst that was killed has left', () => {
  afterEach(removeTempFolders)

  it('is ended and removed by the next one, but no restic that another command runs', async () => {
    const home = homeToBackUp()
    await backUp(home)
    const env = (more: Record<string, string>) => ({ ...process.env, ...more })
    const left = spawn('sleep', ['600'], { env: env({ CATALYST_BACKUP: home.paths.home }) })
    const other = spawn('sleep', ['600'], { env: env({ CATALYST_BACKUP: `${home.paths.home}-2` }) })
    try {
      for (const path of ['restore/0123abcd/data/x', 'restore/test/x', 'staging/data/bot.db'])
        write(home, `.catalyst/${path}`, 'left')
      const ended = new Promise((resolve) => left.once('exit', (_, name) => resolve(name)))
      await testRestore(home, QUIET)
      expect(await ended).to.equal('SIGTERM')
      expect(other.exitCode ?? other.signalCode).to.equal(null)
      expect(fs.existsSync(join(home.paths.own, 'staging'))).to.equal(false)
      expect(fs.existsSync(home.paths.restore) ? fs.readdirSync(home.paths.restore) : []).to.deep.equal([])
    } finally {
      left.kill('SIGKILL')
      other.kill('SIGKILL')
    }
  })

  it('is a restore in the middle, which a backup finishes first', async () => {
    const home = homeToBackUp()
    await backUp(home)
    write(home, '.catalyst/restore/half/data/picture', 'then')
    const record = { backup: 'half', from: '.catalyst/restore/half', undo: '.catalyst/undo/x' }
    write(
      home,
      '.catalyst/restore/restoring.json',
      JSON.stringify({ ...record, come: ['data/picture'], go: [], linked: [] }),
    )
    await backUp(home)
    expect(read(home, 'data/picture')).to.equal('then')
    const target = join(tempFolder(), 'to')
    await restoreTo(openHome(home.paths.home), await planRestore(home, undefined, QUIET), target)
    expect(fs.readFileSync(join(target, 'data/picture'), 'utf8')).to.equal('then')
  })

  it('is told as a signal where restic itself was killed', async () => {
    const home = homeToBackUp()
    write(home, 'killed', '#!/bin/sh\ntest "$1" = version && exec restic version\nkill -9 $$\n')
    fs.chmodSync(join(home.paths.home, 'killed'), 0o755)
    write(home, '.env', `${read(home, '.env')}BACKUP_RESTIC=killed\n`)
    expect((await failureOf(backUp(openHome(home.paths.home), {}))).message).to.include('killed by signal 9')
  })
})
