import { expect } from 'chai'
import { backupsIn, findBackup } from '#core/backup/list-backups.js'
import { manifestIn } from '#core/backup/manifest.js'
import { isFolderAddress, repositoryOf } from '#core/backup/repository.js'
import { commandThatGetsIt, isFitFor, versionIn } from '#core/backup/restic/find-restic.js'
import { areDead, REFRESHED_WITHIN_MS } from '#core/backup/restic/lock-age.js'
import { backupArgs, forgetArgs, restoreArgs } from '#core/backup/restic/restic-args.js'
import { backupLineOf, mainLineOf, resticFaultOf } from '#core/backup/restic/restic-output.js'
import { replacementsOf } from '#core/backup/restore/replacements.js'
import { removedIn } from '#core/backup/run-backup.js'
import { calendarPlist } from '#core/backup/schedule/launchd-calendar.js'
import { quietTime, type Schedule, timeOfDay } from '#core/backup/schedule/schedule.js'
import { backupUnit, timerUnit } from '#core/backup/schedule/systemd-timer.js'
import { taskXml } from '#core/backup/schedule/windows-task.js'
import { readConfig } from '#core/config/load.js'

const settingsWith = (environment: Record<string, string>) =>
  readConfig('/nowhere', { BACKUP_REPOSITORY: '/backups', BACKUP_PASSWORD: 'pass', ...environment }).settings
const series = { bot: 'try', home: 'abc' }

describe('the arguments of restic', () => {
  it('hold no secret, and the paths come by standard input', () => {
    expect(backupArgs(series, 'p1').join(' ')).to.equal(
      'backup --json --files-from-raw - --exclude-caches --tag catalyst,bot=try,home=abc --parent p1',
    )
  })

  it('keep what the settings say, within the series of the home alone', () => {
    const settings = settingsWith({ BACKUP_KEEP_WEEKLY: '0', BACKUP_KEEP_DAILY: '3' })
    expect(forgetArgs(series, settings).slice(3)).to.deep.equal([
      ...['--tag', 'catalyst,bot=try,home=abc', '--group-by', '', '--keep-within', '1d'],
      ...['--keep-daily', '3', '--keep-monthly', '12'],
    ])
  })

  it('name a path that has signs of patterns in it', () => {
    expect(restoreArgs('id', '/to', ['a [b]*'], 'linux').at(-1)).to.equal('/a \\[b]\\*')
    expect(restoreArgs('id', '/to', ['a [b]'], 'win32').at(-1)).to.equal('/a ?b]')
  })
})

