import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { type Clock, realClock } from '#core/platform/clock.js'
import { type CarryOutOptions, carryOutOrders } from '#core/snapshots/carry-out-orders.js'
import { type DataOrder, isFor, readOrders, writeOrder } from '#core/snapshots/data-orders.js'
import { dataSince } from '#core/snapshots/since-snapshot.js'
import { refuseUnfit } from '#core/snapshots/snapshot-paths.js'
import { type Snapshot, Snapshots, snapshotsBeyond } from '#core/snapshots/snapshots.js'
import { aHome } from '../../support/builders/home.js'
import { failureOf } from '../../support/failure.js'
import { FakeClock } from '../../support/fake-clock.js'
import { removeTempFolders } from '../../support/temp.js'

const T = '20260301T120000000Z'
const V1 = { release: 'v1-1a2b3c4d', commit: '1a2b3c4d' }
const V2 = 'v2-00aa11bb'
const SNAPSHOT: DataOrder = {
  do: 'snapshot',
  id: T,
  reason: 'before the deployment of v2',
  paths: ['state', 'note'],
  before: V2,
  ...V1,
}
const RESTORE: DataOrder = {
  do: 'restore',
  id: `${T}-undo`,
  snapshot: T,
  isSure: false,
  not: V2,
  reason: 'undone',
  release: V2,
  commit: '00aa11bb',
}

function runSql(path: string, statements: string): void {
  const program = `import sqlite3, sys\nsqlite3.connect(sys.argv[1], isolation_level=None).executescript(sys.argv[2])`
  execFileSync('python3', ['-c', program, path, statements])
}

