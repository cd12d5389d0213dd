import { execFileSync, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readBackupState } from '#core/backup/backup-state.js'
import { planRestore, restoreBackup } from '#core/backup/restore/restore-backup.js'
import { runBackup } from '#core/backup/run-backup.js'
import { testRestore } from '#core/backup/test-restore.js'
import { settleRestore } from '#core/home/restoring.js'
import { type Clock, realClock } from '#core/platform/clock.js'
import { identify } from '#core/platform/process/process-id.js'
import { asRoot } from '../support/e2e/as-nobody.js'
import { until } from '../support/e2e/until.js'
import { failureOf } from '../support/failure.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'
import { backUp, homeToBackUp, openHome, QUIET, read, restic, sql, write } from './support/backed-up-home.js'
import { s3Server } from './support/s3-server.js'

/** The real clock, on which each wait takes a thousandth of its time. */
const hasty: Clock = {
  ...realClock,
  monotonic: () => realClock.monotonic() * 1000,
  after: (ms, run) => realClock.after(ms / 1000, run),
}

describe('what can happen to a backup', () => {
  afterEach(removeTempFolders)

  it('a wrong password is told as such, and changes nothing', async () => {
    const home = homeToBackUp()
    await backUp(home)
    write(home, '.env', read(home, '.env').replace('a-secret', 'wrong'))
    const error = await failureOf(backUp(openHome(home.paths.home)))
    expect(error).to.include({ code: 'BACKUP_PASSWORD_WRONG', exit: 78 })
    expect(readBackupState(home.paths)?.last_run).to.include({ outcome: 'failed' })
    expect(readBackupState(home.paths)?.last_good).not.to.equal(null)
  })

  it('a repository that is not there is not made unasked', async () => {
    const home = homeToBackUp()
    expect(await failureOf(backUp(home, {}))).to.include({ code: 'BACKUP_REPOSITORY_MISSING' })
    expect(fs.existsSync(home.settings.BACKUP_REPOSITORY as string)).to.equal(false)
  })

  it('a lock whose holder on this machine is dead is removed', async () => {
    const home = homeToBackUp()
    await backUp(home)
    await leaveLock(home)
    expect(await backUp(home)).to.include({ outcome: 'good' })
  })

  it('a lock of another machine is removed once it was not refreshed for longer than a living one is', async () => {
    const home = homeToBackUp({}, { clock: hasty })
    await backUp(home)
    await leaveLock(home, { host: 'another-machine' })
    const said: string[] = []
    const made = await runBackup(home, { say: (text) => said.push(text) })
    expect(made).to.include({ outcome: 'good' })
    expect(said.join('\n')).to.match(/locked by pid \d+ on another-machine(.|\n)*removed: its holder is gone/)
  })

  it('a lock whose pid another process has by now, as after a power cut, is removed like that of another machine', async () => {
    const home = homeToBackUp({}, { clock: hasty })
    await backUp(home)
    await leaveLock(home, { isFirst: true })
    const said: string[] = []
    expect(await runBackup(home, { say: (text) => said.push(text) })).to.include({ outcome: 'good' })
    expect(said.join('\n')).to.match(/locked by pid 1 on (.|\n)*removed: its holder is gone/)
  })

  it('a repository that goes away in the middle of a restore is told as that, and not as a backup that is damaged', async () => {
    const home = homeToBackUp()
    await backUp(home)
    write(
      home,
      'going',
      '#!/bin/sh\ntest "$1" = dump && mv "$RESTIC_REPOSITORY" "$RESTIC_REPOSITORY-away"\nexec restic "$@"\n',
    )
    fs.chmodSync(join(home.paths.home, 'going'), 0o755)
    write(home, '.env', `${read(home, '.env')}BACKUP_RESTIC=going\n`)
    expect(await failureOf(testRestore(openHome(home.paths.home), QUIET))).to.include({
      code: 'BACKUP_REPOSITORY_MISSING',
    })
  })

  it('a file that must not be read is told, and all else is kept', async () => {
    const home = homeToBackUp({ BACKUP_PATHS: 'data' })
    write(home, 'data/secret', 'x')
    fs.chmodSync(join(home.paths.data, 'secret'), 0)
    fs.chmodSync(join(home.paths.home, '..'), 0o755)
    execFileSync('chown', ['-R', 'nobody', home.paths.home])
    const code = `process.setgid(65534); process.setuid(65534)
      const { runBackup } = await import('#core/backup/run-backup.js')
      const { openHome } = await import('./test/backup/support/backed-up-home.js')
      console.log(JSON.stringify(await runBackup(openHome(process.argv[1]), { say() {} }, { creates: true })))`
    fs.mkdirSync(home.settings.BACKUP_REPOSITORY as string)
    execFileSync('chown', ['nobody', home.settings.BACKUP_REPOSITORY as string])
    const words = ['--import', 'tsx', '--input-type=module', '-e', code, home.paths.home]
    const made = JSON.parse(
      execFileSync(process.execPath, words, {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TSX_DISABLE_CACHE: '1' },
      }),
    )
    expect(made).to.deep.include({ outcome: 'partial', left_out: [{ path: 'data/secret', why: 'permission denied' }] })
    expect(readBackupState(home.paths)?.last_good).to.equal(null)
    expect(restic(home, 'ls', 'latest')).to.include('/data/picture')
  })

  asRoot('a disk that is full in the middle fails the backup, and the one before stays whole', async () => {
    const folder = tempFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder])
    try {
      const home = homeToBackUp({ BACKUP_REPOSITORY: join(folder, 'repository') })
      await backUp(home)
      write(home, 'data/large', randomBytes(20))
      const error = await failureOf(backUp(home))
      expect(error).to.include({ code: 'BACKUP_FAILED' })
      expect(error.message).to.include('no room left')
      fs.rmSync(join(home.paths.data, 'large'))
      write(home, 'data/picture', 'newer')
      await restoreBackup(home, await planRestore(home, undefined, QUIET), undefined)
      expect(read(home, 'data/picture')).to.equal('a picture')
    } finally {
      await until(() => spawnSync('umount', [folder]).status === 0) // it is busy while restic ends
    }
  })

  it('S3 that is gone in the middle fails the backup in time, and the next one goes on from there', async () => {
    const server = await s3Server()
    try {
      const home = homeToBackUp(
        {
          BACKUP_REPOSITORY: `s3:http://127.0.0.1:${server.port}/bucket/bot`,
          BACKUP_S3_KEY_ID: 'an-access-key',
          BACKUP_S3_SECRET_KEY: 'a-secret-key',
        },
        { clock: hasty },
      )
      await backUp(home)
      write(home, 'data/large', randomBytes(40))
      server.onPut = () =>
        [...server.objects.keys()].filter((key) => key.includes('/data/')).length > 3 && server.goAway()
      const error = await failureOf(backUp(home))
      expect(error).to.include({ code: 'BACKUP_FAILED' })
      expect(error.message).to.include("can't be reached")
      server.onPut = () => {}
      server.comeBack()
      const made = await backUp(home)
      expect(made).to.include({ outcome: 'good' })
    } finally {
      server.close()
    }
  })

  it('a clock that was set back or forward takes no backup away', async () => {
    const day = 86_400_000
    const home = homeToBackUp({ BACKUP_KEEP_DAILY: '2' })
    await backUp(home)
    const [first] = JSON.parse(restic(home, 'snapshots', '--json'))
    restic(home, 'backup', '--time', '2031-01-01 00:00:00', '--tag', first.tags.join(','), home.paths.data)
    expect(await backUp(home)).to.include({ removed: 0 })
    expect(
      await failureOf(
        testRestore(openHome(home.paths.home, { ...realClock, now: () => Date.now() - 400 * day }), QUIET),
      ),
    ).to.include({ code: 'BACKUP_DAMAGED' })
  })

  it('a file that changes while it is read does not fail it', async () => {
    const home = homeToBackUp()
    const path = join(home.paths.data, 'growing')
    fs.writeFileSync(path, randomBytes(5))
    const program = spawn(process.execPath, [
      '-e',
      `setInterval(() => require('fs').appendFileSync(${JSON.stringify(path)}, Buffer.alloc(50000, Math.random() + '')), 1)`,
    ])
    try {
      expect(await backUp(home)).to.include({ outcome: 'good' })
    } finally {
      program.kill('SIGKILL')
    }
    expect(await testRestore(home, QUIET)).to.include({ databases: 1 })
  })

  it('a restore over a bot that runs is refused', async () => {
    const home = homeToBackUp()
    await backUp(home)
    const bot = {
      ...(await identify(process.pid)),
      instance: 'a',
      since: new Date().toISOString(),
      version: '1',
      release: null,
    }
    const plan = await planRestore(home, undefined, QUIET)
    fs.writeFileSync(home.paths.bot, JSON.stringify(bot))
    write(home, 'data/picture', 'newer')
    expect(await failureOf(restoreBackup(home, plan, undefined))).to.include({ code: 'BOT_RUNNING', exit: 75 })
    expect(read(home, 'data/picture')).to.equal('newer')
  })

  it('a database that is damaged makes it partial, and is kept as it is', async () => {
    const home = homeToBackUp()
    const database = join(home.paths.data, 'bot.db')
    sql(
      database,
      'CREATE TABLE more(b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO more SELECT randomblob(900) FROM n; PRAGMA wal_checkpoint(TRUNCATE)',
    )
    const file = fs.openSync(database, 'r+')
    fs.writeSync(file, Buffer.alloc(9000, 'x'), 0, 9000, 16_000)
    fs.closeSync(file)
    const made = await backUp(home)
    expect(made.outcome).to.equal('partial')
    expect(made.left_out[0]?.why).to.include('damaged')
  })

  it('a backup that lost a part of its data fails the restore test, which is remembered', async () => {
    const home = homeToBackUp()
    await backUp(home)
    const data = join(home.settings.BACKUP_REPOSITORY as string, 'data')
    for (const name of fs.readdirSync(data, { recursive: true, encoding: 'utf8' })) {
      const path = join(data, name)
      if (fs.statSync(path).isFile()) fs.rmSync(path, { force: true })
    }
    const error = await failureOf(testRestore(home, QUIET))
    expect(error).to.include({ code: 'BACKUP_DAMAGED' })
    expect(error.message).to.match(
      /^The check failed, because the repository \S+ is damaged: pack \w+: does not exist$/,
    )
    expect(readBackupState(home.paths)?.last_test?.fault).to.equal(error.message)
    expect(fs.readdirSync(join(home.settings.BACKUP_REPOSITORY as string, 'locks'))).to.deep.equal([])
  })

  it('is cancelled by Ctrl-C, leaves no lock, and a repeat succeeds', async () => {
    const home = homeToBackUp()
    await backUp(home)
    write(home, 'data/large', randomBytes(30))
    const end = new AbortController()
    const error = await failureOf(runBackup(home, { say() {}, onProgress: () => end.abort(), signal: end.signal }))
    expect(error.message).to.include('cancelled')
    expect(fs.readdirSync(join(home.settings.BACKUP_REPOSITORY as string, 'locks'))).to.deep.equal([])
    expect(await backUp(home)).to.include({ outcome: 'good' })
  })

  it('an interrupted restore is finished before a bot may start', async () => {
    const home = homeToBackUp()
    await backUp(home)
    write(home, 'data/picture', 'newer')
    write(home, 'data/later', 'x')
    const { paths } = home
    const from = '.catalyst/restore/half'
    fs.mkdirSync(join(paths.home, from, 'data'), { recursive: true })
    fs.writeFileSync(join(paths.home, from, 'data/picture'), 'a picture')
    const record = {
      backup: 'half',
      from,
      undo: '.catalyst/undo/20260101T000000000Z',
      come: ['.env', 'data/picture'],
      go: ['data/later'],
      linked: [],
    }
    fs.mkdirSync(join(paths.home, record.undo, 'data'), { recursive: true })
    fs.writeFileSync(paths.restoring, JSON.stringify(record)) // `.env` came already
    await settleRestore(paths)
    expect(read(home, 'data/picture')).to.equal('a picture')
    expect(read(home, '.env')).to.include('BOT_NAME=try')
    expect(fs.existsSync(join(paths.data, 'later'))).to.equal(false)
    expect(read(home, `${record.undo}/data/picture`)).to.equal('newer')
    expect(fs.existsSync(paths.restoring)).to.equal(false)
  })
})

