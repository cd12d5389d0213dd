import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Home } from '../support/e2e/home.js'
import { BIN } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const WATCHED = { WATCHDOG_ENABLED: '1', WATCHDOG_CHECK_INTERVAL: '0.5', SERVICE_RESTART_DELAY: '0.2' }
const asRoot = process.getuid?.() === 0 ? it : () => {}

/** A bot that tells what its data was at its start, and works no more on data that is `broken`. */
const MODULE = `
  import fs from 'node:fs'
  const text = fs.readFileSync('data/state', 'utf8')
  fs.appendFileSync('data/logs/starts', text + '\\n')
  export default { name: 'x', cycle() { if (text === 'broken') throw new Error('the data is broken') } }`

describe('e2e: catalyst backup', () => {
  const { moduleHome } = endToEnd()
  afterEach(removeTempFolders)

  function backedUp(settings: Record<string, string> = {}): Home {
    const place = join(tempFolder(), 'repository')
    const home = moduleHome(MODULE, { BACKUP_REPOSITORY: place, BACKUP_PASSWORD: 'a-secret', ...settings })
    home.write('data/state', 'then')
    home.write('data/logs/starts', '')
    return home
  }

  async function ran(home: Home, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await home.catalyst(['backup', ...args], 120_000)
    expect(code, stderr).to.equal(0)
    return stdout
  }

  const wellPid = (home: Home, but?: number) =>
    until(async () => {
      const { pid } = home.botFile()
      return pid !== but && (await home.health()).status === 'healthy' && pid
    })

  it('restore --start has a running bot restarted on the data of then, and waits until it is healthy', async () => {
    const home = backedUp(WATCHED)
    await ran(home, 'run', '--init')
    home.watchdog()
    const before = await wellPid(home)
    home.write('data/state', 'now')
    const refused = await home.catalyst(['backup', 'restore', '--yes'], 120_000)
    expect(refused.code, refused.stderr).to.equal(75)
    expect(home.read('data/state')).to.equal('now')
    const restored = JSON.parse(await ran(home, 'restore', '--yes', '--start', '--json'))
    expect(restored.pid).to.equal(home.botFile().pid).and.not.equal(before)
    expect((await home.health()).status).to.equal('healthy')
    expect(home.read('data/state')).to.equal('then')
    expect(home.read('data/logs/starts')).to.equal('then\nthen\n')
    expect(fs.readFileSync(join(restored.replaced, 'data/state'), 'utf8')).to.equal('now')
    expect(home.kinds()).to.include('backup.restore')
    const undone = JSON.parse(await ran(home, 'restore', '--undo', '--yes', '--start', '--json'))
    expect(undone.pid).to.equal(home.botFile().pid).and.not.equal(restored.pid)
    expect(home.read('data/logs/starts')).to.equal('then\nthen\nnow\n')
    expect(home.kinds()).to.include('backup.undo')
  })

  it('restore --start to data that the bot does not work on says so, writes it down, and its undo brings the bot back', async function () {
    this.timeout(120_000)
    const home = backedUp({ ...WATCHED, BOT_START_TIMEOUT: '1', BOT_STOP_TIMEOUT: '1' })
    home.write('data/state', 'broken')
    await ran(home, 'run', '--init')
    home.write('data/state', 'then')
    home.watchdog()
    await wellPid(home)
    const { code, stderr } = await home.catalyst(['backup', 'restore', '--yes', '--start'], 120_000)
    expect(code, stderr).to.equal(1)
    expect(stderr)
      .to.match(/not healthy on it/)
      .and.match(/catalyst backup restore .*--undo --start/)
    expect(home.kinds()).to.include('backup.restore')
    await ran(home, 'restore', '--undo', '--yes', '--start')
    expect((await home.health()).status).to.equal('healthy')
    expect(home.read('data/state')).to.equal('then')
  })

  it('restore --start finishes one that was interrupted under a running bot, by its restart, and goes on', async () => {
    const home = backedUp(WATCHED)
    await ran(home, 'run', '--init')
    home.watchdog()
    await wellPid(home)
    const [from, undo] = ['.catalyst/restore/ab', '.catalyst/undo/20260101T000000000Z']
    home.write(`${from}/data/state`, 'between')
    const restoring = { backup: 'ab', from, undo, come: ['data/state'], go: [], linked: [] }
    home.write('.catalyst/restore/restoring.json', JSON.stringify(restoring))
    const { code, stderr } = await home.catalyst(['backup', 'restore', '--yes'], 120_000)
    expect(code, stderr).to.equal(75)
    await ran(home, 'restore', '--yes', '--start')
    expect(home.read('data/logs/starts')).to.equal('then\nbetween\nthen\n')
  })

  it('restore --start changes nothing where nobody would start the bot', async () => {
    const home = backedUp()
    await ran(home, 'run', '--init')
    home.write('data/state', 'now')
    const { code, stderr } = await home.catalyst(['backup', 'restore', '--yes', '--start'], 120_000)
    expect(code).to.equal(1)
    expect(stderr).to.include('SUPERVISOR_MISSING').and.include('catalyst service install')
    expect(home.read('data/state')).to.equal('now')
  })

  asRoot('run exits with 3 and keeps all else where one file must not be read', async () => {
    const home = backedUp()
    const place = home.read('.env').match(/BACKUP_REPOSITORY=(.*)/)?.[1] as string
    home.write('data/secret', 'x')
    fs.chmodSync(join(place, '..'), 0o777)
    for (const path of ['', 'data', 'data/logs', ...home.allFiles()]) fs.chownSync(home.path(path), 65534, 65534)
    fs.chownSync(home.path('data/secret'), 0, 0)
    fs.chmodSync(home.path('data/secret'), 0o600)
    const args = ['backup', 'run', '--init', '--json', '--home', home.folder]
    const { code, stdout, stderr } = await home.run(process.execPath, [BIN, ...args], { folder: home.folder }).result()
    expect(code, stderr).to.equal(3)
    const made = JSON.parse(stdout)
    expect(made.outcome).to.equal('partial')
    expect(made.left_out).to.deep.equal([{ path: 'data/secret', why: 'permission denied' }])
    expect(fs.statSync(home.path('.catalyst/state/backup.json')).uid).to.equal(65534)
  })
})
