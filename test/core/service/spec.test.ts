import { join } from 'node:path'
import { expect } from 'chai'
import { readConfig } from '#core/config/load.js'
import { CatalystError } from '#core/errors.js'
import { homePaths } from '#core/home/home-paths.js'
import type { Role } from '#core/service/manager.js'
import { pathVariable } from '#core/service/runtime.js'
import { checkName, nameFor, nearestName, type SpecFacts, serviceSpec } from '#core/service/spec.js'

const HOME = '/srv/my bot'

function specOf(
  settings: Record<string, string> = {},
  { role = 'bot', ...facts }: Partial<SpecFacts> & { role?: Role } = {},
) {
  return serviceSpec(role, {
    name: 'NewsBot',
    paths: homePaths(HOME),
    settings: readConfig('/nowhere', settings).settings,
    platform: 'linux',
    node: '/opt/node-20/bin/node',
    cli: '/usr/local/bin/catalyst',
    account: undefined,
    watched: false,
    ...facts,
  })
}

describe('the intended service', () => {
  it('runs the bot', () => {
    const { environment, ...rest } = specOf({ BOT_NAME: 'News' })
    expect(rest).to.deep.equal({
      name: 'NewsBot',
      role: 'bot',
      home: HOME,
      description: 'News, managed by catalyst',
      program: '/opt/node-20/bin/node',
      args: ['/usr/local/bin/catalyst', 'bot', 'start', '--home', HOME],
      account: undefined,
      stdout: join(homePaths(HOME).logs, 'service_stdout.log'),
      stderr: join(homePaths(HOME).logs, 'service_stderr.log'),
      restartDelayMs: 10_000,
      startTimeoutMs: 330_000,
      stopTimeoutMs: 30_000,
      watchdogMs: 300_000,
    })
    expect(environment.CATALYST_SERVICE).to.equal('NewsBot')
  })

  it('runs one watchdog for all homes, which its manager restarts where its event loop stands still', () => {
    const folder = '/home/ann/.config/catalyst/shared-watchdog'
    const spec = specOf(
      { BOT_NAME: 'catalyst' },
      { role: 'watchdog', name: 'catalyst-watchdog', paths: homePaths(folder) },
    )
    expect(spec).to.deep.include({
      home: folder,
      description: 'Watchdog of all homes',
      args: ['/usr/local/bin/catalyst', 'watchdog', 'run', '--all', '--home', folder],
      watchdogMs: 60_000,
    })
  })

  it('runs the watchdog, with logs of its own, and no limit of silence', () => {
    const spec = specOf({ BOT_NAME: 'News' }, { role: 'watchdog', name: 'NewsBot-watchdog', watched: true })
    expect(spec).to.deep.include({
      name: 'NewsBot-watchdog',
      role: 'watchdog',
      description: 'Watchdog of News',
      args: ['/usr/local/bin/catalyst', 'watchdog', 'run', '--home', HOME],
      watchdogMs: undefined,
    })
    expect(spec.stdout).to.match(/service_watchdog_stdout\.log$/)
    expect(spec.stderr).to.match(/service_watchdog_stderr\.log$/)
    expect(spec.environment.CATALYST_SERVICE).to.equal('NewsBot-watchdog')
  })

  it('uses the chosen account', () => {
    expect(specOf({}, { account: 'ann' }).account).to.equal('ann')
  })

  it('gives the bot its time, and the time before and after it', () => {
    const spec = specOf({ BOT_START_TIMEOUT: '1.5', BOT_STOP_TIMEOUT: '0', SERVICE_RESTART_DELAY: '0.5' })
    expect(spec).to.include({ startTimeoutMs: 31_500, stopTimeoutMs: 10_000, restartDelayMs: 500 })
  })

  const silences: [string, Record<string, string>, boolean, number | undefined][] = [
    ['the threshold', { WATCHDOG_FREEZE_THRESHOLD: '60' }, false, 60_000],
    ['twice as long beside a watchdog, which acts first', { WATCHDOG_FREEZE_THRESHOLD: '60' }, true, 120_000],
    ['two seconds at least', { WATCHDOG_FREEZE_THRESHOLD: '0.5' }, false, 2000],
    ['two seconds at least, of the doubled one', { WATCHDOG_FREEZE_THRESHOLD: '0.5' }, true, 2000],
    ['what is just above that', { WATCHDOG_FREEZE_THRESHOLD: '1.5' }, true, 3000],
    ['for ever where a freeze is only told', { WATCHDOG_RESTART_ON_FREEZE: '0' }, false, undefined],
    ['for ever where a freeze is only told, watched or not', { WATCHDOG_RESTART_ON_FREEZE: '0' }, true, undefined],
  ]
  for (const [what, settings, watched, expected] of silences) {
    it(`suffers silence: ${what}`, () => {
      expect(specOf(settings, { watched }).watchdogMs).to.equal(expected)
    })
  }

  for (const platform of ['linux', 'darwin'] as const) {
    it(`finds first what lies beside its node on ${platform}`, () => {
      const folders = specOf({}, { platform }).environment.PATH?.split(':') ?? []
      expect(folders[0]).to.equal('/opt/node-20/bin')
      expect(folders.slice(1)).to.include.members(['/usr/local/bin', '/usr/bin', '/bin'])
      const usual = specOf({}, { platform, node: '/usr/bin/node' }).environment.PATH?.split(':') ?? []
      expect(usual[0]).to.equal('/usr/bin')
      expect(usual, 'no folder twice').to.have.length(new Set(usual).size)
    })
  }

  it('keeps the node of a self-contained installation to itself: a bot has that of the machine', () => {
    const own = { node: '/opt/catalyst/runtime/node', cli: '/opt/catalyst/app/bin/run.js' }
    const spec = specOf({}, own)
    expect(spec.program).to.equal(own.node)
    expect(spec.environment.PATH?.split(':')).to.include('/usr/bin').and.not.include('/opt/catalyst/runtime')
  })

  it("leaves the PATH of Windows' services to the machine", () => {
    expect(specOf({}, { platform: 'win32' }).environment).to.deep.equal({ CATALYST_SERVICE: 'NewsBot' })
    expect(pathVariable({ node: 'C:\\nodejs\\node.exe', cli: 'C:\\catalyst\\bin\\run.js' }, 'win32')).to.equal(
      undefined,
    )
  })
})

