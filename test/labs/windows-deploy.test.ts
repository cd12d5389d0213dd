import { expect } from 'chai'
import type { HealthReport } from '#core/health/report.js'
import { freePort } from '../support/e2e/server.js'
import { until } from '../support/e2e/until.js'
import { removeFolder } from '../support/temp.js'
import { LONG_MS, WATCHED, Watchdog } from './watched.js'
import { type Result, WindowsBox, type WindowsHome } from './windows-box.js'

/** There is no git in the box, so the releases lie there already. */
const RELEASES = {
  v1: "export default { name: 'lab', cycle() {} }\n",
  v2: "export default { name: 'lab', cycle() {} }\n",
  v3: "throw new Error('this version is broken')\n",
  v4: 'setInterval(() => {}, 1000)\nawait new Promise(() => {})\n',
}

type Tag = keyof typeof RELEASES

const TAGS = Object.keys(RELEASES) as Tag[]

describe('deployments on Windows', () => {
  const box = new WindowsBox()

  before(async function () {
    this.timeout(600_000)
    await box.start()
  })

  after(() => box.stop())

  /** A home with all releases, the first of which is active. */
  async function prepared(name: string): Promise<WindowsHome> {
    const home = box.home(name, {})
    home.writeSettings({
      ...WATCHED,
      BOT_NAME: name,
      BOT_START_TIMEOUT: '30',
      WATCHDOG_CHECK_INTERVAL: '1',
      WATCHDOG_FREEZE_THRESHOLD: '60', // so that a stall of a busy machine is no overdue cycle, which would fail the gate
      DEPLOY_SHARED_PATHS: '.env', // as long as there is no data folder yet nothing is to be linked: Wine can't
      DEPLOY_SETTLE_SECONDS: '1',
      HEALTH_CHECK_PORT: String(await freePort()),
    })
    for (const [index, tag] of TAGS.entries()) {
      const manifest = { commit: commitOf(tag), tag, subfolder: '', made_at: index, shared: [] }
      home.write(`.catalyst/releases/${nameOf(tag)}/bot.mjs`, RELEASES[tag])
      home.write(`.catalyst/releases/${nameOf(tag)}.json`, JSON.stringify(manifest))
    }
    const active = { name: nameOf('v1'), commit: commitOf('v1') }
    home.write('.catalyst/releases/active.json', JSON.stringify(active))
    return home
  }

  function commitOf(tag: Tag): string {
    return String(TAGS.indexOf(tag) + 1).repeat(40)
  }

  function nameOf(tag: Tag): string {
    return `${tag}-${commitOf(tag).slice(0, 8)}`
  }

  function rollback(home: WindowsHome, tag: Tag): Promise<Result> {
    return home.command('deploy', 'rollback', tag, '--yes')
  }

  async function succeeds(command: Promise<Result>): Promise<string> {
    const { code, stdout, output } = await command
    expect(code, output).to.equal(0)
    return stdout
  }

  /** It is active, and the bot that answers is healthy as that. */
  async function expectLive(home: WindowsHome, tag: Tag): Promise<HealthReport> {
    const report = await home.health()
    expect(report, report.reasons.join('; ')).to.include({ status: 'healthy', release: nameOf(tag) })
    expect(JSON.parse(home.read('.catalyst/releases/active.json'))).to.include({ name: nameOf(tag) })
    expect(home.has('.catalyst/state/deployment.json')).to.equal(false)
    expect(home.read(`.catalyst/releases/${nameOf(tag)}/.env`)).to.equal(home.read('.env'))
    return report
  }

  /** Begins a rollback, and waits until it waits for the proof of health; it is killed then. */
  async function cutOff(home: WindowsHome, tag: Tag): Promise<void> {
    const command = home.begin('deploy', 'rollback', tag, '--yes')
    await until(() => {
      const last = home.journal().findLast(({ kind }) => kind === 'deploy.step')
      return last?.step === 'gate' && last.state === 'begin'
    }, LONG_MS)
    await box.kill(JSON.parse(home.read('.catalyst/state/deploy.lock')).pid)
    await command
  }

  for (const { supervisor, name, keep, leave } of [
    {
      supervisor: 'by the genuine NSSM',
      name: 'Lab',
      keep: async (home: WindowsHome) => void (await succeeds(home.service('install', '--yes'))),
      leave: async (home: WindowsHome) => {
        await box.emptied((await home.service('uninstall', '--yes')).output)
      },
    },
    {
      supervisor: 'by a watchdog that keeps the bot itself',
      name: 'Child',
      keep: async (home: WindowsHome) => void home.begin('watchdog', 'run'),
      leave: async (home: WindowsHome) => {
        const watchdog = new Watchdog(home, home.folder)
        for (const pid of [watchdog.file().pid, watchdog.botPid()]) await box.kill(pid)
      },
    },
  ])
    describe(supervisor, () => {
      let home: WindowsHome

      before(async () => {
        home = await prepared(name)
        await keep(home)
        await until(async () => (await home.health()).status === 'healthy', LONG_MS)
        await expectLive(home, 'v1')
      })

      after(async () => {
        await leave(home)
        removeFolder(home.folder)
      })

      it('another version is gone back to, which answers; and its settings come back with it', async () => {
        const { pid } = await expectLive(home, 'v1')
        const before = home.read('.env')
        await succeeds(rollback(home, 'v2'))
        const second = await expectLive(home, 'v2')
        expect(second.pid).to.not.equal(pid)
        home.write('.env', `${before}ADDED=1\n`)
        await succeeds(rollback(home, 'v1'))
        await expectLive(home, 'v1')
        expect(home.read('.env')).to.equal(before)
        expect(home.entry('deploy.end')).to.include({ outcome: 'deployed', active: nameOf('v1') })
        expect(home.entry('rating')).to.include({ tag: 'v1', rating: 'good' })
      })

      it('what ran before comes back by itself from a version that is broken', async () => {
        await expectLive(home, 'v1')
        const { code, output } = await rollback(home, 'v3')
        expect(code, output).to.equal(1)
        expect(output).to.contain('v3 did not go live').and.to.contain('this version is broken')
        await expectLive(home, 'v1')
        expect(home.entry('rating'), `${output}\n${home.read('.catalyst/journal.jsonl')}`).to.include({
          tag: 'v3',
          rating: 'bad',
        })
      })

      it('what ran before is brought back where a rollback has died', async () => {
        const { pid } = await expectLive(home, 'v1')
        await cutOff(home, 'v4')
        if (name === 'Lab') await succeeds(home.command('deploy', 'recover', '--yes'))
        else await until(() => !home.has('.catalyst/state/deployment.json'), LONG_MS)
        expect((await expectLive(home, 'v1')).pid).to.not.equal(pid)
        expect(home.entry('deploy.recover')).to.include({ direction: 'back', release: nameOf('v4') })
      })
    })
})