function randomBytes(megabytes: number): Buffer {
  return Buffer.concat(
    Array.from({ length: megabytes * 16 }, () => Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)))),
  )
}

/**
 * Leaves the lock of a restic that was killed while it held the repository alone: on another host, or as the first of its
 * processes, with a pid that here another one has.
 */
async function leaveLock(
  home: ReturnType<typeof homeToBackUp>,
  { host, isFirst = false }: { host?: string; isFirst?: boolean } = {},
): Promise<void> {
  const { BACKUP_REPOSITORY: repository = '' } = home.settings
  const locks = join(repository, 'locks')
  const env = {
    ...process.env,
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: 'a-secret',
    RESTIC_CACHE_DIR: home.paths.resticCache,
  }
  const words = ['prune', '--limit-download', '1']
  const [program, args] = isFirst
    ? ['unshare', ['--pid', '--fork', '--kill-child', 'restic', ...words]]
    : host === undefined
      ? ['restic', words]
      : ['unshare', ['--uts', 'sh', '-c', `hostname ${host} && exec restic ${words.join(' ')}`]]
  const holder = spawn(program as string, args as string[], { env, stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    holder.once('exit', () => reject(new Error('it has ended before it was killed')))
    const watch = fs.watch(locks, () => {
      if (!fs.readdirSync(locks).some((name) => /^[0-9a-f]{64}$/.test(name))) return
      watch.close()
      holder.removeAllListeners('exit').once('exit', () => resolve())
      holder.kill('SIGKILL')
    })
  })
}
