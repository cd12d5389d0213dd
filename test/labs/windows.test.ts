import fs from 'node:fs'
import { expect } from 'chai'
import { freePort } from '../support/e2e/server.js'
import { pause, until } from '../support/e2e/until.js'
import { expectGolden } from '../support/golden.js'
import { removeFolder } from '../support/temp.js'
import { WindowsBox, type WindowsHome } from './windows-box.js'

/** All that Windows allows in a name and that programs like to get wrong. */
const TROUBLE = 'my bot é $x 100%'

/** Prints a line for each file named `print`, of as many letters as that says. */
const MODULE = `
  import fs from 'node:fs'
  export default {
    name: 'lab',
    cycle() {
      if (fs.existsSync('print')) console.log('x'.repeat(Number(fs.readFileSync('print', 'utf8'))))
    },
  }`

/** Ignores that it is to end, and so does its child. */
const PROGRAM = `
  const { spawn } = require('node:child_process')
  const code = "process.on('SIGINT', () => {}); setInterval(() => {}, 1000)"
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' })
  require('node:fs').writeFileSync('pids', process.pid + ' ' + child.pid)
  process.on('SIGINT', () => {})
  setInterval(() => {}, 1000)`

describe('service on Windows, by the genuine NSSM', () => {
  const box = new WindowsBox()
  const homes: WindowsHome[] = []

  before(async function () {
    this.timeout(600_000)
    await box.start()
    expect(await box.services()).to.deep.equal([])
  })

  after(() => box.stop())

  afterEach(async () => {
    let said = ''
    for (const home of homes.splice(0)) {
      said += (await home.service('uninstall', '--yes')).output
      removeFolder(home.folder)
    }
    await box.emptied(said)
  })

  /** A bot that does nothing, five times a second, and is started again at once. */
  async function idle(name = TROUBLE, settings: Readonly<Record<string, string>> = {}): Promise<WindowsHome> {
    const all = {
      BOT_NAME: 'Lab',
      BOT_MODULE: 'bot.mjs',
      BOT_CYCLE_SECONDS: '0.2',
      SERVICE_RESTART_DELAY: '0',
      HEALTH_CHECK_PORT: String(await freePort()),
      ...settings,
    }
    const home = box.home(name, { 'bot.mjs': MODULE })
    home.writeSettings(all)
    homes.push(home)
    return home
  }

  async function succeeds(home: WindowsHome, ...args: string[]): Promise<string> {
    const { code, stdout, output } = await home.service(...args)
    expect(code, output).to.equal(0)
    return stdout
  }

  /** The pid of the bot, which answers. */
  async function installed(home: WindowsHome, ...flags: string[]): Promise<number> {
    await succeeds(home, 'install', '--yes', ...flags)
    return home.answers()
  }

  async function setting(service: string, ...words: string[]): Promise<string> {
    return (await box.nssm('get', service, ...words)).stdout.trim()
  }

  /** The whole entry, as Windows keeps it. */
  async function entry(service: string): Promise<string> {
    return (await box.wine('reg', 'query', `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${service}`, '/s')).stdout
  }

  async function isAlive(pid: number): Promise<boolean> {
    return (await box.node('-e', `process.kill(${pid}, 0)`)).code === 0
  }

  function starts(home: WindowsHome): number[] {
    return home
      .journal()
      .filter(({ kind }) => kind === 'bot.start')
      .map(({ time }) => Date.parse(time))
  }

  it('installs the bot, which answers', async () => {
    const home = await idle()
    const pid = await installed(home)
    expect(await home.serviceStatus()).to.include({
      name: 'Lab',
      manager: 'nssm',
      state: 'running',
      words: 'SERVICE_RUNNING',
      pid,
      restarts: 0,
      automatic: true,
      last_end: null,
    })
    expect(home.entry('bot.start')).to.include({ service: 'Lab' })
    const { code, output } = await home.service('status')
    expect(code, output).to.equal(0)
    await until(() => home.read('data/logs/service_stdout.log').includes('lab')) // NSSM writes it, not the bot
  })

  it('says what it would do, and does nothing', async () => {
    const home = await idle()
    const said = await succeeds(home, 'install', '--dry-run')
    expectGolden('service/dry-run-windows.txt', said)
    expect(await box.services()).to.deep.equal([])
    expect((await home.service('status')).code).to.equal(1)
  })

  it('holds every setting', async () => {
    const home = await idle(TROUBLE, { SERVICE_RESTART_DELAY: '3', BOT_STOP_TIMEOUT: '7' })
    await succeeds(home, 'install', '--no-start')
    expect((await home.serviceStatus()).state).to.equal('stopped')
    const settings: Record<string, string> = {
      Application: 'C:\\nodejs\\node.exe',
      DisplayName: 'Lab',
      Description: 'Lab, managed by catalyst',
      Start: 'SERVICE_AUTO_START',
      ObjectName: 'LocalSystem',
      'AppExit Default': 'Restart',
      'AppExit 77': 'Exit',
      'AppExit 78': 'Exit',
      AppRestartDelay: '3000',
      AppThrottle: '1',
      AppNoConsole: '0',
      AppStopMethodSkip: '0',
      AppStopMethodConsole: '17000',
      AppStopMethodWindow: '1000',
      AppStopMethodThreads: '1000',
      AppKillProcessTree: '1',
      AppStdoutCreationDisposition: '4',
      AppStderrCreationDisposition: '4',
      AppRotateFiles: '1',
      AppRotateOnline: '1',
      AppRotateBytes: '10485760',
      AppRotateDelay: '1',
      AppEnvironmentExtra: 'CATALYST_SERVICE=Lab',
    }
    for (const [words, value] of Object.entries(settings))
      expect(await setting('Lab', ...words.split(' ')), words).to.equal(value)
  })

  it('ends an installation that was cut off, and asks nothing', async () => {
    const home = await idle('plain')
    await succeeds(home, 'install', '--no-start')
    const commandLine = await setting('Lab', 'AppParameters')
    await box.nssm('remove', 'Lab', 'confirm')
    const commands = [
      ['install', 'Lab', 'C:\\nodejs\\node.exe', commandLine],
      ['set', 'Lab', 'Start', 'SERVICE_DEMAND_START'],
      ['set', 'Lab', 'AppDirectory', home.inside],
      ['set', 'Lab', 'AppEnvironmentExtra', 'CATALYST_SERVICE=Lab', 'CATALYST_UNFINISHED=1'],
    ]
    for (const words of commands) {
      expect((await box.nssm(...words)).code, words.join(' ')).to.equal(0)
      expect((await home.serviceStatus()).warnings.join('\n'), words.join(' ')).to.contain('was interrupted')
    }
    await succeeds(home, 'install', '--no-start')
    expect((await home.serviceStatus()).warnings).to.deep.equal([])
    expect(await setting('Lab', 'Start')).to.equal('SERVICE_AUTO_START')
    expect(await setting('Lab', 'AppEnvironmentExtra')).to.equal('CATALYST_SERVICE=Lab')
  })

  it('says why it could not be started', async () => {
    const home = await idle()
    await succeeds(home, 'install', '--no-start')
    await box.nssm('set', 'Lab', 'Start', 'SERVICE_DISABLED')
    const { code, output } = await home.service('start')
    expect(code).to.equal(1)
    expect(output)
      .to.contain('SERVICE_NOT_RUNNING')
      .and.to.match(/Lab: .*START/)
  })

  it('knows when its NSSM is gone', async () => {
    const home = await idle()
    await succeeds(home, 'install', '--no-start')
    await box.wine(
      'reg',
      'add',
      'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Lab',
      '/v',
      'ImagePath',
      '/t',
      'REG_EXPAND_SZ',
      '/d',
      'C:\\gone\\nssm.exe',
      '/f',
    )
    expect((await home.serviceStatus()).warnings.join('\n')).to.contain('C:\\gone\\nssm.exe')
    const { code, output } = await home.service('install', '--yes')
    expect(code, output).to.equal(1)
    expect(output).to.contain('C:\\gone\\nssm.exe')
  })

  it('is back by itself after a crash', async () => {
    const home = await idle()
    const pid = await installed(home)
    await box.kill(pid)
    await home.answers({ not: pid })
    const { state, last_end } = await home.serviceStatus()
    expect({ state, kind: last_end?.kind }).to.deep.equal({ state: 'running', kind: 'killed' })
  })

  it('goes on starting a bot that ends at once, as its start budget allows, and keeps its log in one piece', async () => {
    const home = await idle(TROUBLE, { BOT_MODULE: 'broken.mjs', HEALTH_CHECK_ENABLED: '0' })
    home.write('broken.mjs', "throw new Error('broken on purpose')")
    await succeeds(home, 'install', '--no-start')
    await home.service('start')
    await until(() => starts(home).length >= 5, 120_000)
    const times = starts(home)
    const pauses = times.slice(1).map((time, index) => time - (times[index] as number))
    // two quick ones, then 10 and 20 s with a quarter of chance; NSSM itself adds nothing that doubles
    const [first = 0, second = 0, third = 0, fourth = 0] = pauses
    expect(Math.max(first, second), `pauses: ${pauses}`).to.be.lessThan(10_000)
    expect(third, `pauses: ${pauses}`).to.be.within(9000, 20_000)
    expect(fourth, `pauses: ${pauses}`).to.be.within(19_000, 35_000)
    const logs = home.files('data/logs').filter((name) => name.startsWith('service_'))
    expect(logs).to.deep.equal(['service_stderr.log', 'service_stdout.log'])
    expect(home.read('data/logs/service_stderr.log') + home.read('data/logs/service_stdout.log')).to.contain('broken')
    await succeeds(home, 'stop')
  })

  it('waits for the restart delay, which a start cuts short', async () => {
    const home = await idle(TROUBLE, { SERVICE_RESTART_DELAY: '600' })
    const pid = await installed(home)
    await box.kill(pid)
    await until(async () => (await home.serviceStatus()).state === 'restarting', 60_000)
    expect((await home.serviceStatus()).words).to.equal('SERVICE_PAUSED')
    await succeeds(home, 'start')
    await home.answers({ not: pid })
  })

  it('stops in the restart delay', async () => {
    const home = await idle(TROUBLE, { SERVICE_RESTART_DELAY: '600' })
    await box.kill(await installed(home))
    await until(async () => (await home.serviceStatus()).state === 'restarting', 60_000)
    await succeeds(home, 'stop')
    expect((await home.serviceStatus()).state).to.equal('stopped')
  })

  it('does not try exit code 78 again', async () => {
    const home = await idle()
    const pid = await installed(home)
    const sound = home.read('.env')
    home.write('.env', `${sound}BOT_PROOF=hope\n`)
    await box.kill(pid)
    await until(async () => (await home.serviceStatus()).state === 'stopped', 60_000)
    await pause(3000)
    expect(home.read('data/logs/service_stderr.log').match(/BOT_PROOF/g)).to.have.length(1)
    expect((await home.serviceStatus()).state).to.equal('stopped')
    home.write('.env', sound)
    await succeeds(home, 'start')
    await home.answers({ not: pid })
  })

  it('lets the bot end by itself, and starts it again', async () => {
    const home = await idle()
    const pid = await installed(home)
    await succeeds(home, 'stop')
    expect(home.entry('bot.stop')).to.include({ pid, exit: 0, asked_by: 'SIGINT' })
    const stopped = await home.serviceStatus()
    expect(stopped).to.include({ state: 'stopped', pid: null, automatic: true })
    expect(stopped.stopped_by).to.not.equal(null)
    expect((await home.service('stop')).code, 'stopped twice').to.equal(0)
    await succeeds(home, 'start')
    await home.answers({ not: pid })
    expect(home.kinds().slice(-3)).to.have.members(['service.stop', 'service.start', 'bot.start'])
  })

  it('ends a program, with all that it has started', async () => {
    const home = await idle(TROUBLE, {
      BOT_MODULE: '',
      BOT_COMMAND: 'node program.cjs', // which no PATH has
      BOT_STOP_TIMEOUT: '2',
    })
    home.write('program.cjs', PROGRAM)
    await installed(home)
    const pids = (await until(() => home.read('pids'))).split(' ').map(Number)
    expect(pids).to.have.length(2)
    for (const pid of pids) expect(await isAlive(pid), `${pid} at first`).to.equal(true)
    await succeeds(home, 'stop')
    for (const pid of pids) expect(await isAlive(pid), `${pid} afterwards`).to.equal(false)
  })

  it('restarts it as another process', async () => {
    const home = await idle()
    const pid = await installed(home)
    await succeeds(home, 'restart')
    const { pid: next } = await home.serviceStatus()
    expect(next).to.be.a('number').and.not.equal(pid)
    expect(await home.answers()).to.equal(next)
    expect(home.entry('bot.stop')).to.include({ pid, exit: 0 })
  })

  it('is there again after a reboot', async () => {
    const home = await idle()
    await installed(home)
    const runs = starts(home).length
    await box.reboot()
    await until(() => starts(home).length > runs, 80_000).catch(async (error) => {
      throw new Error(`${error}\n${(await home.service('status')).output}`)
    })
    await home.answers()
    expect((await home.serviceStatus()).state).to.equal('running')
  })

  it('changes nothing when it is installed again', async () => {
    const home = await idle()
    const pid = await installed(home)
    const before = await entry('Lab')
    const again = JSON.parse(await succeeds(home, 'install', '--json'))
    expect(again.services[0]).to.include({ name: 'Lab', installed: 'unchanged', started: false, pid })
    expect(await entry('Lab')).to.equal(before)
    expect(await home.answers()).to.equal(pid)
  })

  it('finds what somebody has changed, and mends it when asked to', async () => {
    const home = await idle()
    await installed(home)
    await box.nssm('set', 'Lab', 'AppThrottle', '60000')
    await box.nssm('set', 'Lab', 'AppExit', '0', 'Exit')
    expect((await home.serviceStatus()).warnings.join('\n')).to.contain('somebody has changed')
    const refused = await home.service('install')
    expect(refused.code).to.equal(1)
    expect(refused.output).to.contain('AppThrottle=60000').and.to.contain('AppExit 0=Exit')
    expect(await setting('Lab', 'AppThrottle')).to.equal('60000')
    await installed(home)
    expect(await setting('Lab', 'AppThrottle')).to.equal('1')
    expect(await setting('Lab', 'AppExit', '0')).to.equal('Restart')
    expect((await home.serviceStatus()).warnings).to.deep.equal([])
  })

  it('keeps two homes apart', async () => {
    const [one, two] = [await idle('one'), await idle('two & more', { BOT_NAME: 'Second' })]
    const [first, second] = [await installed(one), await installed(two)]
    expect(await box.services()).to.have.members(['Lab', 'Second'])
    await succeeds(one, 'stop')
    expect(await two.answers()).to.equal(second)
    await succeeds(one, 'start')
    await one.answers({ not: first })
    const three = await idle('three')
    const taken = await three.service('install', '--yes')
    expect(taken.code).to.equal(1)
    expect(taken.output).to.contain('SERVICE_NAME_TAKEN').and.to.contain('C:\\homes\\one')
  })

  it('keeps the watchdog beside the bot, too', async () => {
    const home = await idle()
    const pid = await installed(home, '--with-watchdog')
    expect(await box.services()).to.have.members(['Lab', 'Lab-watchdog'])
    expect(await setting('Lab-watchdog', 'AppParameters')).to.contain('watchdog run --home')
    const watchdog = (not?: number) =>
      until(async () => {
        const { stdout } = await home.service('status', 'watchdog', '--json')
        const { state, pid } = JSON.parse(stdout).services[0]
        if (state === 'running' && pid !== null && pid !== not) return pid as number
        throw new Error(`${stdout}\n${home.read('data/logs/watchdog.log')}`) // so that a failure tells what it saw
      }, 40_000)
    const first = await watchdog()
    await box.kill(first)
    await watchdog(first)
    expect(await home.answers()).to.equal(pid)
    await succeeds(home, 'uninstall', 'watchdog', '--yes')
    expect(await box.services()).to.deep.equal(['Lab'])
  })

  it("never touches another's service of the same name", async () => {
    const home = await idle()
    await box.nssm('install', 'Lab', 'C:\\nodejs\\node.exe', '-e', '0')
    await box.wine('sc', 'create', 'Alien', 'binPath=', 'C:\\nodejs\\node.exe')
    const before = [await entry('Lab'), await entry('Alien')]
    expect(before.every((text) => text.includes('ImagePath'))).to.equal(true)
    for (const [name, args] of [
      ['Lab', []],
      ['Alien', ['--name', 'Alien']],
    ] as const) {
      const { code, output } = await home.service('install', '--yes', ...args)
      expect(code, name).to.equal(1)
      expect(output).to.contain('SERVICE_NAME_TAKEN')
    }
    expect((await home.service('uninstall', '--yes')).output).to.contain('SERVICE_NAME_TAKEN')
    expect([await entry('Lab'), await entry('Alien')]).to.deep.equal(before)
    await box.nssm('remove', 'Lab', 'confirm')
    await box.wine('sc', 'delete', 'Alien')
  })

  it('removes the service, and leaves the home alone', async () => {
    const home = await idle()
    const pid = await installed(home)
    const own = home.own()
    await succeeds(home, 'uninstall', '--yes')
    expect(await box.services()).to.deep.equal([])
    expect(await entry('Lab')).to.not.contain('ImagePath')
    expect((await box.nssm('status', 'Lab')).code).to.equal(3)
    expect(home.entry('bot.stop')).to.include({ pid, exit: 0 })
    expect(home.own()).to.deep.equal(own)
    expect(home.files('data/logs')).to.include('bot.jsonl')
    expect((await home.service('uninstall', '--yes')).code, 'removed twice').to.equal(0)
  })

  it('rotates its log at 10 MB while the bot runs', async () => {
    const home = await idle()
    const pid = await installed(home)
    const log = () => home.files('data/logs').filter((name) => name.startsWith('service_stdout'))
    expect(log()).to.deep.equal(['service_stdout.log'])
    home.write('print', '500000')
    await until(() => log().length === 2, 60_000)
    fs.rmSync(home.path('print'))
    const [rotated = ''] = log()
    expect(rotated).to.match(/^service_stdout-\d{8}T\d{6}\.\d{3}\.log$/)
    expect(fs.statSync(home.path('data/logs', rotated)).size).to.be.within(10_000_000, 12_000_000)
    expect(await home.answers()).to.equal(pid)
  })
})
