import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readBackupState } from '#core/backup/backup-state.js'
import { listBackups } from '#core/backup/list-backups.js'
import { BackupRepository } from '#core/backup/restic/open-repository.js'
import { planRestore, restoreBackup, restoreTo, undoRestore } from '#core/backup/restore/restore-backup.js'
import { seriesOf } from '#core/backup/series.js'
import { testRestore } from '#core/backup/test-restore.js'
import type { Home } from '#core/home/home.js'
import { realClock } from '#core/platform/clock.js'
import { removeTempFolders } from '../support/temp.js'
import { backUp, homeToBackUp, openHome, QUIET, read, restic, sql, write, writer } from './support/backed-up-home.js'
import { s3Server } from './support/s3-server.js'

const list = async (home: Home) => listBackups(await BackupRepository.open(home), seriesOf(home))
const restore = async (home: Home, id?: string, only?: string) =>
  restoreBackup(home, await planRestore(home, id, { ...QUIET, only }), undefined)

describe('the backups of a home', () => {
  afterEach(removeTempFolders)

  it('hold settings and data, not the log, and come back as they were', async () => {
    const home = homeToBackUp()
    const made = await backUp(home)
    expect(made).to.include({ outcome: 'good' })
    expect(made.databases.map(({ path }) => path)).to.deep.equal(['data/bot.db'])
    expect(restic(home, 'ls', 'latest'))
      .not.to.include('data/logs')
      .and.not.match(/^\/data\/bot\.db/m)
    write(home, '.env', 'BOT_NAME=other\n')
    write(home, 'data/later', 'was not there')
    sql(join(home.paths.data, 'bot.db'), 'DELETE FROM rows')
    const { restored, removed } = await restore(home)
    expect(restored).to.have.members(['.env', 'data/bot.db', 'data/picture'])
    expect(removed).to.deep.equal(['data/later'])
    expect(read(home, '.env')).to.include('BOT_NAME=try')
    expect(sql(join(home.paths.data, 'bot.db'), 'SELECT count(*) FROM rows')).to.equal('1')
    expect(read(home, 'data/logs/bot.log')).to.equal('a line')
  })

  it('are undone when they were restored by mistake', async () => {
    const home = homeToBackUp()
    await backUp(home)
    write(home, 'data/picture', 'a newer picture')
    write(home, 'data/later', 'was not there')
    await restore(home)
    await undoRestore(home)
    expect(read(home, 'data/picture')).to.equal('a newer picture')
    expect(read(home, 'data/later')).to.equal('was not there')
  })

  it('give one file back, or all of it to another folder', async () => {
    const home = homeToBackUp()
    write(home, 'data/odd [name]*', 'odd')
    await backUp(home)
    write(home, 'data/picture', 'newer')
    write(home, 'data/odd [name]*', 'newer')
    expect((await restore(home, 'latest', 'data/odd [name]*')).restored).to.deep.equal(['data/odd [name]*'])
    expect([read(home, 'data/picture'), read(home, 'data/odd [name]*')]).to.deep.equal(['newer', 'odd'])
    const elsewhere = join(home.paths.home, '..', 'elsewhere')
    await restoreTo(home, await planRestore(home, undefined, QUIET), elsewhere)
    expect(sql(join(elsewhere, 'data', 'bot.db'), 'SELECT count(*) FROM rows')).to.equal('1')
  })

  it('are listed and restored however long the list of them is', async () => {
    const home = homeToBackUp()
    for (let part = 0; part < 500; part++) write(home, `data/part-${part}`, 'then')
    for (const _ of [1, 2]) expect(await backUp(home)).to.include({ retention_fault: null })
    expect(await list(home)).to.have.length(2)
    write(home, 'data/part-0', 'now')
    await restore(home)
    expect(read(home, 'data/part-0')).to.equal('then')
  })

  it('send only what has changed, also of a home that has moved', async () => {
    const home = homeToBackUp()
    write(home, 'data/large', Buffer.alloc(3_000_000, 'x'.repeat(1000) + Math.random()))
    await backUp(home)
    fs.renameSync(home.paths.home, `${home.paths.home}-moved`)
    const moved = openHome(`${home.paths.home}-moved`)
    const made = await backUp(moved)
    expect(made.added_bytes).to.be.lessThan(200_000)
    const backups = await list(moved)
    expect(backups.map(({ is_own }) => is_own)).to.deep.equal([true, false])
    expect((await restore(moved)).restored).to.include('data/large')
  })

  it('never push out those of another home, nor those that somebody else has made', async () => {
    const home = homeToBackUp({ BACKUP_KEEP_DAILY: '1', BACKUP_KEEP_WEEKLY: '0', BACKUP_KEEP_MONTHLY: '0' })
    await backUp(home)
    restic(home, 'backup', home.paths.data)
    restic(home, 'backup', '--time', '2020-01-01 00:00:00', '--tag', 'catalyst,bot=try,home=another', home.paths.data)
    restic(
      home,
      'backup',
      '--time',
      '2020-01-01 00:00:00',
      '--tag',
      `catalyst,bot=try,home=${seriesOf(home).home}`,
      home.paths.data,
    )
    const later = openHome(home.paths.home, { ...realClock, now: () => Date.now() + 86_400_000 })
    expect(await backUp(later)).to.include({ removed: 1 })
    expect(JSON.parse(restic(home, 'snapshots', '--json'))).to.have.lengthOf(4)
  })

  for (const mode of ['wal', 'delete'])
    it(`hold a whole database to which 200 rows a second are written, and lose none (${mode})`, async () => {
      const home = homeToBackUp()
      const database = join(home.paths.data, 'bot.db')
      sql(
        database,
        `PRAGMA journal_mode=${mode}; CREATE TABLE large(b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO large SELECT randomblob(3900) FROM n`,
      )
      const bot = writer(database, mode)
      await bot.ready
      const made = await backUp(home)
      const { rows } = await bot.stop()
      expect(made.outcome).to.equal('good')
      expect(made.databases.map(({ is_wal }) => is_wal)).to.deep.equal([mode === 'wal'])
      expect(sql(database, 'SELECT count(*) FROM rows')).to.equal(String(rows + 1))
      expect(await testRestore(home, QUIET)).to.include({ databases: 1 })
    })

  it('are tested by a restore, whose time is remembered', async () => {
    const home = homeToBackUp()
    await backUp(home)
    await testRestore(home, QUIET)
    expect(readBackupState(home.paths)?.last_good_test?.backup).to.equal((await list(home))[0]?.id)
    expect(fs.existsSync(join(home.paths.restore, 'test'))).to.equal(false)
  })

  it('go to S3, too, with its keys in the environment of restic alone', async () => {
    const server = await s3Server()
    try {
      const home = homeToBackUp({
        BACKUP_REPOSITORY: `s3:http://127.0.0.1:${server.port}/bucket/bot`,
        BACKUP_S3_KEY_ID: 'an-access-key',
        BACKUP_S3_SECRET_KEY: 'a-secret-key',
      })
      await backUp(home)
      write(home, 'data/picture', 'newer')
      await restore(home)
      expect(read(home, 'data/picture')).to.equal('a picture')
    } finally {
      server.close()
    }
  })
})
