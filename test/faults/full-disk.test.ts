/** A home on a small disk of its own that is filled at each bad moment: nobody goes deaf, and all is well once there is room. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { DATABASE_BOT, databaseBot } from '../support/deploy/database-bot.js'
import { SHIPPED, ShippedHome } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Home } from '../support/e2e/home.js'
import type { Running } from '../support/e2e/process.js'
import { BIN } from '../support/e2e/root.js'
import { freePort } from '../support/e2e/server.js'
import { isAlive } from '../support/e2e/still-running.js'
import { pause, until } from '../support/e2e/until.js'

const DISK = '6m'
/** On which a release finds the room that a deployment asks for. */
const ROOMY_DISK = '40m'
const PAGE = Buffer.alloc(4096, 'x')
/** How soon all is to be well again once there is room. */
const SOON_MS = 8000

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.5',
  WATCHDOG_FREEZE_THRESHOLD: '4',
  WATCHDOG_MAX_RESTARTS: '1',
  BOT_START_TIMEOUT: '10',
  BOT_STOP_TIMEOUT: '1',
  SERVICE_RESTART_DELAY: '60', // whoever waits for this has not seen that there is room
  LOG_LEVEL: 'debug',
}

const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', async cycle() {
    if (fs.existsSync('hang')) await new Promise(() => {})
  } }`

interface Told {
  readonly title: string
  readonly text: string
}

describe('a full disk', () => {
  const { home: newHome, moduleHome, programHome, serve, run, closeLater } = endToEnd()

  /** Puts the home onto a disk of its own. */
  function onSmallDisk(home: Home, size = DISK): void {
    const kept = new Map(home.allFiles().map((file) => [file, home.read(file)]))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', home.folder])
    closeLater(() => execFileSync('umount', ['-l', home.folder]))
    for (const [file, text] of kept) home.write(file, text)
  }

  function smallHome(settings: Record<string, string>, size = DISK): Home {
    const home = newHome(settings)
    onSmallDisk(home, size)
    return home
  }

  /** Takes all the room there is, and what comes free meanwhile, until the answer is called. */
  function fill(home: Home): () => void {
    const path = home.path('hog')
    const file = fs.openSync(path, 'a')
    const take = () => {
      try {
        for (;;) fs.writeSync(file, PAGE)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
    take()
    const timer = setInterval(take, 2)
    let isOver = false
    const free = () => {
      if (isOver) return
      isOver = true
      clearInterval(timer)
      fs.closeSync(file)
      fs.rmSync(path, { force: true })
    }
    closeLater(free)
    return free
  }

  /** Takes the spare files away, too, but for so many; no others can be made. */
  async function takeSpares(home: Home, left = 0): Promise<void> {
    const spare = home.path('.catalyst/state/spare')
    const names = () => (fs.existsSync(spare) ? fs.readdirSync(spare) : [])
    await until(async () => {
      for (const name of names().slice(left)) fs.rmSync(join(spare, name), { force: true })
      await pause(600) // the watchdog has looked meanwhile
      return names().length <= left
    })
  }

  async function webhook(): Promise<{ url: string; told: Told[] }> {
    const told: Told[] = []
    const { url } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        if (request.method !== 'GET') {
          const [{ title, description, fields }] = JSON.parse(body).embeds
          told.push({ title, text: JSON.stringify([description, fields]) })
        }
        response.end('{"id":"1"}')
      })
    })
    return { url: `${url}/api/webhooks/1/x`, told }
  }

  const watchdog = (home: Home): Running =>
    run(process.execPath, [BIN, 'watchdog', 'run', '--home', home.folder], { folder: home.folder, cwd: os.tmpdir() })

  /** A watchdog that has its bot as a child, which works. */
  async function watched(settings: Record<string, string> = {}) {
    const { url, told } = await webhook()
    const home = moduleHome(MODULE, { ...WATCHED, ADMIN_ALERT_WEBHOOK: url, ...settings })
    onSmallDisk(home)
    const dog = watchdog(home)
    const pid = await works(home)
    return { home, dog, pid, told }
  }

  async function works(home: Home, other = 0): Promise<number> {
    await until(
      async () => home.botFile().endpoint && home.botFile().pid !== other && (await home.health()).status === 'healthy',
    )
    return home.botFile().pid
  }

  const status = async (home: Home) => JSON.parse((await home.catalyst(['watchdog', 'status', '--json'])).stdout)
  const healthOf = async (home: Home) => JSON.parse((await home.catalyst(['health', 'check', '--json'])).stdout)

  it('during a start keeps nobody from asking the bot: its health is told at once, and all is written once there is room', async () => {
    const home = moduleHome(MODULE, { HEALTH_CHECK_PORT: String(await freePort()) })
    onSmallDisk(home)
    const first = await home.healthy()
    first.kill('SIGKILL')
    const free = fill(home)
    await takeSpares(home, 2) // for the lock alone
    const bot = home.start()
    await until(async () => (await healthOf(home)).status === 'degraded')
    expect((await healthOf(home)).report.pid).to.equal(bot.pid)
    free()
    await until(() => home.botFile().endpoint && home.botFile().control && home.botFile().pid === bot.pid, SOON_MS)
    await until(async () => (await healthOf(home)).status === 'healthy', SOON_MS)
    expect((await home.catalyst(['health', 'check'])).code).to.equal(0)
  })

  it('refuses a start by hand that it has no room for at all, with the path and what to do', async () => {
    const home = moduleHome(MODULE, WATCHED)
    onSmallDisk(home)
    const free = fill(home)
    for (const refused of [home.start(), watchdog(home)]) {
      const { code, stderr } = await refused.result()
      expect(code).to.equal(1)
      expect(stderr.replace(/\s+/g, ' '))
        .to.contain(`the disk that holds ${home.folder}`)
        .and.contain('make room there')
    }
    free()
    watchdog(home)
    await works(home)
  })

  it('ends no bot that runs, which says what is wrong and is healthy by itself once there is room', async () => {
    const { home, pid } = await watched()
    const free = fill(home)
    await until(async () => (await healthOf(home)).status === 'degraded')
    const { reasons } = await healthOf(home)
    expect(reasons.join('\n')).to.contain(`the disk that holds ${home.folder}`).and.contain('make room there')
    free()
    await until(async () => (await healthOf(home)).status === 'healthy', SOON_MS)
    expect(home.botFile().pid).to.equal(pid)
  })

  it('keeps no bot down that was killed: it is told at once, and the next one runs on the full disk', async () => {
    const { home, pid, told } = await watched({ SERVICE_RESTART_DELAY: '1' })
    const free = fill(home)
    process.kill(pid, 'SIGKILL')
    const killedAt = Date.now()
    await until(() => told.some(({ title }) => title.includes('ended unexpectedly')), SOON_MS)
    expect(Date.now() - killedAt).to.be.below(4000)
    const next = await until(() => home.botFile().pid !== pid && home.botFile().endpoint && home.botFile().pid, SOON_MS)
    await until(async () => (await healthOf(home)).status === 'degraded')
    expect((await status(home)).incident).to.include({ why: 'ended', ends: 1 })
    free()
    expect(await works(home)).to.equal(next)
  })

  it('that leaves no room for a start at all is named with what to do, and the start comes once there is room', async () => {
    const { home, pid, dog, told } = await watched()
    const free = fill(home)
    await takeSpares(home)
    process.kill(pid, 'SIGKILL')
    await until(() => told.some(({ title }) => title.includes('ended unexpectedly')), SOON_MS)
    await until(() =>
      /the disk that holds .* is full \(ENOSPC\): make room there; it is started again in .*, or as soon as there is room/.test(
        dog.output,
      ),
    )
    expect((await healthOf(home)).status).to.equal('unreachable')
    free()
    const began = Date.now()
    await works(home, pid)
    expect(Date.now() - began).to.be.below(SOON_MS)
    await until(() => told.at(-1)?.title.includes('recovered'))
  })

  it('does not let a restart be forgotten, nor the bot, when the watchdog is killed as well', async () => {
    const { home, dog, pid, told } = await watched({ SERVICE_RESTART_DELAY: '1' })
    const free = fill(home)
    home.write('hang', '')
    await until(() => told.some(({ title }) => title.includes('needs attention')), 40_000)
    const second = home.botFile().pid
    expect(second).to.not.equal(pid)
    dog.kill('SIGKILL')
    await dog.result()
    const next = watchdog(home)
    await until(() => next.output.includes(`the bot (pid ${second}) of a watchdog that is gone is taken over`))
    await pause(6000) // longer than a bot that hangs is left alone
    expect(home.botFile().pid, 'no second restart').to.equal(second)
    expect(await status(home)).to.include({ restarts_used: 1, restarts_left: 0 })
    expect((await status(home)).incident).to.include({ state: 'needs_attention', restarts: 1 })
    fs.rmSync(home.path('hang'))
    free()
    process.kill(second, 'SIGKILL') // as a person does
    const third = await works(home, second)
    await until(() => told.at(-1)?.title.includes('recovered'))
    next.kill('SIGTERM')
    expect((await next.result()).code).to.equal(0)
    expect(isAlive(third)).to.equal(false)
  })

  it('hides no start of a bot that crashes there: the fourth one waits', async () => {
    const home = programHome('process.exit(3)')
    onSmallDisk(home)
    expect((await home.start().result()).code).to.equal(3) // its files are there
    const journal = home.path('.catalyst/journal.jsonl')
    const rest = PAGE.length - (fs.statSync(journal).size % PAGE.length)
    fs.appendFileSync(journal, `${' '.repeat(rest - 1)}\n`) // not even its last page takes another line
    const free = fill(home)
    for (let start = 2; start <= 3; start++) expect((await home.start().result()).code).to.equal(3)
    expect(home.kinds().filter((kind) => kind === 'bot.start')).to.have.length(1)
    const bot = home.start()
    await until(async () => (await healthOf(home)).status === 'starting')
    expect((await healthOf(home)).reasons.join('\n')).to.contain('it exited 3 times within minutes')
    free()
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
  })

  it('leaves an orphan of a killed watchdog nobody: the next one ends it with itself', async () => {
    const { home, dog, pid } = await watched()
    dog.kill('SIGKILL')
    await dog.result()
    const next = watchdog(home)
    await until(() => next.output.includes('is taken over'))
    next.kill('SIGTERM')
    expect((await next.result()).code).to.equal(0)
    expect(isAlive(pid)).to.equal(false)
  })

  for (const moment of ['before its first step', 'export', 'switch', 'restart', 'gate'])
    it(`in a deployment (${moment}) ends with a bot that runs, and the next one works`, async () => {
      const shipped = new ShippedHome(
        smallHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...SHIPPED }, ROOMY_DISK),
      )
      for (const name of ['v1', 'v2']) shipped.tag(name)
      shipped.watchdog()
      await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
      expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
      let free = moment === 'before its first step' ? fill(shipped.home) : undefined
      const deploying = shipped.begin('run', 'v2', '--yes')
      await until(() => {
        const steps = shipped.home.journal().filter(({ kind }) => kind === 'deploy.step')
        if (steps.some(({ step, release }) => step === moment && String(release ?? 'v2').startsWith('v2')))
          free ??= fill(shipped.home)
        return deploying.hasEnded
      }, 60_000)
      const { code, stderr } = await deploying.result()
      if (code !== 0) expect(stderr).to.match(/ENOSPC|full|room/)
      free?.()
      await until(() => !shipped.isUnderWay && shipped.active && shipped.runs(shipped.active), 2 * SOON_MS)
      if (shipped.active !== 'v2') expect((await shipped.deploy('run', 'v2', '--yes', '--force')).code).to.equal(0)
      await shipped.runs('v2')
    })

  it('while the data of a version is copied brings the old version back on its own data, and the next deployment works', async () => {
    const shipped = new ShippedHome(smallHome({ ...SHIPPED, ...DATABASE_BOT }, ROOMY_DISK))
    shipped.tag('v1', databaseBot('writes'))
    shipped.tag('v2', databaseBot('migrates'))
    shipped.repository.commit(databaseBot('writes'))
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    const first = await shipped.deploy('run', 'v1', '--yes')
    expect(first.code, first.stderr).to.equal(0)
    await until(() => shipped.home.read('data/ticks.written').length > 1000)
    let free: (() => void) | undefined
    const deploying = shipped.begin('run', 'v2', '--yes')
    await until(() => {
      const restarts = shipped.home.journal().filter(({ step, state }) => step === 'restart' && state === 'begin')
      if (restarts.length > 1) free ??= fill(shipped.home)
      return deploying.hasEnded
    }, 60_000)
    const { code, stderr } = await deploying.result()
    expect(code, stderr).to.equal(1)
    expect(stderr).to.match(/could not be copied: .*(ENOSPC|full)/)
    free?.()
    await until(() => !shipped.isUnderWay && shipped.active === 'v1' && shipped.runs('v1'), 2 * SOON_MS)
    expect(shipped.home.files('data').filter((name) => name.includes('catalyst'))).to.deep.equal([])
    const again = await shipped.deploy('run', 'v2', '--yes', '--force')
    expect(again.code, again.stderr).to.equal(0)
    await shipped.runs('v2')
  })
})