describe('what is done to the data before the bot runs', () => {
  afterEach(removeTempFolders)

  function world() {
    const { paths } = aHome()
    const journal: [string, Record<string, unknown>][] = []
    const write = (path: string, text: string) => {
      fs.mkdirSync(dirname(join(paths.data, path)), { recursive: true })
      fs.writeFileSync(join(paths.data, path), text)
    }
    return {
      paths,
      journal,
      write,
      order: (order: DataOrder) => writeOrder(paths, order),
      start: (
        release: string | null,
        { clock = realClock, ...more }: Partial<CarryOutOptions> & { clock?: Clock } = {},
      ) =>
        carryOutOrders(clock, paths, {
          release,
          folders: [],
          signal: new AbortController().signal,
          onProgress() {},
          journal: (kind, details) => void journal.push([kind, details]),
          ...more,
        }),
      data: () => filesBelow(paths.data),
      snapshots: () => new Snapshots({ paths, asOwner: (work) => work() }),
      kept: (id: string) => filesBelow(join(paths.snapshots, id, 'data')),
    }
  }

  function filesBelow(folder: string): Record<string, string> {
    const names = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort() : []
    const files = names.filter((name) => fs.lstatSync(join(folder, name)).isFile())
    return Object.fromEntries(files.map((name) => [name, fs.readFileSync(join(folder, name), 'utf8')]))
  }

  const THEN = { note: 'then', 'state/a': '1', 'state/deep/b': '2' }
  const NOW = { note: 'now', 'state/a': '1', 'state/c': '3' }

  async function copied() {
    const home = world()
    for (const [path, text] of Object.entries(THEN)) home.write(path, text)
    home.order(SNAPSHOT)
    await home.start(V2)
    return home
  }

  /** A home whose data v2 has changed, and is to give way to that of v1. */
  async function changed() {
    const home = await copied()
    fs.rmSync(join(home.paths.data, 'state', 'deep'), { recursive: true })
    for (const [path, text] of Object.entries(NOW)) home.write(path, text)
    home.order(RESTORE)
    return home
  }

  it('is a copy before the release that it is for, once', async () => {
    const home = world()
    home.write('note', 'then')
    home.order(SNAPSHOT)
    await home.start(V1.release)
    expect(home.snapshots().list()).to.deep.equal([])
    await home.start(V2)
    await home.start(V2)
    expect(home.snapshots().list()).to.have.length(1)
    expect(home.snapshots().read(T)).to.include({ ...V1, kind: 'snapshot', bytes: 4 })
    expect(home.journal.map(([kind]) => kind)).to.deep.equal(['data.snapshot'])
    expect(readOrders(home.paths)).to.deep.equal([])
  })

  it('is the data of before, in the place of that of the release that it is not for', async () => {
    const home = await changed()
    await home.start(V2)
    expect(home.data(), 'v2 goes on with its own').to.deep.equal(NOW)
    await home.start(V1.release)
    expect(home.data()).to.deep.equal(THEN)
    expect(home.kept(`${T}-undo`)).to.deep.equal(NOW)
    expect(home.snapshots().read(`${T}-undo`)).to.include({ release: V2, kind: 'undo' })
  })

  it('is nothing where the other release has never run, and a fault where the snapshot has to be there', async () => {
    const home = world()
    home.write('note', 'mine')
    home.order(RESTORE)
    await home.start(V1.release)
    expect(home.data()).to.deep.equal({ note: 'mine' })
    home.order({ ...RESTORE, isSure: true })
    expect(await failureOf(home.start(V1.release))).to.include({ code: 'SNAPSHOT_FAILED' })
    expect(home.data()).to.deep.equal({ note: 'mine' })
  })

  it('lets the bot run on what is there, and says why, where a restore by hand fails before it has changed anything', async () => {
    for (const damage of ['gone', 'damaged', 'no room'] as const) {
      const home = await copied()
      for (const [path, text] of Object.entries(NOW)) home.write(path, text)
      const before = home.data()
      const { not: _, ...byHand } = { ...RESTORE, isSure: true }
      home.order(byHand)
      const folder = join(home.paths.snapshots, T)
      if (damage === 'gone') fs.rmSync(folder, { recursive: true })
      if (damage === 'damaged') fs.writeFileSync(join(folder, 'data', 'note'), 'longer than it was')
      const copy = fs.promises.copyFile
      if (damage === 'no room')
        fs.promises.copyFile = async (from, to) => {
          if (String(from).endsWith('b')) throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
          return copy(from, to)
        }
      await home.start(V2).finally(() => {
        fs.promises.copyFile = copy
      })
      expect(home.data(), `${damage}: nothing of the copy is left`).to.deep.equal(before)
      expect(readOrders(home.paths), damage).to.deep.equal([])
      expect(home.journal.at(-1)?.[1].failed, damage).to.be.a('string')
      await home.start(V2)
    }
  })

  it('puts data back where a link has taken its place, and follows none that leads to its folder', async () => {
    const home = await copied()
    const outside = join(home.paths.home, 'outside')
    fs.mkdirSync(outside)
    fs.writeFileSync(join(outside, 'b'), 'not ours')
    for (const name of ['note', 'state']) fs.rmSync(join(home.paths.data, name), { recursive: true })
    fs.symlinkSync(join(outside, 'b'), join(home.paths.data, 'note'))
    fs.symlinkSync(outside, join(home.paths.data, 'state'))
    home.order(RESTORE)
    await home.start(V1.release)
    expect(home.data()).to.deep.equal(THEN)
    expect(filesBelow(outside)).to.deep.equal({ b: 'not ours' })
    expect(() => refuseUnfit(home.paths.data, ['state/deep'], { replaces: true })).to.not.throw()
    fs.symlinkSync(outside, join(home.paths.data, 'link'))
    expect(() => refuseUnfit(home.paths.data, ['link/x'], { replaces: true })).to.throw(/is a link/)
  })

  it('is in the order in which it was made, also where the clock was set back', async () => {
    const home = world()
    home.write('note', 'x')
    const clock = new FakeClock()
    const ids = ['20260301T120000000Z', '20260301T120000001Z', '20260201T120000000Z']
    for (const id of ids) {
      home.order({ ...SNAPSHOT, id })
      await home.start(V2, { clock })
      clock.jump(-40 * 24 * 3_600_000)
    }
    expect(
      home
        .snapshots()
        .list()
        .map(({ id }) => id),
    ).to.deep.equal(ids.reverse())
    for (const asked of ['', '2027', '../x'])
      expect(() => home.snapshots().find(asked), asked).to.throw('There is no snapshot')
  })

  it('ends the same wherever a restore is cut off, and done again', async function () {
    this.timeout(120_000)
    for (let call = 0; ; call++) {
      const home = await changed()
      const undo = cutAt(call)
      const error = await home.start(V1.release).catch((thrown: unknown) => thrown)
      undo()
      if (error === undefined) {
        expect(call).to.be.above(15)
        break
      }
      await home.start(V1.release)
      expect(home.data(), `cut off at call ${call}`).to.deep.equal(THEN)
      expect(home.kept(`${T}-undo`), `cut off at call ${call}`).to.deep.equal(NOW)
      removeTempFolders()
    }
  })

  it('ends the same wherever a copy is cut off, and leaves nothing half', async function () {
    this.timeout(120_000)
    for (let call = 0; ; call++) {
      const home = world()
      for (const [path, text] of Object.entries(THEN)) home.write(path, text)
      home.order(SNAPSHOT)
      const undo = cutAt(call)
      const error = await home.start(V2).catch((thrown: unknown) => thrown)
      undo()
      if (error === undefined) {
        expect(call).to.be.above(8)
        break
      }
      expect(home.data()).to.deep.equal(THEN)
      await home.start(V2)
      expect(home.kept(T), `cut off at call ${call}`).to.deep.equal(THEN)
      removeTempFolders()
    }
  })

  /** Lets one call that changes a file fail, by its number. Returns what ends that. */
  function cutAt(number: number): () => void {
    let count = 0
    const names = ['renameSync', 'mkdirSync', 'rmSync', 'linkSync', 'openSync'] as const
    const before = names.map((name) => [name, fs[name]] as const)
    const copy = fs.promises.copyFile
    const due = () => {
      if (count++ === number) throw new Error('cut off')
    }
    for (const [name, call] of before)
      Object.assign(fs, {
        [name]: (...words: unknown[]) => {
          due()
          return (call as (...all: unknown[]) => unknown)(...words)
        },
      })
    fs.promises.copyFile = async (...words) => {
      due()
      return copy(...words)
    }
    return () => {
      for (const [name, call] of before) Object.assign(fs, { [name]: call })
      fs.promises.copyFile = copy
    }
  }

  it('is refused where a path leads through a link, or into our logs', () => {
    const home = world()
    fs.mkdirSync(home.paths.data, { recursive: true })
    fs.symlinkSync('/etc', join(home.paths.data, 'out'))
    for (const names of [['out'], ['out/passwd'], ['logs'], ['logs/bot.jsonl'], ['a', 'a/b']])
      expect(() => refuseUnfit(home.paths.data, names), names.join()).to.throw(/DEPLOY_SNAPSHOT names/)
    refuseUnfit(home.paths.data, ['bot.db', 'not/there'])
  })

  it('is none of what others have written into the folder of the orders', () => {
    const home = world()
    home.order(SNAPSHOT)
    const bad = { ...RESTORE, snapshot: '../../x' }
    home.order(bad as DataOrder)
    fs.writeFileSync(join(home.paths.dataOrders, 'x.json'), JSON.stringify(SNAPSHOT))
    expect(readOrders(home.paths)).to.deep.equal([SNAPSHOT])
  })

  it('goes on with any release where a restore was cut off in the middle', () => {
    expect(isFor(RESTORE, V2)).to.equal(false)
    expect(isFor({ ...RESTORE, phase: 'kept' } as DataOrder, V2)).to.equal(true)
  })

  it('copies a database that is written to, and counts what has come since', async function () {
    this.timeout(60_000)
    const home = world()
    const path = join(home.paths.data, 'note')
    fs.mkdirSync(home.paths.data, { recursive: true })
    const sql = (text: string) => runSql(path, text)
    sql('PRAGMA journal_mode=WAL; CREATE TABLE "odd "" name" (n); INSERT INTO "odd "" name" VALUES (1), (2)')
    home.order(SNAPSHOT)
    await home.start(V2)
    const snapshot = home.snapshots().read(T) as Snapshot
    expect(snapshot.files[0]?.rows).to.deep.equal({ 'odd " name': 2 })
    sql('INSERT INTO "odd "" name" VALUES (3)')
    const since = await dataSince(realClock, home.paths.data, snapshot, { folders: [] })
    expect(since.tables).to.deep.equal([{ file: 'note', table: 'odd " name', rows_then: 2, rows_now: 3 }])
  })

  it('keeps a damaged database as it is, with what belongs to it, tells it, and brings all of it back', async () => {
    const home = world()
    // the journal is one that SQLite has left (journal_mode=PERSIST): it is not read, and stays
    const torn = {
      note: `SQLite format 3\0${'x'.repeat(5000)}`,
      'note-journal': `${'\0'.repeat(28)}rows of before`,
      'state/a': '1',
    }
    for (const [path, text] of Object.entries(torn)) home.write(path, text)
    home.order(SNAPSHOT)
    const said: string[] = []
    await home.start(V2, { onProgress: (text) => said.push(text) })
    expect(said.join('\n')).to.match(/keeps note as it is, which is damaged: (file is not a database|.*malformed)/)
    expect(home.kept(T)).to.deep.equal(torn)
    expect(
      home
        .snapshots()
        .read(T)
        ?.files.find(({ path }) => path === 'note')?.fault,
    ).to.be.a('string')
    expect(home.journal.at(-1)?.[1]).to.deep.include({ damaged: ['note'] })
    home.write('note', 'what the new version has made of it')
    fs.rmSync(join(home.paths.data, 'note-journal'))
    home.order(RESTORE)
    await home.start(V1.release)
    expect(home.data()).to.deep.equal(torn)
  })

  it('keeps a database whose pages are damaged as it is, too', async () => {
    const home = world()
    home.write('note', '')
    const path = join(home.paths.data, 'note')
    runSql(
      path,
      'CREATE TABLE more(b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO more SELECT randomblob(900) FROM n',
    )
    const file = fs.openSync(path, 'r+')
    fs.writeSync(file, Buffer.alloc(9000, 'x'), 0, 9000, 16_000)
    fs.closeSync(file)
    const before = fs.readFileSync(path)
    home.order(SNAPSHOT)
    await home.start(V2)
    expect(fs.readFileSync(join(home.paths.snapshots, T, 'data', 'note')).equals(before)).to.equal(true)
    expect(
      home
        .snapshots()
        .read(T)
        ?.files.map(({ fault }) => typeof fault),
    ).to.deep.equal(['string'])
  })
})

describe('snapshots beyond the retention limit', () => {
  const one = (id: string, release: string | null, kind: Snapshot['kind'], at: number) =>
    ({ id, release, kind, at }) as Snapshot

  it('are all but the newest of each version on disk and kind', () => {
    const all = [
      one('5', 'v2', 'snapshot', 5),
      one('4', 'v1', 'undo', 4),
      one('3', 'v1', 'snapshot', 3),
      one('2', 'v1', 'snapshot', 2),
      one('1', null, 'snapshot', 1),
    ]
    const beyond = (named: string[] = []) => snapshotsBeyond(all, { onDisk: ['v1'], named }).map(({ id }) => id)
    expect(beyond()).to.deep.equal(['5', '2'])
    expect(beyond(['5'])).to.deep.equal(['2'])
  })
})
