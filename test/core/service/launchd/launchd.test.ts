import { chmodSync, existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { shownOn } from '#core/service/action.js'
import { launchd } from '#core/service/launchd/launchd.js'
import { isDisabled, observationOf } from '#core/service/launchd/launchd-print.js'
import type { ServiceSpec } from '#core/service/manager.js'
import { aServiceSpec } from '../../../support/builders/service-spec.js'
import { failureOf } from '../../../support/failure.js'
import { expectGolden } from '../../../support/golden.js'
import { tempFolder } from '../../../support/temp.js'
import { ANN, ROOT, scriptAt, withLaunchd } from '../fake-launchctl.js'

const onPosix = process.platform === 'win32' ? () => {} : it // the fake launchctl is a shell script

/** As on a Mac. */
function specOf(home: string): ServiceSpec {
  return aServiceSpec({
    home,
    program: '/opt/homebrew/bin/node',
    args: ['/opt/homebrew/lib/node_modules/catalyst-bot/bin/run.js', 'bot', 'start', '--home', home],
    environment: { PATH: '/opt/homebrew/bin:/usr/bin:/bin', CATALYST_SERVICE: 'NewsBot' },
    watchdogMs: undefined,
  })
}

describe('launchd: the actions', () => {
  it('match the golden file', () => {
    const home = '/Users/ann/my bots/"Größe" & é <1>'
    const agent = launchd({ scope: 'user', home, user: ANN })
    const daemon = launchd({ scope: 'system', home, user: ROOT })
    const spec = specOf(home)
    const parts = {
      'agent: install': agent.install(spec, undefined),
      'agent: start': agent.start('NewsBot'),
      'agent: stop': agent.stop('NewsBot'),
      'agent: restart': agent.restart('NewsBot'),
      'agent: uninstall': agent.uninstall('NewsBot'),
      'daemon: install': daemon.install({ ...spec, account: 'ann' }, undefined),
      'daemon: start': daemon.start('NewsBot'),
      'daemon: uninstall': daemon.uninstall('NewsBot'),
    }
    const text = Object.entries(parts).map(
      ([title, actions]) => `# ${title}\n${actions.map((action) => shownOn('linux', action)).join('\n')}\n`,
    )
    expectGolden('service/launchd.txt', text.join('\n'))
  })

  it('tell a person without permission the line to run, and let no failure pass', () => {
    const { manager } = withLaunchd({ scope: 'system' })
    const runs = [manager.start('NewsBot'), manager.stop('NewsBot'), manager.restart('NewsBot')].flat()
    expect(runs).to.have.length(9)
    for (const action of runs) {
      expect(shownOn('darwin', action)).to.not.contain('--wait') // an old launchctl's words for that would mislead
      expect(action).to.not.have.property('unreliable')
      expect(action)
        .to.have.property('otherwise')
        .that.satisfies(([line]: string[]) => /^Run: sudo .* --home \/Users\/ann\/bot$/.test(line ?? ''))
    }
  })

  onPosix('tells them why, in the words of launchctl', async () => {
    const { manager, does, knows } = withLaunchd({ scope: 'system' })
    knows('powerless')
    for (const actions of [manager.start('NewsBot'), manager.stop('NewsBot')]) {
      const error = await failureOf(does(actions))
      expect(error).to.include({ code: 'NOT_ALLOWED' })
      expect(error.message).to.match(/bootout system\/catalyst\.NewsBot\nbootout failed: 1: Operation not permitted$/)
    }
  })
})

describe('launchd: a service', () => {
  onPosix('is installed without being started, for everybody to read', async () => {
    const { manager, place, does, calls, is } = withLaunchd()
    expect(await manager.read('NewsBot')).to.equal(undefined)
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    expect(calls().at(-1)).to.equal('enable gui/501/catalyst.NewsBot')
    expect(is('loaded')).to.equal(false)
    expect((statSync(place).mode & 0o777).toString(8)).to.equal('644')
    const found = await manager.find('NewsBot')
    expect(found).to.deep.equal({
      home: '/Users/ann/bot',
      definition: manager.definition(specOf('/Users/ann/bot')),
      place,
    })
    expect(await manager.read('NewsBot')).to.include({ state: 'stopped', automatic: true, words: 'not loaded' })
  })

  onPosix('starts though its label was disabled, and though kickstart refuses what starts already', async () => {
    const { manager, does, knows } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    knows('disabled')
    expect(await manager.read('NewsBot')).to.include({ state: 'stopped', automatic: false })
    await does(manager.start('NewsBot'))
    expect(await manager.read('NewsBot')).to.include({ state: 'running', pid: 4242, restarts: 0, automatic: true })
  })

  onPosix('starts though launchd puts it off', async () => {
    const { manager, does, knows } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    knows('lazy')
    await does(manager.start('NewsBot').slice(0, -1))
    expect(await manager.read('NewsBot')).to.include({ state: 'restarting' })
    await does(manager.start('NewsBot'))
    expect(await manager.read('NewsBot')).to.include({ state: 'running' })
  })

  for (const verb of ['start', 'restart'] as const) {
    onPosix(`goes by its new property list after a ${verb}, though an old one is loaded`, async () => {
      const { manager, does, loaded, place } = withLaunchd()
      const old = specOf('/Users/ann/bot')
      await does(manager.install(old, undefined))
      await does(manager.start('NewsBot'))
      const spec = { ...old, program: '/opt/homebrew/opt/node@24/bin/node' }
      await does(manager.install(spec, await manager.find('NewsBot')))
      expect(loaded()).to.equal(manager.definition(old))
      expect(await does(manager[verb]('NewsBot'))).to.deep.equal([
        'bootout --wait gui/501/catalyst.NewsBot',
        'bootout gui/501/catalyst.NewsBot',
        'enable gui/501/catalyst.NewsBot',
        `bootstrap gui/501 ${place}`,
        'kickstart gui/501/catalyst.NewsBot',
      ])
      expect(loaded()).to.equal(manager.definition(spec))
      expect(await manager.read('NewsBot')).to.include({ state: 'running' })
    })
  }

  onPosix('that launchd does not take fails to start, at once and with its words', async () => {
    const { manager, does, knows, calls } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    knows('bad')
    const error = await failureOf(does(manager.start('NewsBot')))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED' })
    expect(error.message).to.match(/bootstrap gui\/501 .*\nBootstrap failed: 122: Path had bad ownership\/permissions$/)
    expect(calls().filter((line) => line.startsWith('bootstrap'))).to.have.length(1)
  })

  for (const macOS of [15, 26]) {
    onPosix(`stops, and stops again, on macOS ${macOS}`, async () => {
      const { manager, does, knows } = withLaunchd()
      if (macOS === 26) knows('new')
      await does(manager.install(specOf('/Users/ann/bot'), undefined))
      await does(manager.start('NewsBot'))
      await does(manager.stop('NewsBot'))
      if (macOS === 15) expect(await manager.read('NewsBot')).to.include({ state: 'stopping' })
      expect(await manager.read('NewsBot')).to.include({ state: 'stopped', automatic: true })
      await does(manager.stop('NewsBot'))
      await does(manager.restart('NewsBot'))
      expect(await manager.read('NewsBot')).to.include({ state: 'running' })
    })
  }

  onPosix('is tried to be loaded until the last run has ended, also where somebody else has stopped it', async () => {
    const { manager, does, knows, calls } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    knows('drain', '4')
    await does(manager.stop('NewsBot'))
    const before = calls().length
    await does(manager.start('NewsBot'))
    expect(calls().slice(before).join()).to.match(/(,bootstrap [^,]*){2},kickstart /)
    expect(await manager.read('NewsBot')).to.include({ state: 'running' })
  })

  onPosix('whose last run does not end fails to start, with what launchd says', async () => {
    const { manager, does, knows } = withLaunchd({ stopMs: 1 })
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    knows('drain', '99')
    const error = await failureOf(does(manager.restart('NewsBot')))
    expect(error.message).to.match(/\nBootstrap failed: 5: Input\/output error$/)
    expect(await manager.read('NewsBot')).to.include({ state: 'stopping' })
  })

  onPosix('is uninstalled, and uninstalled again', async () => {
    const { manager, does, place } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    await does([...manager.stop('NewsBot'), ...manager.uninstall('NewsBot')])
    expect(existsSync(place)).to.equal(false)
    expect(await manager.read('NewsBot')).to.include({ state: 'stopping' })
    expect(await manager.read('NewsBot')).to.equal(undefined)
    await does(manager.uninstall('NewsBot'))
  })

  onPosix("of somebody else, by file or loaded from elsewhere, is nobody's home", async () => {
    const { manager, place, write, knows, forgets } = withLaunchd()
    write('<plist><dict><key>Label</key><string>catalyst.NewsBot</string></dict></plist>')
    expect(await manager.find('NewsBot')).to.include({ home: undefined, place })
    rmSync(place)
    expect(await manager.find('NewsBot')).to.equal(undefined)
    knows('loaded', '/opt/other.plist')
    expect(await manager.find('NewsBot')).to.deep.equal({ home: undefined, definition: '', place: '/opt/other.plist' })
    forgets('loaded')
  })

  onPosix('that runs on though its file is gone is still found, as one to be written anew', async () => {
    const { manager, place, does } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    rmSync(place)
    expect(await manager.find('NewsBot')).to.deep.equal({ home: '/Users/ann/bot', definition: '', place })
    expect(await manager.read('NewsBot')).to.include({ state: 'running', automatic: false })
  })

  onPosix('whose property list somebody has made binary is read by plutil', async () => {
    const { manager, place, folder, write } = withLaunchd()
    const definition = manager.definition(specOf('/Users/ann/bot')).replace('<true/>', '<false/>')
    write(Buffer.from('bplist00\xd2\x01\x02', 'latin1'))
    scriptAt(
      join(folder, 'plutil'),
      `#!/bin/sh\n[ "$*" = '-convert xml1 -o - ${place}' ] && cat <<'.'\n${definition}.\n`,
    )
    expect(await manager.find('NewsBot')).to.deep.equal({ home: '/Users/ann/bot', definition, place })
  })

  onPosix('whose property list nobody can read any more is ours by what launchd has of it', async () => {
    const { manager, place, does, write } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    const broken = manager.definition(specOf('/Users/ann/bot')).replace('PATH', 'A & B')
    write(broken)
    expect(await manager.find('NewsBot')).to.deep.equal({ home: '/Users/ann/bot', definition: broken, place })
    write(Buffer.from('bplist00\xd2\x01\x02', 'latin1')) // and there is no plutil
    expect(await manager.find('NewsBot')).to.deep.equal({ home: '/Users/ann/bot', definition: '', place })
    await does(manager.stop('NewsBot'))
    await manager.read('NewsBot') // it ends
    expect(await manager.find('NewsBot')).to.deep.equal({ home: undefined, definition: '', place })
  })
})

describe('launchd: its availability', () => {
  const spec = specOf('/Users/ann/bot')

  onPosix('it can, by a user at the screen and by root', async () => {
    const user = withLaunchd()
    await user.manager.check(spec)
    expect(user.calls()).to.deep.equal(['print gui/501'])
    const system = withLaunchd({ scope: 'system', user: ROOT })
    await system.manager.check(spec)
    expect(system.calls()).to.deep.equal(['print system'])
  })

  onPosix('only root installs a daemon', async () => {
    const error = await failureOf(withLaunchd({ scope: 'system' }).manager.check(spec))
    expect(error).to.include({ code: 'NOT_ALLOWED', exit: 77 })
    expect(error.suggestions.join()).to.match(/^Run: sudo \/.* --home \/Users\/ann\/bot$/)
  })

  onPosix('without a login at the screen there is no place for an agent', async () => {
    const { manager, knows } = withLaunchd()
    knows('nobody')
    const error = await failureOf(manager.check(spec))
    expect(error).to.include({ code: 'SERVICE_MANAGER_MISSING', exit: 1 })
    expect(error.message).to.contain("ann isn't logged in at this Mac's screen")
    expect(error.suggestions.at(-1)).to.match(/: sudo .* --home \/Users\/ann\/bot --system$/)
  })

  it('is missing without launchctl', async () => {
    const manager = launchd({ scope: 'user', home: spec.home, user: ANN, launchctl: '/nowhere/launchctl' })
    for (const work of [manager.check(spec), manager.read('NewsBot'), manager.find('NewsBot')])
      expect(await failureOf(work)).to.include({ code: 'SERVICE_MANAGER_MISSING' })
  })

  onPosix(
    'a launchctl that gives no answer, or an unknown one, is not taken for a service that is stopped',
    async () => {
      const launchctl = join(tempFolder(), 'launchctl')
      const { manager, write } = withLaunchd({ launchctl })
      write('')
      const cases = {
        'no program': 'gave no answer: EACCES.',
        '#!/bin/sh\nexit 1': 'failed: exit code 1',
        '#!/bin/sh\necho Input/output error >&2; exit 5': 'failed: Input/output error',
      }
      for (const [script, words] of Object.entries(cases)) {
        writeFileSync(launchctl, script)
        if (script.startsWith('#!')) chmodSync(launchctl, 0o755)
        const error = await failureOf(manager.read('NewsBot'))
        expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED' })
        expect(error.message).to.equal(`launchctl print gui/501/catalyst.NewsBot ${words}`)
      }
      for (const exit of [3, 112, 113, 125]) {
        scriptAt(launchctl, `#!/bin/sh\nexit ${exit}`)
        expect(await manager.read('NewsBot')).to.include({ state: 'stopped' })
      }
    },
  )

  for (const home of [
    '/Users/ann/Documents/bot',
    '/Users/ann/documents',
    '/Users/ann/Desktop/bot',
    '/Users/ann/Downloads/bot',
    '/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/bot',
    '/Users/ann/Library/CloudStorage/Dropbox/bot',
    '/System/Volumes/Data/Users/ben/Documents/bot',
    '/Users/ann/a\nb',
  ]) {
    onPosix(`not for a home such as ${JSON.stringify(home)}`, async () => {
      const error = await failureOf(withLaunchd({ home }).manager.check(specOf(home)))
      expect(error).to.include({ code: 'SERVICE_HOME_UNFIT' })
    })
  }

  for (const home of ['/Users/ann/Documents2/bot', '/Users/ann/bots/Documents', '/opt/bot', '/Users/ann/é & <b>']) {
    onPosix(`for a home such as ${home}`, () => withLaunchd({ home }).manager.check(specOf(home)))
  }

  onPosix('not for a home that a link leads to such a one, wherever the users have their folders', async () => {
    const { manager, folder } = withLaunchd()
    mkdirSync(join(folder, 'Documents', 'bot'), { recursive: true })
    symlinkSync(join(folder, 'Documents'), join(folder, 'bots'))
    const error = await failureOf(manager.check(specOf(join(folder, 'bots', 'bot'))))
    expect(error).to.include({ code: 'SERVICE_HOME_UNFIT' })
    expect(error.message).to.contain(join(folder, 'Documents'))
  })
})

/** As macOS prints it, shortened; coalitions and endpoints have states of their own. */
function printed(fields: string): string {
  return `gui/501/catalyst.NewsBot = {
	active count = 1
	path = /Users/ann/Library/LaunchAgents/catalyst.NewsBot.plist
	type = LaunchAgent
${fields.replace(/^/gm, '\t')}

	program = /opt/homebrew/bin/node
	arguments = {
		/opt/homebrew/bin/node
		state = stopped
	}

	environment = {
		pid = 1
		XPC_SERVICE_NAME => catalyst.NewsBot
	}

	domain = gui/501 [100041]
	minimum runtime = 10
	exit timeout = 30

	resource coalition = {
		ID = 33304
		state = active
		runs = 99
	}

	properties = keepalive | runatload | inferred program
}
`
}

describe('launchd: the output of launchctl print', () => {
  const cases: [string, string, object][] = [
    [
      'it runs, for the first time',
      'state = running\nruns = 1\npid = 4242\nlast exit code = (never exited)',
      { state: 'running', pid: 4242, restarts: 0, words: 'running' },
    ],
    [
      'it runs again after a crash',
      'state = running\nruns = 3\npid = 7\nlast exit code = 1',
      { state: 'running', pid: 7, restarts: 2, words: 'running' },
    ],
    ['it is on its way', 'state = xpcproxy\nruns = 1\npid = 8', { state: 'starting', pid: 8, restarts: 0 }],
    ['it has not been started', 'state = not running\nruns = 0', { state: 'starting', pid: null, restarts: 0 }],
    [
      'it waits for its next start',
      'state = spawn scheduled\nruns = 5\nlast exit code = 77',
      { state: 'restarting', pid: null, restarts: 4, words: 'spawn scheduled, last exit code 77' },
    ],
    [
      'its program is gone',
      'state = spawn scheduled\nruns = 54\nlast exit code = 78: EX_CONFIG\njob state = spawn failed',
      { state: 'restarting', words: 'spawn scheduled, last exit code 78: EX_CONFIG' },
    ],
    [
      'it was killed, and launchd takes its time',
      'state = not running\nruns = 2\npended nondemand spawn = inefficient\nlast terminating signal = Killed: 9',
      { state: 'restarting', words: 'not running, last ended by Killed: 9, put off by launchd as inefficient' },
    ],
    [
      'memory ran out',
      'state = spawn scheduled\nruns = 2\npended nondemand spawn = false\nlast exit reason = JETSAM_REASON_MEMORY_HIGHWATER',
      { state: 'restarting', words: 'spawn scheduled, last ended by JETSAM_REASON_MEMORY_HIGHWATER' },
    ],
    ['it was asked to end', 'state = SIGTERMed\nruns = 1\npid = 9', { state: 'stopping', pid: 9 }],
    ['it is being killed', 'state = SIGKILLed\nruns = 1\npid = 9', { state: 'stopping', pid: 9 }],
    ['it takes too long to end', 'state = languishing\nruns = 1\npid = 9', { state: 'stopping', pid: 9 }],
    ['nothing that we know', 'mood = fine', { state: 'restarting', pid: null, restarts: null, words: 'unknown' }],
  ]
  for (const [what, fields, expected] of cases) {
    it(what, () => {
      expect(observationOf(printed(fields), { automatic: true })).to.include({
        since: null,
        automatic: true,
        ...expected,
      })
    })
  }

  it('shows whether a label is disabled, in old and new wording', () => {
    const list = (word: string) => `\tdisabled services = {\n\t\t"catalyst.Bot" => ${word}\n\t}\n`
    expect(
      ['disabled', 'true', 'enabled', 'false'].map((word) => isDisabled(list(word), 'catalyst.Bot')),
    ).to.deep.equal([true, true, false, false])
    expect(isDisabled(list('disabled'), 'catalyst.Bo')).to.equal(false)
    expect(isDisabled('', 'catalyst.Bot')).to.equal(false)
  })
})
