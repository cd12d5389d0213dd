import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { AlertStore } from '#core/alerts/store.js'
import { writeDeployment } from '#core/deploy/deployment-file.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { checkOf } from '#core/doctor/check.js'
import { CHECKS } from '#core/doctor/checks.js'
import { contextOf } from '#core/doctor/context.js'
import { CHECK_TIMEOUT_MS, examine } from '#core/doctor/examine.js'
import { fault, ok } from '#core/doctor/finding.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { registerHome } from '#core/home/registry.js'
import { realClock } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { aBotFile } from '../../support/builders/bot-file.js'
import { aDeployment, aPlan } from '../../support/builders/deployment.js'
import { aHome } from '../../support/builders/home.js'
import { SoundHome } from '../../support/builders/sound-home.js'
import { aWatchdogFile } from '../../support/builders/watchdog-file.js'
import { listen } from '../../support/e2e/server.js'
import { FakeClock } from '../../support/fake-clock.js'
import { reading } from '../../support/fake-manager.js'
import { removeTempFolders } from '../../support/temp.js'

/** A process that is gone. */
const GONE = { ...thisProcess(), pid: 2 ** 22 + 1, instance: 'gone' }
const onPosix = process.platform === 'win32' ? it.skip : it

describe('what the doctor finds', () => {
  let home: SoundHome

  beforeEach(async () => {
    home = await SoundHome.open()
  })
  afterEach(async () => {
    await home.close()
    removeTempFolders()
  })

  /** Expects that this is found, and nothing else is wrong. */
  async function onlyFinds(...expected: RegExp[]): Promise<void> {
    const wrong = await home.wrong()
    expect(wrong, wrong.join('\n')).to.have.length(expected.length)
    for (const [index, one] of expected.entries()) expect(wrong[index]).to.match(one)
  }

  it('in a home that is sound is one line of each check, and all are well', async () => {
    const found = await home.examine()
    expect(await home.wrong()).to.deep.equal([])
    const here = CHECKS.filter(({ platforms }) => platforms?.includes(process.platform) ?? true)
    expect([...new Set(found.map(({ id }) => id))]).to.deep.equal(here.map(({ id }) => id))
  })

  it('of a webhook is its name, which is asked without posting anything; the monitor is sent nothing', async () => {
    const alerts = (await home.examine()).find(({ id }) => id === 'alerts')
    expect(alerts?.text).to.match(/: Captain Hook$/)
    expect(home.asked.map((one) => one.replace(/ .*/, ''))).to.deep.equal(['GET'])
  })

  /** What is broken, and how that is found: state, check, text and command. */
  const BROKEN: Readonly<Record<string, [(broken: SoundHome) => unknown, RegExp]>> = {
    'a setting that is none': [
      (broken) => broken.set({ LOG_MAX_MB: 'many' }),
      /^fault settings: LOG_MAX_MB .* -> catalyst config check$/,
    ],
    'settings that are hardly meant so': [
      (broken) => broken.set({ BOT_STOP_SIGNAL: 'SIGINT' }),
      /^warning settings: BOT_STOP_COMMAND .* -> catalyst config check$/,
    ],
    'a program that is not there': [
      (broken) => broken.set({ BOT_MODULE: undefined, BOT_COMMAND: './no-such-program' }),
      /^fault settings: .*no-such-program can't be started .* -> catalyst config check$/,
    ],
    'a module that exports no bot': [
      (broken) => broken.write(join(broken.paths.releases, broken.release, 'bot.mjs'), 'export const bot = 1'),
      /^fault settings: .* has no bot as its default export/,
    ],
    'a bot that does not run, without a service': [
      (broken) => {
        broken.bot(GONE)
        broken.seen = { roles: () => ['watchdog'] }
        broken.set({ HEALTH_CHECK_PORT: '0' })
      },
      /^fault bot: no bot runs, though a watchdog does, which starts it -> catalyst logs --since 15m$/,
    ],
    'a service of a bot that is stopped': [
      (broken) => {
        broken.bot(GONE)
        broken.set({ HEALTH_CHECK_PORT: '0' })
      },
      /^fault bot: no bot runs: the service \S+ is stopped -> catalyst service start$/,
    ],
    'a service of a bot that has failed': [
      (broken) => {
        broken.bot(GONE)
        broken.set({ HEALTH_CHECK_PORT: '0' })
        broken.services.manager.reads = { state: 'failed' }
      },
      /^fault bot: .* has failed -> catalyst service status$/,
    ],
    'a bot that is degraded': [
      (broken) => {
        broken.answers.health = { status: 'degraded', reasons: ['discord is down'] }
      },
      /^warning endpoint: the bot is degraded: discord is down -> catalyst logs --level warning/,
    ],
    'a bot that is frozen': [
      (broken) => {
        broken.answers.health = { status: 'unhealthy', reasons: ['no cycle for 400 s'] }
      },
      /^fault endpoint: the bot is unhealthy: no cycle for 400 s -> catalyst logs --since 15m$/,
    ],
    'an endpoint that another bot answers': [
      (broken) => {
        broken.answers.instance = 'other'
      },
      new RegExp(
        `^fault endpoint: 127\\.0\\.0\\.1 port \\d+ is answered by .*${process.platform === 'linux' ? `\\(pid ${process.pid}\\), another bot` : ''}, not by this home's bot`,
      ),
    ],
    'no watchdog': [
      (broken) => fs.rmSync(broken.paths.watchdogLock),
      /^fault watchdog: it is switched on, and does not run -> catalyst service start watchdog$/,
    ],
    'a watchdog that is switched off': [
      (broken) => {
        fs.rmSync(broken.paths.watchdogLock)
        broken.set({ WATCHDOG_ENABLED: '0', HEARTBEAT_URL: undefined })
      },
      /^warning watchdog: it is switched off, .* -> catalyst service start watchdog$/,
    ],
    'a watchdog that sleeps': [
      (broken) => broken.write(broken.paths.watchdog, aWatchdogFile(Date.now() - 86_400_000, { status: 'healthy' })),
      /^fault watchdog: it runs \(pid \d+\), and has not checked the bot since .* -> catalyst watchdog status$/,
    ],
    'a service that does not come up at boot': [
      (broken) => {
        broken.services.manager.reads = { automatic: false }
        broken.seen = { roles: () => ['bot'] }
      },
      /^warning service: \S+ does not start with the machine: .*linger -> catalyst service install$/,
    ],
    'a service whose entry is gone': [
      (broken) => {
        fs.rmSync(join(broken.services.manager.folder, `${broken.services.services.installed().bot?.name}.unit`))
      },
      /^fault service: \S+ was installed, and its entry is gone -> catalyst service install$/,
    ],
    'a service that somebody has changed': [
      (broken) =>
        broken.services.manager.edit(broken.services.services.installed().bot?.name ?? '', (text) => `${text}Nice=1\n`),
      /^warning service: \S+: somebody has changed \S+ -> catalyst service install$/,
    ],
    'no service': [
      (broken) => {
        broken.seen = { roles: () => [] }
      },
      /^warning service: none is installed: .* -> catalyst service install$/,
    ],
    'a node that is gone': [
      (broken) => {
        fs.rmSync(broken.services.runtime.cli)
        broken.seen = { roles: () => ['bot'] }
      },
      /^fault node: the service of the bot: \S+, which it runs, is gone -> catalyst service install$/,
    ],
    'no channel for alerts': [
      (broken) => broken.set({ ADMIN_ALERT_WEBHOOK: undefined }),
      /^warning alerts: no channel is set up/,
    ],
    'a webhook that is gone': [
      (broken) => {
        broken.answers.webhook = { status: 404, body: '{"code": 10015}' }
      },
      /^fault alerts: the webhook of ADMIN_ALERT_WEBHOOK is not there any more.*HTTP 404.* -> catalyst alert test$/,
    ],
    'a webhook that nobody answers': [
      (broken) => broken.set({ ADMIN_ALERT_WEBHOOK: 'http://127.0.0.1:1/api/webhooks/1/secret-key-of-it' }),
      /^fault alerts: the webhook of ADMIN_ALERT_WEBHOOK can't be reached: connection refused -> /,
    ],
    'a token that Telegram does not know': [
      (broken) => {
        broken.answers.webhook = { status: 401, body: '{"ok":false}' }
        const origin = broken.server.url
        broken.set({
          ADMIN_ALERT_WEBHOOK: undefined,
          ALERT_CHANNELS: 'telegram',
          ALERT_TELEGRAM_API: origin,
          ALERT_TELEGRAM_TOKEN: '1:secret',
          ALERT_TELEGRAM_CHAT: '7',
        })
      },
      /^fault alerts: Telegram refuses ALERT_TELEGRAM_TOKEN \(HTTP 401\) -> catalyst alert test$/,
    ],
    'a mail server that nobody answers': [
      (broken) =>
        broken.set({
          ADMIN_ALERT_WEBHOOK: undefined,
          ALERT_CHANNELS: 'email',
          ALERT_EMAIL_SMTP: 'smtp://127.0.0.1:1',
          ALERT_EMAIL_FROM: 'bot@example.com',
          ALERT_EMAIL_TO: 'ann@example.com',
        }),
      /^fault alerts: the host of ALERT_EMAIL_SMTP can't be reached: connection refused -> catalyst alert test$/,
    ],
    'an alert that was not taken': [
      (broken) => {
        const at = Date.now()
        const given_up = [{ id: 'x', title: 'x', at, given_up_at: at, why: 'HTTP 500' }]
        new AlertStore(join(broken.paths.alerts, 'discord')).remember({
          messages: {},
          failures: {},
          given_up,
          given_up_total: 1,
        })
      },
      /^warning alerts: 1 alert not taken: HTTP 500 -> catalyst alert test$/,
    ],
    'a monitor that nobody answers': [
      (broken) => broken.set({ HEARTBEAT_URL: 'http://127.0.0.1:1/ping/secret-key-of-it' }),
      /^fault heartbeat: the outside monitor of HEARTBEAT_URL can't be reached: connection refused -> /,
    ],
    'a pointer that is damaged': [
      (broken) => {
        broken.write(broken.paths.activeRelease, '{')
        broken.bot({ release: null })
      },
      /^fault releases: \S+ is damaged, .* -> catalyst deploy rollback --last-good$/,
    ],
    'an active release that is gone': [
      (broken) => fs.rmSync(join(broken.paths.releases, broken.release), { recursive: true }),
      /^fault releases: the active release \S+ is gone, .* -> catalyst deploy rollback --last-good$/,
    ],
    'a release without its manifest': [
      (broken) => fs.rmSync(join(broken.paths.releases, `${broken.release}.json`)),
      /^fault releases: the active release \S+ has lost its manifest -> catalyst deploy repair$/,
    ],
    'a release that was never finished': [
      (broken) => fs.mkdirSync(join(broken.paths.releases, 'v2-0011aabb')),
      /^warning releases: v2-0011aabb: never finished, .* -> catalyst deploy prune$/,
    ],
    'a bot that runs another release': [
      (broken) => broken.bot({ release: 'v0-00000000' }),
      /^warning releases: the bot runs v0-00000000, and \S+ is active -> catalyst service restart$/,
    ],
    'an interrupted deployment': [
      (broken) => writeDeployment(broken.services.services, aDeployment(aPlan())),
      /^fault deployment: the deployment of v2 of .* was interrupted -> catalyst deploy recover$/,
    ],
    'no repository': [
      (broken) => fs.rmSync(join(broken.folder, '.git'), { recursive: true }),
      /^fault git: \S+ is no git repository/,
    ],
    'a merge that was not ended': [
      (broken) => broken.write(join(broken.folder, '.git', 'MERGE_HEAD'), '1a2b3c4d5e6f708192a3b4c5d6e7f80912233445\n'),
      /^warning git: a merge was begun in the working tree, and not ended -> git status$/,
    ],
    'state that git tracks': [
      (broken) => execFileSync('git', ['add', '--force', '.catalyst/state/watchdog.json'], { cwd: broken.folder }),
      /^fault ownership: The home can't be trusted: git tracks .* -> git -C \S+ rm -r --cached \.catalyst$/,
    ],
    'a lock that was left behind': [
      (broken) => broken.write(broken.paths.serviceLock, GONE),
      /^warning locks: services\.lock was left by a process that is gone \(pid \d+\) -> catalyst doctor --fix$/,
    ],
    'a lock that names nobody': [
      (broken) => broken.write(broken.paths.alertsLock, ''),
      /^warning locks: alerts\.lock names no process -> catalyst doctor --fix$/,
    ],
    'a home that is not registered': [
      () => fs.rmSync(join(process.env.XDG_CONFIG_HOME as string, 'catalyst'), { recursive: true }),
      /^warning registry: this home is not in \S+homes\.json, .* -> catalyst doctor --fix$/,
    ],
    'a clock that is off': [
      (broken) => {
        broken.time.answer = { offsetMs: 90_000 }
      },
      /^fault clock: this machine's clock is \d+\S* s behind \S+, .*wrong clocks -> \S+/,
    ],
    'a time server that is not set itself': [
      (broken) => {
        broken.time.answer = { leap: 3 }
      },
      /^warning clock: \S+ \(TIME_SERVER\) does not tell the time: the server's own clock is not set -> null$/,
    ],
  }

  for (const [what, [breakIt, expected]] of Object.entries(BROKEN))
    it(`of ${what} is that, and nothing else`, async () => {
      await breakIt(home)
      await onlyFinds(expected)
    })

  /** The same where files have permissions. */
  const OPEN: Readonly<Record<string, [(broken: SoundHome) => unknown, RegExp]>> = {
    'settings with secrets that all can read': [
      (broken) => fs.chmodSync(broken.paths.env, 0o644),
      /^fault rights: every user of this machine can read \S+\.env \(0644\), and it holds secrets -> chmod 600 \S+\.env$/,
    ],
    "settings that the owner's group can read": [
      (broken) => fs.chmodSync(broken.paths.env, 0o640),
      /^warning rights: a group can read \S+\.env \(0640\) -> chmod 600 \S+\.env$/,
    ],
    'a backup that others can enter': [
      (broken) => {
        const facts = { at: Date.now(), reason: 'x', release: null, commit: null }
        const { id } = new Backups(broken.services.services).make('A=1\n', facts)
        fs.chmodSync(join(broken.paths.backups, id), 0o755)
      },
      /^warning rights: \S+backups\S+ is open to others \(0755\) -> chmod 700 \S+$/,
    ],
    'logs that can not be written': [
      (broken) => {
        fs.rmSync(broken.paths.logs, { recursive: true })
        broken.write(broken.paths.logs, 'a file')
      },
      /^fault folders: \S+logs can't be written: /,
    ],
  }

  for (const [what, [breakIt, expected]] of Object.entries(OPEN))
    onPosix(`of ${what} is that, and nothing else`, async () => {
      await breakIt(home)
      await onlyFinds(expected)
    })

  it('of a port that another program holds is who that is', async () => {
    const other = await listen((_request, response) => response.end())
    try {
      home.bot(GONE)
      writeDesiredStop(home.paths, 'ann', Date.now())
      home.set({ HEALTH_CHECK_PORT: String(other.port) })
      const holder = process.platform === 'linux' ? ` .*\\(pid ${process.pid}\\)` : ''
      await onlyFinds(new RegExp(`^fault port: ${other.port} is held by${holder}.*: end that program, or set another`))
    } finally {
      await other.close()
    }
  })

  it('of an endpoint that the bot of another home answers is that home', async () => {
    const other = aHome()
    fs.writeFileSync(other.paths.bot, JSON.stringify(aBotFile({ instance: 'other' })))
    await registerHome(realClock, other.paths.home)
    await registerHome(realClock, home.folder)
    home.answers.instance = 'other'
    await onlyFinds(
      new RegExp(`^fault endpoint: .* is answered by .*, the bot of ${other.paths.home}, not by this home's`),
    )
  })

  it('of a webhook that hangs is that, soon', async () => {
    const silent = await listen(() => {})
    try {
      home.set({ ADMIN_ALERT_WEBHOOK: `${silent.url}/api/webhooks/1/secret-key-of-it` })
      await onlyFinds(/^fault alerts: .* can't be reached: no answer within 2\.5 s -> catalyst alert test$/)
    } finally {
      await silent.close()
    }
  })

  it('of a bot that was stopped on purpose is who stopped it, and that is well', async () => {
    home.bot(GONE)
    home.set({ HEALTH_CHECK_PORT: '0' })
    writeDesiredStop(home.paths, 'ann', Date.now())
    expect(await home.wrong()).to.deep.equal([])
    const bot = (await home.examine()).find(({ id }) => id === 'bot')
    expect(bot?.text).to.match(/^was stopped on purpose by ann, \d{4}-/)
  })

  it('of a module whose bot runs comes without running anything of it', async () => {
    const mark = join(home.folder, 'loaded')
    const code = `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(mark)}, ''); export default { name: 'b', cycle() {} }`
    home.write(join(home.paths.releases, home.release, 'bot.mjs'), code)
    expect(await home.wrong()).to.deep.equal([])
    expect(fs.existsSync(mark)).to.equal(false)
    home.bot(GONE)
    await home.wrong()
    expect(fs.existsSync(mark), 'which nobody has loaded').to.equal(true)
  })

  it('of a module that never loads is a warning, which hides no other finding', async function () {
    this.timeout(20_000)
    const code = 'setInterval(() => {}, 1000); await new Promise(() => {}); export default 1'
    home.write(join(home.paths.releases, home.release, 'bot.mjs'), code)
    home.bot(GONE)
    home.set({ HEALTH_CHECK_PORT: '0', LOG_MAX_MB: 'many' })
    await onlyFinds(
      /^fault settings: LOG_MAX_MB /,
      /^warning settings: BOT_MODULE: \S+ was not loaded within 4 s, .* -> catalyst config check$/,
      /^fault bot: no bot runs: the service \S+ is stopped/,
    )
  })

  it('holds no secret', async () => {
    home.set({
      ADMIN_ALERT_WEBHOOK: 'http://127.0.0.1:1/api/webhooks/1/secret-key-of-it',
      HEARTBEAT_URL: 'http://127.0.0.1:1/secret-key-of-it',
    })
    expect(JSON.stringify(await home.examine())).to.not.contain('secret-key-of-it')
  })

  it('is mended where that is safe, with what was done, and is well then', async () => {
    home.write(home.paths.serviceLock, GONE)
    fs.rmSync(join(process.env.XDG_CONFIG_HOME as string, 'catalyst'), { recursive: true })
    if (process.platform !== 'win32') fs.chmodSync(home.paths.env, 0o644)
    const found = await home.examine({ fix: true })
    const fixed = found.filter((one) => one.fixed !== null)
    expect(fixed.every(({ state, command }) => state === 'ok' && command === null)).to.equal(true)
    expect(fixed.map(({ id }) => id)).to.deep.equal([
      ...(process.platform === 'win32' ? [] : ['rights']),
      'locks',
      'registry',
    ])
    expect(fs.existsSync(home.paths.serviceLock)).to.equal(false)
    expect(await home.wrong()).to.deep.equal([])
  })

  it('is left alone where only a person can decide', async () => {
    writeDeployment(home.services.services, aDeployment(aPlan()))
    home.write(home.paths.deployLock, GONE)
    const wrong = await home.wrong({ fix: true })
    expect(wrong).to.have.length(1)
    expect(wrong[0]).to.match(/ -> catalyst deploy recover$/)
    expect(fs.existsSync(home.paths.deployLock)).to.equal(true)
  })

  it('never takes a lock from who holds it', async () => {
    home.write(home.paths.serviceLock, { ...thisProcess(), instance: 'mine' })
    expect(await home.wrong({ fix: true })).to.deep.equal([])
    expect(JSON.parse(fs.readFileSync(home.paths.serviceLock, 'utf8')).instance).to.equal('mine')
  })

  it('of a service manager that fails is a warning that says why', async () => {
    home.services.manager.script.push(reading('running'))
    home.seen = {
      services: async () => {
        throw new Error('the manager is silent')
      },
    }
    const wrong = await home.wrong()
    expect(wrong).to.deep.equal([
      'warning node: could not be told: the manager is silent -> null',
      'warning service: could not be told: the manager is silent -> null',
    ])
  })

  it('of a check that hangs is a warning, and the others are not kept', async () => {
    const clock = new FakeClock()
    const context = contextOf(aHome({ clock }), undefined)
    const hanging = checkOf({ id: 'slow', read: () => new Promise<never>(() => {}), judge: () => [] })
    const quick = checkOf({ id: 'quick', read: () => 1, judge: (facts) => [facts === 1 ? ok('one') : fault('none')] })
    const found = examine(context, { checks: [hanging, quick] })
    await clock.turn(CHECK_TIMEOUT_MS)
    expect(await found).to.deep.equal([
      { id: 'slow', state: 'warning', text: 'could not be told within 5 s', command: null, fixed: null },
      { id: 'quick', state: 'ok', text: 'one', command: null, fixed: null },
    ])
  })
})
