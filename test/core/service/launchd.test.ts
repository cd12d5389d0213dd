import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CatalystError } from '#core/errors.js'
import { type Action, carryOut, shownOn } from '#core/service/action.js'
import { type LaunchdOptions, launchd } from '#core/service/launchd.js'
import { isDisabled, readingOf } from '#core/service/launchd-print.js'
import type { ServiceSpec } from '#core/service/manager.js'
import { currentUser, type User } from '#core/system/users.js'
import { expectGolden } from '../../support/golden.js'
import { specOf as anySpec } from '../../support/service-spec.js'
import { tempFolder } from '../../support/temp.js'

const onPosix = process.platform === 'win32' ? () => {} : it // the fake launchctl is a shell script

const ANN: User = { uid: 501, gid: 20, name: 'ann', folder: '/Users/ann' }
const ROOT: User = { uid: 0, gid: 0, name: 'root', folder: '/var/root' }

/** As on a Mac. */
function specOf(home: string): ServiceSpec {
  return anySpec({
    home,
    program: '/opt/homebrew/bin/node',
    args: ['/opt/homebrew/lib/node_modules/catalyst-bot/bin/run.js', 'bot', 'start', '--home', home],
    environment: { PATH: '/opt/homebrew/bin:/usr/bin:/bin', CATALYST_SERVICE: 'NewsBot' },
    watchdogMs: undefined,
  })
}

/** Knows one service, and keeps what it knows in files beside it: `loaded`, `disabled`, `draining`, `pended`. */
const FAKE = `#!/bin/sh
cd "$(dirname "$0")" || exit 99
echo "$*" >> calls
no() { echo "$2" >&2; exit "$1"; }
case "$1 $2" in
  'print gui/501' | 'print system') [ -f nobody ] && no 125 'Domain does not support specified action'; echo domain ;;
  print-disabled*) printf '\\tdisabled services = {\\n'; [ -f disabled ] && printf '\\t\\t"catalyst.NewsBot" => disabled\\n'; printf '\\t}\\n' ;;
  print*) [ -f loaded ] || no 113 'Could not find service'
    state=running; [ -f pended ] && state='not running'; [ -f draining ] && state=SIGTERMed
    printf '%s = {\\n\\tpath = %s\\n\\tstate = %s\\n\\tworking directory = /Users/ann/bot\\n' "$2" "$(cat loaded)" "$state"
    printf '\\tenvironment = {\\n\\t\\tCATALYST_SERVICE => NewsBot\\n\\t}\\n\\truns = 1\\n\\tpid = 4242\\n}\\n' ;;
  enable*) rm -f disabled ;;
  bootstrap*) [ -f loaded ] && no 5 'Bootstrap failed: 5: Input/output error'
    [ -f disabled ] && no 119 'Service is disabled'
    [ -f "$3" ] || no 2 'No such file or directory'
    echo "$3" > loaded; touch pended ;;
  'bootout --wait') [ -f old ] && no 64 'Unrecognized target specifier'
    [ -f loaded ] || no 3 'No such process'; rm -f loaded pended ;;
  bootout*) [ -f loaded ] || no 3 'No such process'
    [ -f slow ] && { touch draining; no 36 'Operation now in progress'; }; rm -f loaded pended ;;
  kickstart*) [ -f loaded ] || no 113 'Could not find service'; [ -f draining ] && no 37 'already in progress'; rm -f pended ;;
  *) no 64 "unknown: $*" ;;
esac
`

/** A launchd of its own, whose agents and daemons are in a temporary folder. */
function withLaunchd(options: Partial<LaunchdOptions> = {}) {
  const folder = tempFolder()
  const program = join(folder, 'launchctl')
  writeFileSync(program, FAKE)
  chmodSync(program, 0o755)
  const user = { ...ANN, folder }
  const manager = launchd({
    scope: 'user',
    home: '/Users/ann/bot',
    user,
    systemFolder: join(folder, 'LaunchDaemons'),
    launchctl: program,
    ...options,
  })
  const place = join(folder, 'Library/LaunchAgents/catalyst.NewsBot.plist')
  return {
    manager,
    place,
    /** A fact that the fake goes by. */
    knows: (what: string, text = '') => writeFileSync(join(folder, what), text),
    forgets: (what: string) => rmSync(join(folder, what), { force: true }),
    is: (what: string) => existsSync(join(folder, what)),
    calls: () =>
      existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [],
    does: (actions: readonly Action[]) => carryOut(actions, currentUser()),
    write(text: string) {
      mkdirSync(join(folder, 'Library/LaunchAgents'), { recursive: true })
      writeFileSync(place, text)
    },
  }
}

async function failureOf(work: Promise<unknown>): Promise<CatalystError> {
  try {
    await work
  } catch (error) {
    return error as CatalystError
  }
  throw new Error('it did not fail')
}