describe("a service's name", () => {
  for (const name of ['a', '7', 'CatalystBot', 'News.Bot_1-x', 'x'.repeat(64), 'service', 'x.services']) {
    it(`may be ${name}`, () => {
      expect(checkName(name)).to.equal(name)
      expect(nearestName(name)).to.equal(name)
    })
  }

  const bad: [string, string][] = [
    ['', 'MyBot'],
    ['***', 'MyBot'],
    ['My Bot', 'My-Bot'],
    ['-x', 'x'],
    ['.hidden', 'hidden'],
    ['_x', 'x'],
    ['a/b', 'a-b'],
    ['../../etc', 'etc'],
    ['a@b', 'a-b'],
    ['a%n', 'a-n'],
    ['Größe', 'Gr-e'],
    ['x.service', 'x'],
    ['x.service.service', 'x'],
    ['x.service ', 'x'],
    ['x'.repeat(65), 'x'.repeat(64)],
    ['a\nb', 'a-b'],
    ['a\n', 'a'],
    ['!!good!!', 'good'],
  ]
  for (const [name, better] of bad) {
    it(`can't be ${JSON.stringify(name)}, but ${better}`, () => {
      expect(() => checkName(name))
        .to.throw(CatalystError)
        .that.deep.includes({ code: 'USAGE', exit: 2, suggestions: [`Give another one: --name ${better}`] })
      expect(checkName(better)).to.equal(better)
      expect(nearestName(name)).to.equal(better)
    })
  }

  it("is the bot's, and with an ending for its watchdog", () => {
    expect(nameFor('bot', 'News')).to.equal('News')
    expect(nameFor('watchdog', 'News')).to.equal('News-watchdog')
  })
})
