import { chmodSync, chownSync } from 'node:fs'
import os from 'node:os'
import { expect } from 'chai'
import type { Condition } from '#core/condition/condition.js'
import { writeDeployment } from '#core/deploy/deployment-file.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { aDeployment, aPlan } from '../support/builders/deployment.js'
import { aHome } from '../support/builders/home.js'
import { AS_NOBODY, asRoot, NOBODY } from '../support/e2e/as-nobody.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Home } from '../support/e2e/home.js'
import { BIN } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '30',
  BOT_STOP_TIMEOUT: '1',
}

describe('e2e: status', () => {
  const { home: emptyHome, moduleHome, programHome, run } = endToEnd()

  async function condition(home: Home): Promise<Condition & { code: number | null }> {
    const { code, stdout, stderr } = await home.catalyst(['status', '--json'])
    expect(stderr).to.equal('')
    return { ...JSON.parse(stdout), code }
  }

  const screen = async (home: Home) => (await home.catalyst(['status'])).stdout

  it('of a healthy bot agrees with health check, watchdog status and deploy info, and names nothing to type', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    const [found, health, watchdog, info] = await Promise.all([
      condition(home),
      ...[
        ['health', 'check'],
        ['watchdog', 'status'],
        ['deploy', 'info'],
      ].map(async (words) => JSON.parse((await home.catalyst([...words, '--json'])).stdout)),
    ])
    expect(found).to.deep.include({ code: 0, next: null, missing: [], services: [], home: home.folder })
    expect(found.process).to.include({ pid: bot.pid, release: null })
    expect(found.health).to.deep.include({ status: health.status, reasons: health.reasons })
    expect(found.health.since).to.equal(health.report.status_since)
    expect(found.watchdog).to.include({ running: watchdog.running, restarts_left: watchdog.restarts_left })
    expect(found.release?.active).to.equal(info.active)
    expect(found.work?.cycles_today).to.be.at.least(1)
    expect(found.events?.at(-1)?.kind).to.equal('bot.start')
    const text = await screen(home)
    expect(text).to.match(
      new RegExp(`^CatalystBot in ${home.folder}\nhealthy since \\d{4}-.*\n\nbot +pid ${bot.pid}, `),
    )
    expect(text).to.not.match(/^To /m).and.not.include('\u001B')
    expect(text.split('\n')).to.have.length.at.most(24)
  })

  it('of a watched bot with an incident tells the same figures as the commands for scripts', async () => {
    const home = moduleHome(
      `import fs from 'node:fs'
       export default { name: 'w', cycle() { if (fs.existsSync('exit')) { fs.rmSync('exit'); process.exit(3) } } }`,
      { ...WATCHED, WATCHDOG_CHECK_INTERVAL: '30' },
    )
    run(process.execPath, [BIN, 'watchdog', 'run', '--home', home.folder], { folder: home.folder })
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    home.write('exit', '')
    await until(() => home.kinds().includes('incident'))
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    await home.catalyst(['watchdog', 'pause', '--for', '1h', 'so that it stays as it is'])
    const told = async (...words: string[]) => JSON.parse((await home.catalyst([...words, '--json'])).stdout)
    const found = (await told('status')) as Condition
    const [health, watchdog, info, services] = [
      await told('health', 'check'),
      await told('watchdog', 'status'),
      await told('deploy', 'info'),
      await told('service', 'status'),
    ]
    const sharedBy = (one: object, other: object) => Object.keys(one).filter((key) => key in other)
    const same = (one: object | null, other: object, ...but: string[]) => {
      const keys = sharedBy(one ?? {}, other).filter((key) => !but.includes(key))
      const pick = (from: object) => Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)))
      expect(pick(one ?? {})).to.deep.equal(pick(other))
      return keys
    }
    expect(same(found.watchdog, watchdog, 'incident', 'last_check', 'next_check')).to.have.length.above(5)
    const open = watchdog.incident.state === 'recovered' ? null : watchdog.incident // the bot may work again by now
    expect(found.watchdog?.incident?.name).to.equal(open?.name)
    same(found.watchdog?.incident ?? null, watchdog.incident)
    expect(found.paused).to.deep.equal(watchdog.paused)
    expect(same(found.release, info)).to.include.members(['active', 'previous', 'last_good', 'since', 'unfinished'])
    expect(found.health).to.deep.equal({
      status: health.status,
      reasons: health.reasons,
      since: health.report.status_since,
    })
    expect(found.process?.pid).to.equal(health.report.pid)
    same(found.work, health.report, 'last_cycle_seconds_ago', 'uptime_seconds', 'cycles_today')
    expect(found.services).to.deep.equal(services.services ?? [])
  })

  it('under a watchdog, of a bot as its child, shows the restart budget', async () => {
    const home = moduleHome(undefined, WATCHED)
    const watchdog = run(process.execPath, [BIN, 'watchdog', 'run', '--home', home.folder], { folder: home.folder })
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    const found = await condition(home)
    expect(found).to.include({ code: 0, next: null })
    expect(found.watchdog).to.include({ running: true, pid: watchdog.pid, restarts_left: 3 })
    expect(await screen(home)).to.match(
      new RegExp(`^watchdog +runs \\(pid ${watchdog.pid}\\), 3 of 3 restarts left$`, 'm'),
    )
  })

  it('of a degraded bot exits 1, with its reasons and how to see more', async () => {
    const home = moduleHome(
      "export default { name: 'd', cycle(ctx) { for (let n = 0; n < 11; n++) ctx.recordError('no prices') } }",
    )
    await home.started()
    await home.status('degraded')
    const { code, stdout } = await home.catalyst(['status'])
    expect(code).to.equal(1)
    expect(stdout).to.match(/\ndegraded since .*\n {2}\d+ errors in the last hour\n/)
    expect(stdout).to.match(
      new RegExp(`\nTo see what went wrong:\n {2}catalyst logs --home ${home.folder} --level warning --since 1h\n$`),
    )
  })

  it('of a bot that is busy tells with what and until when', async () => {
    const home = moduleHome("export default { name: 'b', cycle(ctx) { ctx.busy(600, 'open order') } }")
    await home.healthy()
    await until(async () => (await home.health()).busy)
    expect((await condition(home)).work?.busy).to.include({ why: 'open order' })
    expect(await screen(home)).to.match(/^busy +open order, until \d{4}-/m)
  })

  it('of a bot that was stopped on purpose tells by whom', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    bot.kill('SIGTERM')
    await bot.result()
    writeDesiredStop(homePaths(home.folder), 'ann', Date.now())
    const found = await condition(home)
    expect(found).to.deep.include({ code: 2, process: null, work: null })
    expect(found.stopped_by?.by).to.equal('ann')
    expect(found.last_exit).to.include({ kind: 'stopped' })
    expect(found.health.since).to.equal(home.entry('bot.stop').time)
    expect(found.next?.command).to.equal(`catalyst bot start --home ${home.folder}`)
    expect(await screen(home)).to.match(/^ {2}stopped on purpose by ann, /m)
  })

  it('of a bot that crashed tells how, and of one that was killed that nobody has seen when', async () => {
    const home = programHome("setTimeout(() => { throw new Error('no token') }, 10)")
    await home.start().result()
    const found = await condition(home)
    expect(found).to.include({ code: 2 })
    expect(found.last_exit).to.include({ kind: 'ended', exit: 1 })
    expect(found.next?.command).to.equal(`catalyst logs --home ${home.folder} --level error --since 1h`)
    expect(await screen(home)).to.match(/^ {2}it exited by itself with exit code 1, .*no token/m)
    const other = moduleHome()
    const bot = await other.healthy()
    bot.kill('SIGKILL')
    await bot.result()
    expect((await condition(other)).last_exit).to.deep.equal({ at: null, kind: 'killed', exit: null })
    expect(await screen(other)).to.contain('\n  it was killed\n')
  })

  it('of a bot that waits for its start tells until when', async () => {
    const home = programHome('process.exit(3)')
    for (let start = 1; start <= 3; start++) await home.start().result()
    home.start()
    await home.status('starting')
    await until(() => home.entry('bot.wait'))
    const found = await condition(home)
    expect(found).to.include({ code: 1 })
    expect(found.waits?.reason).to.match(/^it exited 3 times within minutes/)
    expect(found.health.reasons[0]).to.match(/^waits until /)
    expect(found.next?.command).to.match(/^catalyst logs .*--level error/)
  })

  it('with a deployment that was interrupted names it, and how to end it', async () => {
    const home = moduleHome()
    writeDeployment(aHome({ folder: home.folder }), aDeployment(aPlan()))
    const text = await screen(home)
    expect(text).to.match(/^deployment +deployment of v2 was interrupted, begun 2026-03-01 /m)
    expect(text).to.contain(`\n  catalyst deploy recover --home ${home.folder}\n`)
  })

  it('exits 3 with wrong settings or wrong usage, and where it is no home', async () => {
    const wrong = await emptyHome({ HEALTH_CHECK_PORT: 'eighty' }).catalyst(['status'])
    expect(wrong.code).to.equal(3)
    expect(wrong.stdout).to.contain('catalyst config check')
    expect((await emptyHome().catalyst(['status', '--nonsense'])).code).to.equal(3)
    const watch = await emptyHome().catalyst(['status', '--watch'])
    expect([watch.code, watch.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 3 && text.includes('--watch needs a terminal'),
    )
    const gone = await run(process.execPath, [BIN, 'status', '--home', '/nowhere'], { folder: os.tmpdir() }).result()
    expect(gone.code).to.equal(3)
  })

  it('is what catalyst alone shows in a home; elsewhere that shows the help', async () => {
    const home = moduleHome()
    const inside = await home.catalystIn('.', [])
    expect(inside.stdout)
      .to.match(/^CatalystBot in /)
      .and.contain('\n  catalyst bot start\n')
    expect(inside.code).to.equal(2)
    const elsewhere = emptyHome()
    elsewhere.write('.env', 'OTHER=1\n')
    const help = await elsewhere.catalystIn('.', [])
    expect(help.stdout).to.contain('COMMANDS').and.not.contain('CatalystBot')
    expect(help.code).to.equal(0)
  })

  asRoot("of another user's home tells what is not permitted, and the line to type", async () => {
    const home = moduleHome()
    await home.healthy()
    for (const path of ['', ...home.allFiles()]) chownSync(home.path(path), 1, 1)
    chmodSync(home.folder, 0o755)
    const words = ['-e', AS_NOBODY, '--', 'status', '--home', home.folder]
    const { code, stdout } = await run(process.execPath, words, { folder: home.folder, cwd: os.tmpdir() }).result()
    expect(code, stdout).to.equal(3)
    expect(stdout)
      .to.contain('ask as the user who runs the bot')
      .and.match(/^not known +\S.* not permitted$/m)
    expect(stdout).to.match(/\nTo ask as the owner of the home:\n {2}sudo -u \S+ .* status --home /)
  })

  asRoot('run by root is that which the owner of the home sees', async () => {
    const home = moduleHome()
    await home.healthy()
    for (const path of ['', ...home.allFiles()]) chownSync(home.path(path), NOBODY, NOBODY)
    expect(await condition(home)).to.deep.include({ code: 0, missing: [], next: null })
  })
})
