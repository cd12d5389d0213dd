import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Releases } from '#core/deploy/releases/releases.js'
import { readPointer } from '#core/home/active-release.js'
import { aHome } from '../support/builders/home.js'
import { DATABASE_BOT, databaseBot, type Treatment } from '../support/deploy/database-bot.js'
import { SHIPPED, ShippedHome, version } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'

const SCRIPT = fileURLToPath(new URL('ship-and-die.ts', import.meta.url))
const NEVER = '-1'
/** The events before the snapshot: backup, export, seal, link, wait. */
const BEFORE_SNAPSHOT = 10
/** The events before the data of then: those of backup, link and wait, without which settings differ. */
const BEFORE_DATA = 6
/** Far more than any plan has: the test says so when it is not enough. */
const MOST_EVENTS = 60

describe('a deployment that is killed', () => {
  const { home: newHome } = endToEnd()

  /** A home at v1, whose watchdog brings order. Its settings have changed since. */
  async function shippedHome(): Promise<{ shipped: ShippedHome; settings: readonly string[] }> {
    const shipped = new ShippedHome(
      newHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...SHIPPED, WORD: 'then' }),
    )
    for (const name of ['v1', 'v2']) shipped.tag(name)
    shipped.tag('v3', version('v3', "throw new Error('broken')"))
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    const then = shipped.home.read('.env')
    for (const name of ['v1', 'v2', 'v1']) expect((await shipped.deploy('run', name, '--yes')).code).to.equal(0)
    const now = then.replace('WORD=then', 'WORD=now')
    shipped.home.write('.env', now)
    return { shipped, settings: [then, now] }
  }

  const carryOut = (shipped: ShippedHome, what: string, ref: string, event: string, ...more: string[]) =>
    shipped.home
      .run(
        process.execPath,
        ['--import', 'tsx', '--no-warnings', SCRIPT, shipped.home.folder, what, ref, event, ...more],
        {
          folder: shipped.home.folder,
          cwd: ROOT,
        },
      )
      .result(40_000)

  /** A home with a watchdog, whose bot writes rows as v1; v2 treats the database in another way. */
  async function watchedHome(treatment: Treatment): Promise<ShippedHome> {
    const shipped = new ShippedHome(newHome({ ...SHIPPED, ...DATABASE_BOT }))
    shipped.tag('v1', databaseBot('writes'))
    shipped.tag('v2', databaseBot(treatment))
    shipped.repository.commit(databaseBot('writes'))
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    return shipped
  }

  /** What must hold at every moment. */
  function expectWhole(shipped: ShippedHome, settings: readonly string[], when: string): void {
    const pointer = readPointer(shipped.paths)
    expect(pointer, when).to.not.equal(undefined)
    expect(new Releases(aHome({ folder: shipped.paths.home })).read(pointer?.name ?? ''), when).to.include({
      commit: pointer?.commit,
    })
    expect(settings, when).to.include(shipped.home.read('.env'))
    expect(shipped.home.read('data/sentinel'), when).to.equal('mine')
  }

  for (const { what, ref, ends } of [
    { what: 'deployment', ref: 'v2', ends: ['v1', 'v2'] },
    { what: 'rollback', ref: 'v2', ends: ['v1', 'v2'] },
    { what: 'deployment', ref: 'v3', ends: ['v1'] },
  ]) {
    it(`at any step of a ${what} of ${ref}, and between any two, is brought to an end, and the bot is healthy`, async function () {
      this.timeout(45 * 60_000)
      const { shipped, settings } = await shippedHome()
      shipped.home.write('data/sentinel', 'mine')
      const seen: string[] = []
      for (let event = 0; ; event++) {
        expect(event).to.be.below(MOST_EVENTS)
        shipped.home.write('.env', settings[1] as string)
        const { signal, stdout } = await carryOut(shipped, what, ref, String(event))
        const when = `${what} of ${ref}, killed at event ${event}: ${stdout.trim().split('\n').at(-1)}`
        if (signal !== 'SIGKILL') break // it has come to its end
        seen.push(when)
        expectWhole(shipped, settings, when)
        // a person is sometimes quicker than the watchdog
        if (event % 2 === 1) expect([0, 75], when).to.include((await shipped.deploy('recover', '--yes')).code)
        await until(() => !shipped.isUnderWay, 40_000)
        expectWhole(shipped, settings, when)
        expect(ends, when).to.include(shipped.active)
        await shipped.runs(shipped.active ?? null)
        if (shipped.active !== 'v1') expect((await shipped.deploy('run', 'v1', '--yes')).code, when).to.equal(0)
      }
      const { steps } = JSON.parse((await shipped.deploy('run', 'v2', '--force', '--dry-run', '--json')).stdout)
      expect(seen.length).to.be.above(steps.length)
    })
  }

  it('of a migrating version that fails, at any step from its snapshot on, ends with the old one on its own data', async function () {
    this.timeout(20 * 60_000)
    const shipped = await watchedHome('migrates and fails')
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    const seen: string[] = []
    // the end of a step differs from the beginning of the next one by a note alone
    for (let event = BEFORE_SNAPSHOT; ; event += 2) {
      const { signal, stdout } = await carryOut(shipped, 'deployment', 'v2', String(event))
      const last = stdout.trim().split('\n').at(-1) as string
      if (signal !== 'SIGKILL') break
      seen.push(last)
      if (event % 4 === 0) expect([0, 75], last).to.include((await shipped.deploy('recover', '--yes')).code)
      await until(() => !shipped.isUnderWay, 40_000)
      expect(shipped.active, last).to.equal('v1')
      await shipped.runs('v1')
      const written = shipped.home.read('data/ticks.written').trim().split('\n').map(Number)
      const rows = tableOf(shipped, 'ticks')
      expect(
        written.filter((n) => !rows.has(n)),
        `rows that are lost, killed at ${last}`,
      ).to.deep.equal([])
    }
    expect(seen[0]).to.equal('snapshot begin')
    expect(seen).to.include.members(['switch begin', 'restart begin', 'gate begin', 'data begin'])
  })

  it('of a rollback with the data of then, at any step from the data on, ends with one of the two on its own data', async function () {
    this.timeout(20 * 60_000)
    const shipped = await watchedHome('migrates')
    for (const name of ['v1', 'v2']) expect((await shipped.deploy('run', name, '--yes')).code).to.equal(0)
    const written = (table: string) => shipped.home.read(`data/${table}.written`).trim().split('\n').map(Number)
    const ticks = written('ticks')
    await until(() => written('events').length > 50)
    const seen: string[] = []
    // before the data come backup, link and wait
    for (let event = BEFORE_DATA; ; event += 2) {
      const events = written('events')
      const { signal, stdout, stderr } = await carryOut(shipped, 'rollback', 'v1', String(event), 'with-data')
      const last = stdout.trim().split('\n').at(-1) as string
      if (signal !== 'SIGKILL') {
        expect(stderr).to.equal('')
        break
      }
      seen.push(last)
      await until(() => !shipped.isUnderWay, 40_000)
      const { active = '' } = shipped
      await shipped.runs(active)
      const [table, before] = active === 'v1' ? ['ticks', ticks] : ['events', events]
      const rows = tableOf(shipped, table as string)
      expect(
        (before as number[]).filter((n) => !rows.has(n)),
        `rows of ${active} that are lost, killed at ${last}`,
      ).to.deep.equal([])
      if (active === 'v1')
        expect((await shipped.deploy('rollback', 'v2', '--with-data', '--yes')).code, `killed at ${last}`).to.equal(0)
    }
    expect(seen).to.include.members(['data begin', 'switch begin', 'restart begin', 'gate begin'])
  })

  /** Returns the numbers in a table of the bot's database. */
  function tableOf({ home }: ShippedHome, table: string): Set<number> {
    const program =
      'import json, sqlite3, sys; print(json.dumps([n for (n,) in sqlite3.connect(sys.argv[1]).execute("SELECT n FROM " + sys.argv[2])]))'
    const words = ['-c', program, join(home.folder, 'data', 'bot.db'), table]
    return new Set(JSON.parse(execFileSync('python3', words).toString()))
  }

  it('at no step at all is what these runs are held against', async function () {
    this.timeout(120_000)
    const { shipped } = await shippedHome()
    const { code, stdout } = await carryOut(shipped, 'rollback', 'v2', NEVER)
    expect(code).to.equal(0)
    expect(stdout).to.match(
      /^backup begin\nbackup done\n[\s\S]*settings done\n[\s\S]*gate done\nprune begin\nprune done\n$/,
    )
    expect(shipped.active).to.equal('v2')
    expect(shipped.home.read('.env')).to.include('WORD=then')
  })
})
