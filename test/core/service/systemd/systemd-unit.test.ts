import { expect } from 'chai'
import type { User } from '#core/platform/process/users.js'
import { type Action, shownOn } from '#core/service/action.js'
import type { Scope, ServiceSpec } from '#core/service/manager.js'
import { systemd } from '#core/service/systemd/systemd.js'
import { homeOfUnit, systemdUnit, unfitForUnit, unitName } from '#core/service/systemd/systemd-unit.js'
import { aServiceSpec } from '../../../support/builders/service-spec.js'
import { expectGolden } from '../../../support/golden.js'

const ANN: User = { uid: 1001, gid: 1001, name: 'ann', folder: '/home/ann' }
const ROOT: User = { uid: 0, gid: 0, name: 'root', folder: '/root' }
const HARD = '/srv/my "bots"/100% é \'$HOME\' \\x'

/** The value of the unit's only line with this key. */
function settingOf(key: string, changes: Partial<ServiceSpec>, scope: Scope = 'system'): string | undefined {
  const lines = systemdUnit(aServiceSpec(changes), scope)
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
  expect(lines.length, key).to.be.at.most(1)
  return lines[0]?.slice(key.length + 1)
}

describe('systemd: the actions for a home with a difficult name', () => {
  const spec = aServiceSpec({ home: HARD })
  const text = (parts: Record<string, readonly Action[]>) =>
    Object.entries(parts)
      .map(([title, actions]) => `# ${title}\n${actions.map((action) => shownOn('linux', action)).join('\n')}\n`)
      .join('\n')

  it("match the golden file for the machine's manager", () => {
    const manager = systemd({ scope: 'system', home: HARD, user: ROOT })
    expectGolden(
      'service/systemd.txt',
      text({
        install: manager.install({ ...spec, account: 'ann' }, undefined),
        start: manager.start('NewsBot'),
        restart: manager.restart('NewsBot'),
        stop: manager.stop('NewsBot'),
        uninstall: manager.uninstall('NewsBot'),
      }),
    )
  })

  it("match the golden file for a user's manager", () => {
    const manager = systemd({ scope: 'user', home: HARD, user: ANN })
    expectGolden(
      'service/systemd-user.txt',
      text({
        install: manager.install(spec, undefined),
        start: manager.start('NewsBot'),
        restart: manager.restart('NewsBot'),
        stop: manager.stop('NewsBot'),
        uninstall: manager.uninstall('NewsBot'),
      }),
    )
  })

  it('never wait for a service, which may take minutes', () => {
    const manager = systemd({ scope: 'system', home: HARD, user: ROOT })
    for (const [action] of [manager.start('A'), manager.stop('A'), manager.restart('A')])
      expect(action)
        .to.have.property('argv')
        .that.includes.members(['systemctl', '--no-ask-password', '--no-block', 'A.service'])
  })

  it("tell a person who is not root the line to run, and neither root nor a user's own manager", () => {
    const all = (scope: Scope, user: User) => {
      const { start, stop, restart, uninstall } = systemd({ scope, home: '/srv/bot', user })
      return [start, stop, restart, uninstall].flatMap((make) => make('A')).filter((action) => action.do === 'run')
    }
    for (const action of all('system', ANN))
      expect(action)
        .to.have.property('otherwise')
        .that.satisfies(([line]: string[]) => /^Run: sudo \/.* --home \/srv\/bot$/.test(line ?? ''))
    for (const action of [...all('system', ROOT), ...all('user', ANN)]) expect(action).to.not.have.property('otherwise')
  })

  it('let no failure pass but that of forgetting what never was, or is gone', () => {
    const manager = systemd({ scope: 'system', home: HARD, user: ROOT })
    const unreliable = [
      ...manager.install(spec, undefined),
      ...manager.start('A'),
      ...manager.stop('A'),
      ...manager.restart('A'),
      ...manager.uninstall('A'),
    ].filter((action) => action.do === 'run' && action.unreliable)
    expect(unreliable.map((action) => shownOn('linux', action))).to.deep.equal([
      'run systemctl --no-ask-password disable A.service',
      'run systemctl --no-ask-password reset-failed A.service',
    ])
  })
})