describe('launchd: what is to be done', () => {
  it('is as in the golden file', () => {
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

  it('tells whoever may not do it the line to run, and lets no failure pass', () => {
    const { manager } = withLaunchd({ scope: 'system' })
    const runs = [manager.start('NewsBot'), manager.stop('NewsBot'), manager.restart('NewsBot')].flat()
    expect(runs).to.have.length(10)
    for (const action of runs) {
      expect(action).to.not.have.property('unreliable')
      expect(action)
        .to.have.property('otherwise')
        .that.satisfies(([line]: string[]) => /^Run: sudo .* --home \/Users\/ann\/bot$/.test(line ?? ''))
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

  onPosix('starts, again too, though launchd puts it off and a label was disabled', async () => {
    const { manager, does, knows } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    knows('disabled')
    expect(await manager.read('NewsBot')).to.include({ state: 'stopped', automatic: false })
    await does(manager.start('NewsBot'))
    expect(await manager.read('NewsBot')).to.include({ state: 'running', pid: 4242, restarts: 0, automatic: true })
    knows('pended')
    expect(await manager.read('NewsBot')).to.include({ state: 'restarting' })
    await does(manager.start('NewsBot'))
    expect(await manager.read('NewsBot')).to.include({ state: 'running' })
  })

  onPosix('that launchd does not take fails to start, with its words', async () => {
    const { manager, does } = withLaunchd()
    const error = await failureOf(does(manager.start('NewsBot')))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED' })
    expect(error.message).to.match(/kickstart gui\/501\/catalyst\.NewsBot\nCould not find service$/)
  })

  for (const old of [false, true]) {
    onPosix(`stops, and stops again, by ${old ? 'a launchctl without' : "bootout's"} --wait`, async () => {
      const { manager, does, knows, is } = withLaunchd()
      if (old) knows('old')
      await does(manager.install(specOf('/Users/ann/bot'), undefined))
      await does(manager.start('NewsBot'))
      await does(manager.stop('NewsBot'))
      expect(is('loaded')).to.equal(false)
      expect(await manager.read('NewsBot')).to.include({ state: 'stopped', automatic: true })
      await does(manager.stop('NewsBot'))
      await does(manager.restart('NewsBot'))
      expect(await manager.read('NewsBot')).to.include({ state: 'running' })
    })
  }

  onPosix('is stopping while it drains, and a restart that comes too early leaves the rest to be asked', async () => {
    const { manager, does, knows, forgets } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    for (const fact of ['old', 'slow']) knows(fact)
    await does(manager.restart('NewsBot'))
    expect(await manager.read('NewsBot')).to.include({ state: 'stopping' })
    for (const fact of ['draining', 'loaded']) forgets(fact)
    await does(manager.start('NewsBot'))
    expect(await manager.read('NewsBot')).to.include({ state: 'running' })
  })

  onPosix('restarted is loaded anew, so that a new property list counts', async () => {
    const { manager, does, calls, place } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    const before = calls().length
    await does(manager.restart('NewsBot'))
    expect(calls().slice(before)).to.deep.equal([
      'bootout --wait gui/501/catalyst.NewsBot',
      'bootout gui/501/catalyst.NewsBot',
      'enable gui/501/catalyst.NewsBot',
      `bootstrap gui/501 ${place}`,
      'kickstart gui/501/catalyst.NewsBot',
    ])
  })

  onPosix('is uninstalled, and uninstalled again', async () => {
    const { manager, does, place } = withLaunchd()
    await does(manager.install(specOf('/Users/ann/bot'), undefined))
    await does(manager.start('NewsBot'))
    await does([...manager.stop('NewsBot'), ...manager.uninstall('NewsBot')])
    expect(existsSync(place)).to.equal(false)
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
})

describe('launchd: whether it can be used', () => {
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

  it('without launchctl there is no launchd', async () => {
    const manager = launchd({ scope: 'user', home: spec.home, user: ANN, launchctl: '/nowhere/launchctl' })
    for (const work of [manager.check(spec), manager.read('NewsBot'), manager.find('NewsBot')])
      expect(await failureOf(work)).to.include({ code: 'SERVICE_MANAGER_MISSING' })
  })

  onPosix('a launchctl that gives no answer is not taken for a service that is stopped', async () => {
    const program = join(tempFolder(), 'launchctl')
    writeFileSync(program, 'no program')
    const { manager, write } = withLaunchd({ launchctl: program })
    write('')
    const error = await failureOf(manager.read('NewsBot'))
    expect(error).to.include({ code: 'SERVICE_COMMAND_FAILED' })
    expect(error.message).to.equal('launchctl print gui/501/catalyst.NewsBot gave no answer: EACCES.')
  })

  for (const home of [
    '/Users/ann/Documents/bot',
    '/Users/ann/documents',
    '/Users/ann/Desktop/bot',
    '/Users/ann/Downloads/bot',
    '/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/bot',
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

describe('launchd: what launchctl print says', () => {
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
    ['nothing that we know', 'mood = fine', { state: 'restarting', pid: null, restarts: null, words: 'unknown' }],
  ]
  for (const [what, fields, expected] of cases) {
    it(what, () => {
      expect(readingOf(printed(fields), { automatic: true })).to.include({ since: null, automatic: true, ...expected })
    })
  }

  it('whether a label is disabled, in the words of old and new', () => {
    const list = (word: string) => `\tdisabled services = {\n\t\t"catalyst.Bot" => ${word}\n\t}\n`
    expect(
      ['disabled', 'true', 'enabled', 'false'].map((word) => isDisabled(list(word), 'catalyst.Bot')),
    ).to.deep.equal([true, true, false, false])
    expect(isDisabled(list('disabled'), 'catalyst.Bo')).to.equal(false)
    expect(isDisabled('', 'catalyst.Bot')).to.equal(false)
  })
})