describe('the repository of the settings', () => {
  const codeOf = (environment: Record<string, string>) => {
    try {
      return Object.keys(repositoryOf(settingsWith(environment), '/srv/bot').environment)
    } catch (error) {
      return (error as { code?: string }).code
    }
  }

  it('takes its secrets by the environment, and a folder relative to the home', () => {
    expect(codeOf({ BACKUP_S3_KEY_ID: 'k', BACKUP_S3_SECRET_KEY: 's' })).to.deep.equal([
      ...['RESTIC_REPOSITORY', 'RESTIC_PASSWORD', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
    ])
    expect(
      ['backups', '/x', 'C:\\x', 's3:http://h/b', 'sftp:u@h:/x', 'rest:http://h/'].map(isFolderAddress),
    ).to.deep.equal([...[true, true, true, false, false, false]])
  })

  it('is refused where the settings contradict themselves, or hold a password in the address', () => {
    expect(codeOf({ BACKUP_REPOSITORY: '' })).to.equal('BACKUP_OFF')
    const wrong = [
      { BACKUP_PASSWORD: '' },
      { BACKUP_PASSWORD_FILE: '/x' },
      { BACKUP_S3_KEY_ID: 'k' },
      { BACKUP_REPOSITORY: 'rest:https://me:word@host/' },
    ]
    expect(wrong.map((one) => codeOf(one as Record<string, string>))).to.deep.equal(wrong.map(() => 'SETTINGS_INVALID'))
  })
})

describe('the output of restic', () => {
  it('tells progress, the end, and what could not be read, of older and newer versions', () => {
    expect(backupLineOf('{"message_type":"status","percent_done":0.5,"total_bytes":10}')).to.deep.equal({
      progress: { ratio: 0.5, totalBytes: 10 },
    })
    expect(
      backupLineOf(
        '{"message_type":"summary","snapshot_id":"0123456789ab","total_files_processed":3,"total_bytes_processed":8,"data_added":7}',
      ),
    ).to.deep.equal({
      summary: { id: '01234567', files: 3, bytes: 8, addedBytes: 7 },
    })
    expect(backupLineOf('{"message_type":"error","error":{"Op":"open","Err":13},"item":"/a"}')).to.deep.equal({
      leftOut: { path: '/a', why: 'permission denied' },
    })
    expect(backupLineOf('{"message_type":"error","error":{"message":"open /a: no"},"item":"/a"}')).to.deep.equal({
      leftOut: { path: '/a', why: 'open /a: no' },
    })
    expect(backupLineOf('scan finished')).to.equal(undefined)
  })

  it('tells why it failed, by exit codes where it has them, else by its words', () => {
    const cases: [number, string, string][] = [
      [12, '', 'password'],
      [1, 'Fatal: wrong password or no key found', 'password'],
      [10, '', 'missing'],
      [
        1,
        'Fatal: unable to open config file: stat x: no such file or directory\nIs there a repository at the following location?',
        'missing',
      ],
      [1, 'unable to create lock in backend: repository is already locked exclusively by PID 1 on a', 'locked'],
      [1, 'Fatal: unable to save snapshot: write /r/data/x: no space left on device', 'full'],
      [
        1,
        'Fatal: unable to open config file: Stat: Get "http://h": dial tcp: connect: connection refused',
        'unreachable',
      ],
      [1, 'Fatal: something else', 'other'],
    ]
    expect(cases.map(([exit, words]) => resticFaultOf(exit, words))).to.deep.equal(cases.map(([, , fault]) => fault))
    expect(mainLineOf('Fatal: first\nmore')).to.equal('first')
    expect(removedIn('[{"keep":[],"remove":[{},{}]},{"remove":null}]\nloading indexes')).to.equal(2)
  })

  it('tells its version, of which an old one is refused', () => {
    expect(versionIn('restic 0.14.0 compiled with go1.19.8 on linux/amd64')).to.equal('0.14.0')
    expect([versionIn('bash 5'), isFitFor('0.13.1'), isFitFor('0.18.0'), isFitFor('1.0.0')]).to.deep.equal([
      undefined,
      false,
      true,
      true,
    ])
    expect((['win32', 'darwin', 'linux'] as const).map(commandThatGetsIt).join(' ')).to.match(
      /winget.*scoop.*brew.*apt/,
    )
  })

  it('lists backups of Catalyst alone, newest first, and finds one', () => {
    const snapshot = (id: string, time: string, tags: string[]) => ({ id: id.repeat(64), time, hostname: 'h', tags })
    const text = JSON.stringify([
      snapshot('a', '2026-01-01T00:00:00.5+01:00', ['catalyst', 'bot=try', 'home=abc']),
      snapshot('b', '2026-01-02T00:00:00Z', ['catalyst', 'bot=try', 'home=other']),
      snapshot('c', '2026-01-03T00:00:00Z', ['mine']),
    ])
    const backups = backupsIn(text, series)
    expect(backups.map(({ id }) => id)).to.deep.equal(['bbbbbbbb', 'aaaaaaaa'])
    expect(findBackup(backups, undefined, series).id).to.equal('aaaaaaaa')
    expect(findBackup(backupsIn(text, { ...series, home: 'new' }), 'latest', { ...series, home: 'new' }).id).to.equal(
      'bbbbbbbb',
    )
    expect(findBackup(backups, 'bbbb', series).id).to.equal('bbbbbbbb')
    expect(() => findBackup(backups, 'cccc', series)).to.throw('There is no backup')
    expect(() =>
      findBackup(backupsIn(text, { bot: 'new', home: 'new' }), undefined, { bot: 'new', home: 'new' }),
    ).to.throw('but of try')
  })

  it('has a manifest whose paths stay within the home', () => {
    expect(manifestIn('{"paths":["data"],"databases":[{"path":"data/a","bytes":1}]}')?.paths).to.deep.equal(['data'])
    for (const path of ['../x', '/etc', 'C:/x', 'a//b', '', 'a/../../b'])
      expect(manifestIn(JSON.stringify({ paths: [path], databases: [] })), path).to.equal(undefined)
  })
})

describe('a lock of the repository', () => {
  const facts = {
    host: 'here',
    runs: (pid: number) => pid === 1,
    watchedMs: (id: string) => (id === 'old' ? REFRESHED_WITHIN_MS : 0),
  }
  const lock = (host: string, pid: number) => ({ host, pid, time: '2020-01-01T00:00:00Z' })

  it('is dead where its process is gone, or elsewhere where it stays the same for too long, whatever its time says', () => {
    expect(areDead({ a: lock('here', 2), old: lock('there', 1) }, facts)).to.equal(true)
    expect(areDead({ a: lock('here', 1) }, facts)).to.equal(false)
    expect(areDead({ old: lock('here', 1) }, facts), 'another process has its pid').to.equal(true)
    expect(areDead({ young: lock('there', 2) }, facts)).to.equal(false)
    expect(areDead({ young: undefined }, facts)).to.equal(false)
  })
})

describe('what a restore replaces', () => {
  const listing = new Map(
    ['.env', 'data/', 'data/bot.db', 'data/sub/', 'data/sub/x', '.catalyst/journal.jsonl'].map(
      (path) => [path.replace(/\/$/, ''), { isFolder: path.endsWith('/'), bytes: 1 }] as const,
    ),
  )
  const now = new Set([
    '.env',
    'data',
    'data/bot.db',
    'data/bot.db-wal',
    'data/new',
    'data/logs',
    '.catalyst/journal.jsonl',
  ])
  const facts = {
    listing,
    roots: ['.env', 'data', '.catalyst/journal.jsonl'],
    only: undefined,
    exists: (path: string) => now.has(path),
    isFileLink: () => false,
    namesIn: () => ['bot.db', 'bot.db-wal', 'new', 'logs'],
  }

  it('is all that a folder has now, but the log and what Catalyst has written down', () => {
    expect(replacementsOf(facts)).to.deep.equal({
      come: ['.env', 'data/bot.db', 'data/sub'],
      go: ['data/bot.db-wal', 'data/new'],
      linked: [],
    })
  })

  it('is one path with what belongs to it, where that is asked for', () => {
    expect(replacementsOf({ ...facts, only: 'data/bot.db' })).to.deep.equal({
      come: ['data/bot.db'],
      go: ['data/bot.db-wal'],
      linked: [],
    })
    expect(replacementsOf({ ...facts, only: 'data/sub' })).to.deep.equal({ come: ['data/sub'], go: [], linked: [] })
  })

  it('brings the journal to a home that has none', () => {
    expect(replacementsOf({ ...facts, exists: () => false }).come).to.include('.catalyst/journal.jsonl')
  })
})

describe('the schedule of backups', () => {
  const schedule: Schedule = {
    ...{
      name: 'Bot-backup',
      bot: 'Bot',
      home: '/srv/my bot',
      hour: 3,
      minute: 7,
      node: '/usr/bin/node',
      cli: '/usr/lib/run.js',
    },
    ...{ path: '/usr/bin:/bin', scope: 'system', account: 'bob' },
  }

  it('is a timer of systemd that makes up for a missed night', () => {
    expect(timerUnit(schedule)).to.include('OnCalendar=*-*-* 03:07:00\nPersistent=true\n')
    expect(backupUnit(schedule)).to.include(
      'ExecStart=/usr/bin/node /usr/lib/run.js backup run --test --home "/srv/my bot"\n',
    )
  })

  it('is a job of launchd and a task of Windows', () => {
    expect(calendarPlist(schedule)).to.include('<key>Hour</key> <integer>3</integer>')
    expect(taskXml({ ...schedule, home: 'C:\\my & bot' })).to.include(
      '<Arguments>/usr/lib/run.js backup run --test --home "C:\\my &amp; bot"</Arguments>',
    )
  })

  it('reads a time of the day, and has one of the night for each home', () => {
    expect(['4:30', '24:00', '4.30'].map(timeOfDay)).to.deep.equal([{ hour: 4, minute: 30 }, undefined, undefined])
    expect(quietTime('/srv/a').hour).to.be.within(2, 4)
    expect(quietTime('/srv/a')).to.deep.equal(quietTime('/srv/a'))
  })
})