describe('systemd: the unit', () => {
  const words: [string, string, string][] = [
    // word, as the program's name, as an argument
    ['/opt/node', '/opt/node', '/opt/node'],
    ['/opt/a b', '"/opt/a b"', '"/opt/a b"'],
    ['/opt/100%', '/opt/100%%', '/opt/100%%'],
    ['/opt/%h é', '"/opt/%%h é"', '"/opt/%%h é"'],
    ['/opt/$x', '"/opt/$x"', '"/opt/$$x"'],
    ['/opt/$$x$', '"/opt/$$x$"', '"/opt/$$$$x$$"'],
    ['/opt/"q"', '"/opt/\\"q\\""', '"/opt/\\"q\\""'],
    ["/opt/it's", '"/opt/it\'s"', '"/opt/it\'s"'],
    ['/opt/b\\x41', '"/opt/b\\\\x41"', '"/opt/b\\\\x41"'],
    ['/opt/a;b', '"/opt/a;b"', '"/opt/a;b"'],
    ['/opt/a#b', '"/opt/a#b"', '"/opt/a#b"'],
  ]
  for (const [word, asProgram, asArgument] of words) {
    it(`runs ${word} as it is called`, () => {
      expect(settingOf('ExecStart', { program: word, args: [word] })).to.equal(`${asProgram} ${asArgument}`)
    })
  }

  it('keeps an empty argument', () => {
    expect(settingOf('ExecStart', { args: ['', 'x'] })).to.equal('/usr/bin/node "" x')
  })

  it('passes variables on as they are, each as one word', () => {
    expect(settingOf('Environment', { environment: { PATH: '/a b:/c%d:$e', NAME: 'x"y\\z' } })).to.equal(
      '"PATH=/a b:/c%%d:$e" "NAME=x\\"y\\\\z"',
    )
  })

  it('has paths that systemd takes to the end of the line unquoted, but for %', () => {
    const paths = { home: HARD, stdout: `${HARD}/out`, stderr: `${HARD}/err`, description: '100% ours' }
    const literal = HARD.replace('%', '%%')
    expect(settingOf('WorkingDirectory', paths)).to.equal(literal)
    expect(systemdUnit(aServiceSpec(paths), 'user')).to.contain(`\nStandardOutput=append:${literal}/out\n`)
    expect(systemdUnit(aServiceSpec(paths), 'user')).to.contain(`\nStandardError=append:${literal}/err\n`)
    expect(systemdUnit(aServiceSpec(paths), 'system'), 'root opens nothing in the home').to.not.contain('Standard')
    expect(settingOf('Description', paths)).to.equal('100%% ours')
  })

  it('takes no line of its own from a name, whatever that holds', () => {
    expect(settingOf('Description', { description: 'x\n[Service]\nUser=root\r\0' })).to.equal('x [Service] User=root  ')
    expect(settingOf('Description', { description: 'Watchdog of a\\b\\' }), 'no line goes on').to.equal(
      'Watchdog of a\\b ',
    )
  })

  const durations: [number, string][] = [
    [0, '0s'],
    [0.1 * 1000, '100ms'],
    [1000, '1s'],
    [1500, '1500ms'],
    [1.005 * 1000, '1005ms'], // which is a little less
    [330_000, '330s'],
  ]
  for (const [ms, text] of durations) {
    it(`tells ${ms} ms as ${text}`, () => {
      const spec = { restartDelayMs: ms, startTimeoutMs: ms, stopTimeoutMs: ms, watchdogMs: ms }
      for (const key of ['RestartSec', 'TimeoutStartSec', 'TimeoutStopSec', 'WatchdogSec'])
        expect(settingOf(key, spec), key).to.equal(text)
    })
  }

  it('writes each duration on its own line', () => {
    const spec = { restartDelayMs: 1000, startTimeoutMs: 2000, stopTimeoutMs: 3000, watchdogMs: 4000 }
    expect(
      ['RestartSec', 'TimeoutStartSec', 'TimeoutStopSec', 'WatchdogSec'].map((key) => settingOf(key, spec)),
    ).to.deep.equal(['1s', '2s', '3s', '4s'])
  })

  it('is never restarted for silence if that is not desired', () => {
    expect(systemdUnit(aServiceSpec({ watchdogMs: undefined }), 'system')).to.not.contain('Watchdog')
    expect(settingOf('WatchdogSignal', {})).to.equal('SIGKILL')
  })

  it('names an account only if there is one', () => {
    expect(settingOf('User', {})).to.equal(undefined)
    expect(settingOf('User', { account: 'ann' })).to.equal('ann')
  })

  it("requests from a user's manager only what that is permitted to do", () => {
    for (const key of ['PrivateTmp', 'CapabilityBoundingSet', 'ProtectControlGroups', 'Wants', 'After']) {
      expect(settingOf(key, {}, 'system'), key).to.not.equal(undefined)
      expect(settingOf(key, {}, 'user'), key).to.equal(undefined)
    }
    expect(settingOf('WantedBy', {}, 'user')).to.equal('default.target')
    expect(settingOf('WantedBy', {}, 'system')).to.equal('multi-user.target')
  })

  for (const home of ['/srv/bot', HARD, '/srv/a=b', '/srv/[x]']) {
    it(`says that it is for ${home}`, () => {
      for (const scope of ['system', 'user'] as const)
        expect(homeOfUnit(systemdUnit(aServiceSpec({ home }), scope))).to.equal(home)
    })
  }

  for (const [what, text] of [
    ["by somebody else's hand", '[Unit]\nDescription=x\n[Service]\nExecStart=/bin/x\n'],
    ['with a home in another section', '[Unit]\nHome=/srv/bot\n'],
    ['with a home somewhere behind another line', '[X-Catalyst]\nRole=bot\n\n[Service]\nHome=/srv/bot\n'],
    ['with only a remark', '# [X-Catalyst]\n# Home=/srv/bot\n'],
    ['without a word', ''],
  ] as const) {
    it(`${what} is nobody's home`, () => {
      expect(homeOfUnit(text)).to.equal(undefined)
    })
  }

  for (const path of ['/a\nUser=root', '/a\rb', '/a\tb', '/a\0b', '/a\x7f', '/a\\', ' /a', '/a ', '/a\u00a0']) {
    it(`can't hold ${JSON.stringify(path)}`, () => {
      expect(unfitForUnit(path)).to.equal(true)
    })
  }

  for (const path of ['/a', HARD, '/a\\b', '/a b', '/é']) {
    it(`can hold ${path}`, () => {
      expect(unfitForUnit(path)).to.equal(false)
    })
  }

  it("has the service's name", () => {
    expect(unitName('News.Bot_1')).to.equal('News.Bot_1.service')
  })
})
