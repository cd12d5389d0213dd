import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { DATABASE_BOT, databaseBot } from '../support/deploy/database-bot.js'
import { SHIPPED, ShippedHome } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { until } from '../support/e2e/until.js'

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
