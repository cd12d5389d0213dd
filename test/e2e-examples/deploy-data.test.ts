import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { DATABASE_BOT, databaseBot } from '../support/deploy/database-bot.js'
import { SHIPPED, ShippedHome } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { until } from '../support/e2e/until.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

describe('the data of a version', () => {
  const { home: newHome } = endToEnd()

  /** A home at v1, which writes; v2 migrates the database, v3 does and fails. */
  async function site(): Promise<ShippedHome> {
    const shipped = new ShippedHome(newHome({ ...SHIPPED, ...DATABASE_BOT }))
    shipped.tag('v1', databaseBot('writes'))
    shipped.tag('v2', databaseBot('migrates'))
    shipped.tag('v3', databaseBot('migrates and fails'))
    shipped.repository.commit(databaseBot('writes')) // the working tree runs until the first version
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    const { code, stderr } = await shipped.deploy('run', 'v1', '--yes')
    expect(code, stderr).to.equal(0)
    return shipped
  }

  const rowsOf = (shipped: ShippedHome, table: string): number[] =>
    JSON.parse(
      execFileSync('python3', [
        '-c',
        `import json, sqlite3, sys; print(json.dumps([n for (n,) in sqlite3.connect(sys.argv[1]).execute("SELECT n FROM ${table} ORDER BY n")]))`,
        join(shipped.home.folder, 'data', 'bot.db'),
      ]).toString(),
    )
  /** What the bot has been told that it is written. */
  const written = (shipped: ShippedHome, table: string): number[] =>
    shipped.home.read(`data/${table}.written`).trim().split('\n').map(Number)

  it('comes back with the old version where a migrating one fails its gate, and no row is lost', async function () {
    this.timeout(120_000)
    const shipped = await site()
    const { code, stderr } = await shipped.deploy('run', 'v3', '--yes')
    expect(code, stderr).to.equal(1)
    expect(stderr)
      .to.include('no such price')
      .and.match(/v1-\w+ is back, and healthy/)
    expect(stderr).to.match(/What v3-\w+ has written is kept: catalyst deploy restore-data \d{8}T\d{9}Z-undo/)
    const before = written(shipped, 'ticks')
    expect(rowsOf(shipped, 'ticks')).to.include.members(before)
    const count = before.length
    await until(() => written(shipped, 'ticks').length > count + 10) // it writes on
  })

  it('is brought back by a rollback only where that is asked for, and what it replaces comes back by one command', async function () {
    this.timeout(180_000)
    const shipped = await site()
    expect((await shipped.deploy('run', 'v2', '--yes')).code).to.equal(0)
    const last = written(shipped, 'ticks').at(-1) as number
    await until(() => shipped.home.has('data/events.written') && written(shipped, 'events').length > 50)

    const without = await shipped.deploy('rollback', 'v1', '--yes')
    expect(without.code, 'v1 can not live with the data of v2').to.equal(1)
    expect(without.stderr).to.match(/v2-\w+ is back, and healthy/)

    const asked = await shipped.deploy('rollback', 'v1', '--with-data', '--yes')
    expect(asked.code, asked.stderr).to.equal(0)
    expect(asked.stdout).to.match(/bot\.db: events loses \d+ rows/)
    expect(rowsOf(shipped, 'ticks').slice(0, last)).to.deep.equal(Array.from({ length: last }, (_, index) => index + 1))

    const list = JSON.parse((await shipped.deploy('snapshots', '--json')).stdout)
    const ofV2 = list.find(
      ({ release, kind }: { release: string; kind: string }) => /^v2/.test(release) && kind === 'kept',
    )
    expect(ofV2.bytes).to.be.above(0)
    expect((await shipped.deploy('run', 'v2', '--yes')).code).to.equal(0)
    const known = written(shipped, 'events')
    const restored = await shipped.deploy('restore-data', ofV2.id, '--yes')
    expect(restored.code, restored.stderr).to.equal(0)
    await shipped.runs('v2')
    expect(rowsOf(shipped, 'events').length).to.be.above(0)
    expect(known.length).to.be.above(0)
  })
})

/** A program that leaves its database alone. */
const TICKING = `
import time
while True:
    print('tick', flush=True)
    time.sleep(0.05)
`

describe('a database that is damaged today', () => {
  const { home: newHome } = endToEnd()
  afterEach(removeTempFolders)

  it('refuses a deployment before anything stops, and no rollback, and both tell what to type', async function () {
    this.timeout(180_000)
    const shipped = new ShippedHome(newHome({ ...SHIPPED, ...DATABASE_BOT }))
    const { home } = shipped
    for (const tag of ['v1', 'v2', 'v3']) shipped.tag(tag, { 'bot.py': `${TICKING}# ${tag}\n` })
    const base = home.path('data/bot.db')
    home.write('data/note', 'makes the folder')
    execFileSync('python3', ['-c', `import sqlite3; sqlite3.connect('${base}').execute('CREATE TABLE rows (n)')`])
    shipped.watchdog()
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    for (const tag of ['v1', 'v2']) {
      const { code, stderr } = await shipped.deploy('run', tag, '--yes')
      expect(code, stderr).to.equal(0)
    }
    const { pid } = home.botFile()
    const backups = { BACKUP_REPOSITORY: join(tempFolder(), 'repository'), BACKUP_PASSWORD: 'x' }
    home.writeSettings({ ...SHIPPED, ...DATABASE_BOT, ...backups })
    const backedUp = await home.catalyst(['backup', 'run', '--init', '--json'], 60_000)
    expect(backedUp.code, backedUp.stderr).to.equal(0)
    const { backup } = JSON.parse(backedUp.stdout)
    home.write('data/bot.db', `SQLite format 3\0${'x'.repeat(5000)}`)
    const torn = home.read('data/bot.db')

    const refused = await shipped.deploy('run', 'v3', '--yes')
    expect(refused.code, refused.stderr).to.equal(1)
    expect(refused.stderr)
      .to.match(
        /The database data\/bot\.db is damaged: .+ The deployment of v3 was not begun, and what runs was not touched/,
      )
      .and.match(
        /Or bring back the data of v1-\w+, before the deployment of v2: catalyst deploy restore-data .*\d{8}T\d{9}Z/,
      )
    expect(refused.stderr).to.match(new RegExp(`backup restore .*${backup} --only data/bot\\.db --start`))
    expect(home.botFile().pid).to.equal(pid)
    expect(home.files('.catalyst/snapshots').filter((name) => !/^\d{8}T\d{9}Z$/.test(name))).to.deep.equal([])

    const back = await shipped.deploy('rollback', 'v1', '--yes')
    expect(back.code, back.stderr).to.equal(0)
    await shipped.runs('v1')
    const said = back.stdout + back.stderr
    expect(said).to.include('The database data/bot.db is damaged')
    const id = /a copy is kept, too: catalyst deploy restore-data (?:--home \S+ )?(\S+)/.exec(said)?.[1]
    expect(home.read(`.catalyst/snapshots/${id}/data/bot.db`)).to.equal(torn)
    expect(home.read('data/bot.db')).to.equal(torn)

    const sound = /before the deployment of v2: catalyst deploy restore-data (?:--home \S+ )?(\S+)/.exec(
      refused.stderr,
    )?.[1] as string
    const restored = await shipped.deploy('restore-data', sound, '--yes')
    expect(restored.code, restored.stderr).to.equal(0)
    const deployed = await shipped.deploy('run', 'v3', '--yes')
    expect(deployed.code, deployed.stderr).to.equal(0)
  })
})
