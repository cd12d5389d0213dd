import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { DATABASE_BOT, databaseBot } from '../support/deploy/database-bot.js'
import { TestRepository } from '../support/deploy/repository.js'
import { until } from '../support/e2e/until.js'
import { orderStarts } from '../support/order-starts.js'
import { type BoxHome, SystemdBox } from './systemd-box.js'
import { LONG_MS, WATCHED } from './watched.js'

type Texts = Readonly<Record<string, string>>

const HOUR = 3_600_000
const SETTINGS = { ...WATCHED, BOT_MODULE: '', BOT_START_TIMEOUT: '30', DEPLOY_SETTLE_SECONDS: '1' }
const IDLE = "export default { name: 'lab', cycle() {} }\n"
/** Works until somebody says that it crashes. */
const FRAGILE = `import fs from 'node:fs'\nsetInterval(() => { if (fs.existsSync('data/crash')) throw new Error('no such price') }, 50)\n${IDLE}`

describe('a version that fails on a real systemd', () => {
  const box = new SystemdBox()
  const ends: (() => void)[] = []
  let port = 9200

  before(() => box.start())

  after(async () => {
    for (const end of ends) end()
    await box.stop()
  })

  /** A bot and its watchdog as services, with these versions; the first is deployed. */
  async function site(name: string, versions: Readonly<Record<string, Texts>>, settings: Texts): Promise<BoxHome> {
    const all = { ...SETTINGS, BOT_NAME: name, HEALTH_CHECK_PORT: String(port++), ...settings }
    const env = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
    const home = await box.home(name, { '.env': env.join('') }, 'root')
    const repository = new TestRepository(home.outside)
    for (const [tag, files] of Object.entries(versions)) {
      repository.commit({ '.gitignore': '.env\n.catalyst/\ndata/\n', ...files }, tag)
      repository.git('tag', tag)
    }
    const [first = ''] = Object.keys(versions)
    repository.git('checkout', '--quiet', '--detach', first) // what runs until the first version is deployed
    await box.root(`mkdir -p ${home.inside}/data; chown -R alice: ${home.inside}`)
    await succeeds(home, 'service', 'install', '--with-watchdog', '--yes')
    await succeeds(home, 'deploy', 'run', first, '--yes', '--skip-fetch')
    return home
  }

  async function succeeds(home: BoxHome, ...words: string[]): Promise<string> {
    const { code, stdout, output } = await home.catalyst(...words)
    expect(code, output).to.equal(0)
    return stdout
  }

  async function expectHealthy(home: BoxHome, tag: string): Promise<void> {
    const { status, report } = JSON.parse(await succeeds(home, 'health', 'check', '--wait', '30', '--json'))
    expect(status).to.equal('healthy')
    expect(report.release).to.match(new RegExp(`^${tag}-`))
  }

  it('is taken back within a day of its proof, and no more after it', async () => {
    const home = await site('Bake', { v1: { 'bot.mjs': IDLE }, v2: { 'bot.mjs': FRAGILE } }, { BOT_MODULE: 'bot.mjs' })
    ends.push(orderStarts(join(home.outside, '.catalyst/journal.jsonl'))) // no start waits for the ones before
    await succeeds(home, 'deploy', 'run', 'v2', '--yes', '--skip-fetch')
    const crashes = () => home.kinds().filter((kind) => kind === 'bot.crash').length
    const proveAgo = (hours: number) => {
      const file = '.catalyst/state/ratings.json'
      const { commits } = JSON.parse(home.read(file))
      const at = new Date(Date.now() - hours * HOUR).toISOString()
      const moved = commits.map((one: { tag: string }) => (one.tag === 'v2' ? { ...one, proved_at: at } : one))
      home.write(file, JSON.stringify({ commits: moved }))
    }
    proveAgo(25)
    home.write('data/crash', '')
    await until(() => crashes() >= 7, LONG_MS)
    await box.root(`rm ${home.inside}/data/crash`)
    await expectHealthy(home, 'v2')
    expect(home.kinds(), 'it has baked').to.not.include('deploy.bake')
    proveAgo(23)
    home.write('data/crash', '')
    await until(() => home.kinds().includes('deploy.left'), LONG_MS)
    await expectHealthy(home, 'v1')
    const entry = home.journal().find(({ kind }) => kind === 'deploy.bake')
    expect(entry?.to).to.match(/^v1-/)
    expect(await box.root('systemctl is-active Bake Bake-watchdog')).to.equal('active\nactive')
  })

  it('after it has migrated its data leaves the old one healthy on its own, without a row lost', async () => {
    const versions = { v1: databaseBot('writes'), v2: databaseBot('migrates and fails') }
    const home = await site('Data', versions, DATABASE_BOT)
    const { code, output } = await home.catalyst('deploy', 'run', 'v2', '--yes', '--skip-fetch')
    expect(code, output).to.equal(1)
    expect(output)
      .to.include('no such price')
      .and.match(/What v2-\w+ has written is kept: catalyst deploy restore-data/)
    await expectHealthy(home, 'v1')
    const written = () => home.read('data/ticks.written').trim().split('\n').map(Number)
    const before = written()
    const rows = execFileSync('python3', [
      '-c',
      'import json, sqlite3, sys; print(json.dumps([n for (n,) in sqlite3.connect(sys.argv[1]).execute("SELECT n FROM ticks")]))',
      join(home.outside, 'data', 'bot.db'),
    ])
    expect(JSON.parse(rows.toString())).to.include.members(before)
    await until(() => written().length > before.length + 10, LONG_MS) // it writes on
  })
})
