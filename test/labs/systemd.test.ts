import { expect } from 'chai'
import { until } from '../support/e2e/until.js'
import { type BoxHome, SystemdBox } from './systemd-box.js'

const UNITS = '/etc/systemd/system'
const MODULE = "export default { name: 'idle', cycle() {} }"

describe('service on a real systemd', () => {
  const box = new SystemdBox()
  let port = 9000
  let unitsAtFirst: string

  before(async () => {
    await box.start()
    unitsAtFirst = await units()
  })

  after(() => box.stop())

  /** A bot that does nothing, ten times a second; started again after half a second. */
  function idle(name: string, settings: Record<string, string> = {}, code = MODULE): Promise<BoxHome> {
    const all = {
      BOT_NAME: 'Lab',
      BOT_MODULE: 'bot.mjs',
      BOT_CYCLE_SECONDS: '0.1',
      SERVICE_RESTART_DELAY: '0.5',
      HEALTH_CHECK_PORT: String(port++),
      ...settings,
    }
    return box.home(name, { '.env': envText(all), 'bot.mjs': code })
  }

  afterEach(async () => {
    const homes = (await box.root('ls /opt/box/homes')).split('\n')
    for (const name of homes) await (await box.home(name, {})).catalyst('service', 'uninstall', '--yes')
    expect(await units(), 'units left behind').to.equal(unitsAtFirst)
    await box.root('rm -rf /opt/box/homes/*')
  })

  /** Every unit file of the machine and of its users. */
  function units(): Promise<string> {
    return box.root(`find ${UNITS} /home/*/.config/systemd /root/.config/systemd ! -type d 2>/dev/null | sort; true`)
  }

  async function installed(home: BoxHome, ...flags: string[]): Promise<number> {
    const result = await home.catalyst('service', 'install', '--yes', ...flags)
    expect(result.code, result.output).to.equal(0)
    return until(() => home.pid())
  }

  /** Waits for the bot to answer as another process. */
  function back(home: BoxHome, after: number): Promise<number> {
    return until(async () => {
      const pid = await home.pid()
      return pid !== undefined && pid !== after && pid
    }, 40_000)
  }

  /** Waits until the bot has told systemd that it works: until then systemd has patience with its start. */
  async function watched(name: string): Promise<void> {
    const told = () => box.root(`systemctl show -P WatchdogTimestampMonotonic ${name}`)
    const first = await told()
    await until(async () => (await told()) !== first)
  }

  async function status(home: BoxHome) {
    return JSON.parse((await home.catalyst('service', 'status', 'bot', '--json')).stdout).services[0]
  }

  it('installs the bot, which runs as the owner of the home and answers', async () => {
    const home = await idle('a')
    const pid = await installed(home)
    expect(await box.root(`stat -c %U /proc/${pid}`)).to.equal('alice')
    expect(await box.root(`find ${home.inside} ! -user alice ! -name 'service_std*'`), "root's files").to.equal('')
    expect(await status(home)).to.include({ state: 'running', pid, restarts: 0, automatic: true, scope: 'system' })
    const [fact] = JSON.parse((await home.catalyst('status', '--json')).stdout).services
    const told = await status(home)
    expect(Object.keys(fact)).to.include.members(['state', 'pid', 'since', 'restarts', 'automatic', 'warnings'])
    for (const [key, value] of Object.entries(fact)) expect(told[key], key).to.deep.equal(value)
    expect(home.kinds()).to.deep.equal(['service.install', 'service.start', 'bot.start'])
    expect(home.journal()[0]).to.include({ by: 'root', name: 'Lab', manager: 'systemd' })
  })

  it('tells systemctl status in one line how the bot is', async () => {
    const home = await idle('a')
    await installed(home)
    const told = () => box.root('systemctl show -P StatusText Lab')
    await until(async () => (await told()) === 'healthy')
    await home.catalyst('service', 'stop')
    const late = await idle(
      'late',
      { BOT_NAME: 'Late', BOT_START_TIMEOUT: '60' },
      `
      let rounds = 0
      export default { name: 'late', async cycle() { if (rounds++ === 0) await new Promise((r) => setTimeout(r, 8000)) } }`,
    )
    await installed(late)
    const line = () => box.root('systemctl show -P StatusText Late')
    await until(async () => /^starting: no cycle since the start \S+ s ago$/.test(await line()))
    await until(async () => (await line()) === 'healthy')
  })

  it('is back after kill -9', async () => {
    const home = await idle('a')
    const pid = await installed(home)
    await box.exec('kill', '-9', String(pid))
    await back(home, pid)
    const { restarts, last_end } = await status(home)
    expect({ restarts, kind: last_end.kind }).to.deep.equal({ restarts: 1, kind: 'killed' })
  })

  it('is brought back by systemd alone when it is frozen, healthy or not', async () => {
    const stopped = await idle('stopped', { BOT_NAME: 'Stopped', WATCHDOG_FREEZE_THRESHOLD: '2' })
    const pid = await installed(stopped)
    await watched('Stopped')
    await box.exec('kill', '-STOP', String(pid))
    // its cycle hangs, its event loop doesn't
    const hanging = await idle('hanging', { BOT_NAME: 'Hanging', WATCHDOG_FREEZE_THRESHOLD: '2' }, HANGS)
    const first = await installed(hanging)
    await box.root(`touch '${hanging.inside}/hang'`)
    await back(stopped, pid)
    await back(hanging, first)
  })

  it('is not killed while it takes longer than WatchdogSec to start, in its event loop or elsewhere', async () => {
    const slow = `
      const until = Date.now() + 4500
      while (Date.now() < until) {}
      let rounds = 0
      export default { name: 'slow', async cycle() { if (rounds++ === 0) await new Promise((r) => setTimeout(r, 4500)) } }`
    const home = await idle('a', { WATCHDOG_FREEZE_THRESHOLD: '2', BOT_START_TIMEOUT: '60' }, slow)
    const pid = await installed(home)
    await until(async () => (await home.catalyst('health', 'check')).code === 0)
    expect(await home.pid()).to.equal(pid)
    expect((await status(home)).restarts).to.equal(0)
    await watched('Lab')
    await box.exec('kill', '-STOP', String(pid)) // from its first cycle on the limit is the threshold again
    await back(home, pid)
  })

  it('is there again after a reboot, also where it was stopped before', async () => {
    const home = await idle('a')
    await installed(home)
    await home.catalyst('service', 'stop')
    expect(home.read('.catalyst/state/desired-state.json')).to.contain('"stopped"')
    await box.reboot()
    await until(() => home.pid())
    expect(home.read('.catalyst/state/desired-state.json'), 'desired-state.json').to.equal('')
  })

  it('does not try exit code 78 again, and tells what is wrong', async () => {
    const home = await idle('a')
    const pid = await installed(home)
    home.write('.env', `${home.read('.env')}BOT_PROOF=hope\n`)
    await box.exec('kill', '-9', String(pid))
    await until(async () => (await status(home)).state === 'failed')
    const failed = await status(home)
    expect(failed.last_end).to.include({ kind: 'ended', exit: 78 })
    expect(failed.last_words.join('\n')).to.contain('BOT_PROOF')
    const start = await home.catalyst('service', 'start')
    expect(start.code).to.equal(78)
    home.write('.env', home.read('.env').replace('BOT_PROOF=hope\n', ''))
    expect((await home.catalyst('service', 'start')).code).to.equal(0)
  })

  it('tells at the installation why the bot does not come up', async () => {
    const home = await idle('a', { BOT_MODULE: 'missing.mjs' })
    const result = await home.catalyst('service', 'install', '--yes')
    expect(result.code).to.equal(1)
    expect(result.output)
      .to.match(/does not run|does not stay up/)
      .and.to.contain('missing.mjs')
  })

  it('stops the whole tree, what forked itself away too, and leaves nobody behind', async () => {
    const tree = `
      (setsid bash -c 'exec -a grandchild sleep 1000' </dev/null >/dev/null 2>&1 &)
      (trap '' TERM; exec -a stubborn sleep 1000) &
      wait`
    const home = await box.home('a', {
      '.env': envText({
        BOT_NAME: 'Lab',
        BOT_COMMAND: 'bash tree.sh',
        BOT_STOP_TIMEOUT: '1',
        HEALTH_CHECK_PORT: String(port++),
      }),
      'tree.sh': tree,
    })
    await installed(home)
    const count = () => box.root("pgrep -fc '^(grandchild|stubborn) ' || true")
    await until(async () => (await count()) === '2')
    expect(await box.root("ps -o ppid= -p $(pgrep -f '^grandchild ')"), 'its parent has gone').to.equal('1')
    const stop = await home.catalyst('service', 'stop')
    expect(stop.code, stop.output).to.equal(0)
    expect(await count()).to.equal('0')
    expect(await status(home)).to.include({ state: 'stopped', pid: null })
    expect(home.kinds().slice(-2)).to.have.members(['bot.stop', 'service.stop'])
    expect((await home.catalyst('service', 'stop')).output).to.contain('was not running')
  })

  it('restarts as another process, and starts what is stopped', async () => {
    const home = await idle('a')
    const pid = await installed(home)
    const restart = await home.catalyst('service', 'restart')
    expect(restart.code, restart.output).to.equal(0)
    const second = await home.pid()
    expect(second).to.be.a('number').and.not.equal(pid)
    await home.catalyst('service', 'stop')
    expect((await home.catalyst('service', 'restart')).code).to.equal(0)
    expect(await home.pid()).to.be.a('number')
    expect((await home.catalyst('service', 'start')).output).to.contain('runs already')
  })

  it('shows the same status with and without the command line around it', async () => {
    const home = await idle('a')
    await installed(home)
    const catalyst = '/opt/box/catalyst'
    home.write('whole.cjs', `require('${catalyst}/dist/catalyst.cjs').main('${catalyst}/package.json')`)
    // with nothing but what answers without it
    await box.root(
      `mkdir -p /opt/quick/dist && cd ${catalyst} && cp -r bin package.json oclif.manifest.json /opt/quick/`,
    )
    await box.root(`cp ${catalyst}/dist/quick-* /opt/quick/dist/`)
    for (const words of [['--json'], [], ['bot', '--json'], ['watchdog', '--json']]) {
      const [quick, whole] = [`/opt/quick/bin/run.js`, `${home.inside}/whole.cjs`].map((program) =>
        box.exec('node', program, 'service', 'status', ...words, '--home', home.inside),
      )
      expect(await quick, words.join(' ')).to.deep.equal(await whole)
    }
  })

  it("installs as a user's unit that survives the logout and starts with the machine", async () => {
    const home = await idle('a')
    const install = await home.catalystAs('alice', 'service', 'install', '--yes')
    expect(install.code, install.output).to.equal(0)
    const pid = (await until(() => home.pid())) as number
    await until(async () => (await box.root('loginctl list-sessions --no-legend')) === '') // logged out
    expect(await home.pid()).to.equal(pid)
    await box.exec('kill', '-9', String(pid))
    await back(home, pid)
    const described = await home.catalystAs('alice', 'service', 'status', '--json')
    expect(JSON.parse(described.stdout).services[0]).to.include({ scope: 'user', state: 'running', automatic: true })
    await box.reboot()
    await until(() => home.pid())
    for (const verb of ['status', 'stop', 'install']) {
      const foreign = await home.catalyst('service', verb) // root's own manager is another one
      expect(foreign.code, verb).to.equal(77)
      expect(foreign.output).to.contain('Run: sudo -u alice ')
    }
    const removed = await home.catalystAs('alice', 'service', 'uninstall', '--yes')
    expect(removed.code, removed.output).to.equal(0)
    expect(await home.pid()).to.equal(undefined)
  })

  it('changes nothing when it is installed once more', async () => {
    const home = await idle('a')
    const pid = await installed(home)
    const look = () => box.root(`stat -c %Y%i ${UNITS}/Lab.service; cat ${UNITS}/Lab.service`)
    const was = await look()
    const journal = home.kinds().length
    const again = await home.catalyst('service', 'install')
    expect(again.code).to.equal(0)
    expect(again.output).to.contain('installed already')
    expect(await home.pid()).to.equal(pid)
    expect(await look()).to.equal(was)
    expect(home.kinds()).to.have.length(journal)
    expect((await home.catalyst('service', 'install', '--dry-run', '--no-start')).stdout).to.contain('Nothing to do')
  })

  it('takes over a changed setting at the next installation', async () => {
    const home = await idle('a')
    const pid = await installed(home)
    home.write('.env', home.read('.env').replace('RESTART_DELAY=0.5', 'RESTART_DELAY=0.25'))
    const again = await home.catalyst('service', 'install')
    expect(again.output).to.contain('brought up to date')
    expect(await box.root('systemctl show -P RestartUSec Lab')).to.equal('250ms')
    expect(await home.pid())
      .to.be.a('number')
      .and.not.equal(pid)
  })

  it('shows what was edited by hand, and keeps it unless told otherwise', async () => {
    const home = await idle('a')
    const pid = await installed(home)
    await box.root(`sed -i s/RestartSec=500ms/RestartSec=7s/ ${UNITS}/Lab.service && systemctl daemon-reload`)
    expect((await status(home)).warnings.join()).to.contain('changed')
    const kept = await home.catalyst('service', 'install')
    expect(kept.code).to.equal(1)
    expect(kept.output).to.contain('- RestartSec=7s').and.to.contain('+ RestartSec=500ms')
    expect(await box.root(`cat ${UNITS}/Lab.service`)).to.contain('RestartSec=7s')
    expect(await home.pid()).to.equal(pid)
    await installed(home)
    expect(await box.root(`cat ${UNITS}/Lab.service`)).to.contain('RestartSec=500ms')
  })

  it('leaves the home as it was when it is uninstalled', async () => {
    const home = await idle('a')
    const files = home.files()
    await installed(home)
    const removed = await home.catalyst('service', 'uninstall', '--yes')
    expect(removed.code, removed.output).to.equal(0)
    expect(home.files()).to.deep.equal(files)
    expect(home.read('data/logs/bot.jsonl')).to.contain('stopping')
    expect(await box.root('systemctl list-units --all --no-legend "Lab*"')).to.equal('')
    expect((await home.catalyst('service', 'uninstall', '--yes')).code).to.equal(0)
    expect((await home.catalyst('service', 'status')).code).to.equal(1)
  })

  it('keeps two homes apart', async () => {
    const one = await idle('one')
    const other = await idle('other', { BOT_CYCLE_SECONDS: '0.2' })
    const pid = await installed(one)
    const taken = await other.catalyst('service', 'install', '--yes')
    expect(taken.code).to.equal(1)
    expect(taken.output).to.contain(`belongs to the home ${one.inside}`).and.to.contain('--name Lab-2')
    const second = await installed(other, '--name', 'Lab-2')
    await box.exec('kill', '-9', String(second))
    await back(other, second)
    expect(await one.pid()).to.equal(pid)
    expect((await other.catalyst('service', 'stop')).output).to.contain('Lab-2 has stopped')
    expect(await one.pid()).to.equal(pid)
    expect((await other.catalyst('service', 'install', '--name', 'Lab-3')).code).to.equal(2)
  })

  it('never touches a service that is not its own', async () => {
    const home = await idle('a', { BOT_NAME: 'Foreign' })
    await box.root(
      `printf '[Service]\\nExecStart=sleep 1000\\n' >${UNITS}/Foreign.service; systemctl daemon-reload; systemctl start Foreign`,
    )
    try {
      const pid = await box.root('systemctl show -P MainPID Foreign')
      for (const verb of ['install', 'uninstall', 'stop', 'start', 'restart']) {
        const result = await home.catalyst('service', verb, ...(verb.endsWith('install') ? ['--yes'] : []))
        expect(result.code, verb).to.equal(1)
        expect(result.output).to.contain('was not installed by catalyst')
      }
      expect(await box.root('systemctl show -P MainPID Foreign')).to.equal(pid)
      const journald = await home.catalyst('service', 'install', '--yes', '--name', 'systemd-journald')
      expect(journald.output).to.contain('was not installed by catalyst')
    } finally {
      await box.root(`systemctl stop Foreign; rm ${UNITS}/Foreign.service; systemctl daemon-reload`)
    }
  })

  it('takes a home with blanks, quotes, %, $ and é in its path', async () => {
    const home = await idle(`it's "my" 100% $HOME bot é`)
    const pid = await installed(home)
    await box.exec('kill', '-9', String(pid))
    await back(home, pid)
    expect(home.read('data/logs/service_stdout.log')).to.contain('health endpoint')
  })

  it('says what to run to whoever may not install', async () => {
    const home = await idle('a')
    const refused = await home.catalystAs('alice', 'service', 'install', '--system', '--yes')
    expect(refused.code).to.equal(77)
    expect(refused.output).to.match(/Run: sudo \S*node \S+run\.js service install --system --yes --home/)
    await installed(home)
    const stop = await home.catalystAs('alice', 'service', 'stop')
    expect(stop.code).to.equal(77)
    expect(stop.output).to.contain('Run: sudo')
    expect(home.read('.catalyst/state/desired-state.json'), 'desired-state.json').to.equal('')
    expect((await home.catalystAs('bob', 'service', 'status')).code).to.equal(0)
  })

  it('says what to do where there is no systemd', async () => {
    const home = await idle('a')
    const bare = `mount -t tmpfs tmpfs /run && exec node /opt/box/catalyst/bin/run.js service install --home '${home.inside}'`
    const result = await box.exec('unshare', '--mount', 'bash', '-c', bare)
    expect(result.code).to.equal(1)
    expect(result.output).to.contain('Code: SERVICE_MANAGER_MISSING').and.to.contain('catalyst watchdog run')
  })

  it('starts although somebody has removed the log folder', async () => {
    const home = await idle('a')
    await installed(home)
    await home.catalyst('service', 'stop')
    await box.root(`rm -rf '${home.inside}/data'`)
    expect((await status(home)).warnings.join()).to.contain('log folder')
    expect((await home.catalyst('service', 'start')).code).to.equal(0)
    expect(home.read('data/logs/service_stdout.log')).to.contain('health endpoint')
  })

  it('warns when its node is gone, and is mended by installing once more', async () => {
    const home = await idle('a')
    await box.root('mkdir -p /opt/old && cp $(readlink -f $(which node)) /opt/old/node')
    const old = await box.exec(
      '/opt/old/node',
      '/opt/box/catalyst/bin/run.js',
      'service',
      'install',
      '--yes',
      '--home',
      home.inside,
    )
    expect(old.code, old.output).to.equal(0)
    await box.root('rm /opt/old/node')
    expect((await status(home)).warnings.join()).to.contain('/opt/old/node, which it runs, is gone')
    await installed(home)
    const mended = await status(home)
    expect(mended.warnings).to.deep.equal([])
    expect(mended.state).to.equal('running')
  })

  it('asks on a terminal, and Ctrl-C leaves things as they are', async () => {
    const home = await idle('a')
    const typed = (verb: string, question: string, keys: string) =>
      box.inTerminal(home.words('service', verb), [[question, keys]])
    const declined = await typed('install', 'Start Lab now?', 'n\r')
    expect(declined.code, declined.output).to.equal(0)
    expect(declined.output).to.contain('Start Lab now?')
    expect(await status(home)).to.include({ state: 'stopped', automatic: true })
    const cancelled = await typed('install', 'Start Lab now?', '\x03')
    expect(cancelled.code, cancelled.output).to.equal(1)
    expect(cancelled.output).to.contain('Lab is installed, and was not started')
    await home.catalyst('service', 'start')
    const kept = await typed('uninstall', 'Stop and remove Lab?', '\x03')
    expect(kept.code, kept.output).to.equal(1)
    expect(kept.output).to.contain('Stop and remove Lab?').and.to.contain('Nothing was changed')
    expect((await status(home)).state).to.equal('running')
    expect((await home.catalyst('service', 'uninstall')).code, 'without a terminal').to.equal(2)
    expect((await typed('uninstall', 'Stop and remove Lab?', 'y\r')).output).to.contain('Lab is removed')
  })

  it("never opens a file of the home's owner as root, nor runs one", async () => {
    const home = await idle('a')
    const pid = await installed(home)
    await box.root('printf "#!/bin/sh\nid -u >>/tmp/ran-as\necho v1\n" >/home/alice/node && chmod 755 /home/alice/node')
    await box.exec(
      'su',
      'alice',
      '-c',
      `cd '${home.inside}/data/logs' && rm -f service_std*.log && ln -s /etc/cron.d/planted service_stdout.log && ln -s /root/planted service_stderr.log`,
    )
    home.write(
      '.catalyst/state/services.json',
      home.read('.catalyst/state/services.json').replace(/"node": "[^"]*"/, '"node": "/home/alice/node"'),
    )
    await box.exec('kill', '-9', String(pid))
    await back(home, pid)
    await home.catalyst('service', 'status')
    expect(await box.root('ls /etc/cron.d/planted /root/planted 2>/dev/null; true')).to.equal('')
    const ranAs = new Set((await box.root('cat /tmp/ran-as')).split('\n'))
    expect([...ranAs], 'who ran it').to.deep.equal([await box.root('id -u alice')])
    home.write(
      '.catalyst/state/services.json',
      home.read('.catalyst/state/services.json').replace(/"name": "[^"]*"/, '"name": "../../../home/alice/evil"'),
    )
    expect((await status(home)).name, 'a name that is none').to.equal('Lab')
  })

  it('does not call a start that dies while the bot is loaded a success', async () => {
    for (const code of [
      "throw new Error('no key')",
      'process.exit(1)',
      'setTimeout(() => process.exit(1), 500); await new Promise(() => {})',
    ]) {
      const home = await idle('a', { SERVICE_RESTART_DELAY: '3' }, `${code}\nexport default { name: 'x', cycle() {} }`)
      const result = await home.catalyst('service', 'install', '--yes')
      expect(result.code, code).to.equal(1)
      expect(result.output).to.match(/The service Lab does not (run|stay up)/)
      await home.catalyst('service', 'uninstall', '--yes')
    }
  })

  it('starts a bot that crashes again and again at once three times, then waits, and is not killed for that', async () => {
    const home = await box.home('a', {
      '.env': envText({
        BOT_NAME: 'Lab',
        BOT_COMMAND: 'bash bot.sh',
        BOT_START_TIMEOUT: '1',
        WATCHDOG_FREEZE_THRESHOLD: '2',
        SERVICE_RESTART_DELAY: '0.1',
        HEALTH_CHECK_PORT: String(port++),
      }),
      'bot.sh': 'exit 3',
    })
    const starts = () => home.journal().filter(({ kind }) => kind === 'bot.start')
    expect((await home.catalyst('service', 'install', '--yes')).code).to.equal(1)
    await until(() => home.kinds().includes('bot.wait'))
    const quick = starts().length // the first one was ordered
    expect(quick).to.be.within(3, 4)
    const { state, waits } = await status(home)
    expect({ state, reason: waits.reason }).to.deep.equal({
      state: 'running',
      reason: `it exited ${quick} times within minutes (exit code 3)`,
    })
    expect((await home.catalyst('service', 'status')).stdout).to.contain('before its next start')
    const check = JSON.parse((await home.catalyst('health', 'check', '--json')).stdout)
    expect(check.status).to.equal('starting')
    expect(check.reasons.join()).to.contain('waits until')
    // longer than systemd bears of a bot that starts: 3 s
    await until(() => starts().length === quick + 1, 40_000)
    expect(home.kinds().filter((kind) => kind === 'bot.lost')).to.deep.equal([])
    const [before, after] = starts()
      .slice(-2)
      .map(({ time }) => Date.parse(time)) as [number, number]
    expect(after - before).to.be.within(10_000, 30_000)
    await until(() => home.kinds().at(-1) === 'bot.wait')
    home.write('bot.sh', 'sleep 1000')
    const began = Date.now()
    const mended = await home.catalyst('service', 'start')
    expect(mended.code, mended.output).to.equal(0)
    expect(Date.now() - began, 'a person does not wait').to.be.below(15_000)
    expect((await status(home)).waits).to.equal(null)
  })

  it('does not say that a program runs which ends a moment after each start, but why it does not', async () => {
    const home = await box.home('a', {
      '.env': envText({ BOT_NAME: 'Lab', BOT_COMMAND: 'bash bot.sh', HEALTH_CHECK_PORT: String(port++) }),
      'bot.sh': 'sleep 0.3; echo "KeyError: TOKEN" >&2; exit 3',
    })
    for (const verb of [['install', '--yes'], ['restart'], ['start']]) {
      const { code, output } = await home.catalyst('service', ...verb)
      expect(code, verb[0]).to.equal(1)
      expect(output).to.match(
        /The service Lab does not stay up: the bot exited by itself with exit code 3, 0\.\d s after/,
      )
      expect(output).to.match(/\d\d:\d\d:\d\d WARN {2}KeyError: TOKEN/)
    }
    home.write('bot.sh', 'sleep 1000')
    const mended = await home.catalyst('service', 'start')
    expect(mended.code, mended.output).to.equal(0)
    expect(mended.output).to.match(/^Lab runs \(pid \d+\)\.$/m)
  })

  it('installs the watchdog although the bot does not come up, and says so', async () => {
    const home = await idle('a', { BOT_MODULE: 'missing.mjs' })
    const { code, output } = await home.catalyst('service', 'install', '--with-watchdog', '--yes')
    expect(code, output).to.equal(1)
    expect(output)
      .to.contain('missing.mjs')
      .and.to.match(/Lab-watchdog is installed and runs \(pid \d+\)/)
  })

  it('is mended by an installation that does not wait for the pause before the next start', async () => {
    const home = await idle('a', { SERVICE_RESTART_DELAY: '60' })
    await box.root('mkdir -p /opt/old && cp $(readlink -f $(which node)) /opt/old/node')
    const bin = '/opt/box/catalyst/bin/run.js'
    await box.exec('/opt/old/node', bin, 'service', 'install', '--yes', '--home', home.inside)
    await box.root('rm /opt/old/node')
    await box.exec('kill', '-9', String(await home.pid()))
    await until(async () => (await status(home)).state === 'restarting')
    await installed(home)
  })

  it('moves with its home, and runs no other bot where that was', async () => {
    const home = await idle('old')
    const pid = await installed(home)
    await box.root(`mv '${home.inside}' /opt/box/homes/new`)
    const moved = await box.home('new', {})
    await box.exec('kill', '-9', String(pid))
    await until(async () => (await box.root('systemctl show -P ActiveState Lab')) !== 'active')
    const again = await moved.catalyst('service', 'install', '--yes')
    expect(again.code, again.output).to.equal(0)
    expect(await moved.pid()).to.be.a('number')
    expect(await box.root(`ls -A '${home.inside}' 2>/dev/null; true`), 'what is in the old place').to.equal('')
  })

  it('installs for a user who has never logged in', async () => {
    const home = await idle('a', {}, MODULE)
    await box.root(`useradd -m carol; chown -R carol: '${home.inside}'`)
    const words = ['node', '/opt/box/catalyst/bin/run.js', 'service', 'install', '--yes', '--home', home.inside]
    const result = await box.exec(
      'setpriv',
      '--reuid=carol',
      '--regid=carol',
      '--init-groups',
      'env',
      'HOME=/home/carol',
      ...words,
    )
    expect(result.code, result.output).to.equal(0)
    const removed = await home.catalystAs('carol', 'service', 'uninstall', '--yes')
    expect(removed.code, removed.output).to.equal(0)
    await box.root('loginctl disable-linger carol; loginctl terminate-user carol; userdel -rf carol 2>/dev/null; true')
  })

  it('installs for a user where only root may switch lingering on', async () => {
    const home = await idle('a')
    await box.root(`useradd -m dora; chown -R dora: '${home.inside}'; systemctl mask --runtime --now polkit`)
    try {
      const refused = await home.catalystAs('dora', 'service', 'install', '--yes')
      expect(refused.code, refused.output).to.equal(77)
      const line = /^Try this: Run: sudo (loginctl enable-linger dora)$/m.exec(refused.output)?.[1]
      expect(line, refused.output).to.be.a('string')
      await box.root(String(line))
      const again = await home.catalystAs('dora', 'service', 'install', '--yes')
      expect(again.code, again.output).to.equal(0)
      const removed = await home.catalystAs('dora', 'service', 'uninstall', '--yes')
      expect(removed.output).to.contain('loginctl disable-linger dora')
    } finally {
      await box.root(
        'systemctl unmask --runtime polkit; loginctl disable-linger dora; loginctl terminate-user dora; true',
      )
      await box.root('userdel -rf dora 2>/dev/null; true')
    }
  })

  it('keeps from the bot what no ordinary bot needs, and nothing else', async () => {
    const home = await idle('a', {}, TRIES)
    await box.root('touch /tmp/of-the-machine')
    await installed(home)
    const found = JSON.parse(await until(() => home.read('data/found.json')))
    const { bounds, ...rest } = found
    expect(rest).to.deep.equal({ tmp: [], network: 200, device: 16, programs: true, privileges: '1' })
    const [SYS_TIME, WAKE_ALARM, CHOWN] = [25n, 35n, 0n].map((bit) => (BigInt(`0x${bounds}`) >> bit) & 1n)
    expect({ SYS_TIME, WAKE_ALARM, CHOWN }).to.deep.equal({ SYS_TIME: 0n, WAKE_ALARM: 0n, CHOWN: 1n })
  })

  it('is for one at a time', async () => {
    const home = await idle('a')
    const both = await Promise.all([
      home.catalyst('service', 'install', '--yes'),
      home.catalyst('service', 'uninstall', '--yes'),
    ])
    const codes = both.map(({ code }) => code).sort()
    expect(['0 0', '0 75']).to.include(codes.join(' '), both.map(({ output }) => output).join('\n'))
    await installed(home)
  })

  it('installs the watchdog beside the bot, and switches it on', async () => {
    const home = await idle('a', { WATCHDOG_FREEZE_THRESHOLD: '20' })
    expect((await home.catalyst('service', 'install', 'watchdog')).code).to.equal(78)
    const pid = await installed(home)
    const both = await home.catalyst('service', 'install', '--with-watchdog', '--yes')
    expect(both.code, both.output).to.equal(0)
    expect(home.read('.env')).to.contain('WATCHDOG_ENABLED=1')
    await until(async () => (await box.root('systemctl show -P WatchdogUSec Lab')) === '40s')
    expect(await home.pid()).to.not.equal(pid)
    await until(() => home.read('data/logs/watchdog.log').includes('the bot is'))
    const { services } = JSON.parse((await home.catalyst('service', 'status', '--json')).stdout)
    expect(services.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`)).to.deep.equal([
      'Lab running',
      'Lab-watchdog running',
    ])
    expect((await home.catalyst('service', 'uninstall', 'watchdog', '--yes')).code).to.equal(0)
    expect(await box.root(`cat ${UNITS}/Lab.service`)).to.contain('WatchdogSec=20s')
    expect((await status(home)).state).to.equal('running')
  })

  it('has the watchdog bring back a bot that systemd does not watch', async () => {
    const home = await idle(
      'a',
      { WATCHDOG_FREEZE_THRESHOLD: '3', WATCHDOG_CHECK_INTERVAL: '0.5', BOT_STOP_TIMEOUT: '1' },
      HANGS,
    )
    const install = await home.catalyst('service', 'install', '--with-watchdog', '--yes')
    expect(install.code, install.output).to.equal(0)
    await box.root(
      `mkdir -p ${UNITS}/Lab.service.d && printf '[Service]\\nWatchdogSec=0\\n' >${UNITS}/Lab.service.d/lab.conf && systemctl daemon-reload`,
    )
    await home.catalyst('service', 'restart')
    const pid = (await until(() => home.pid())) as number
    await until(() => home.read('data/logs/watchdog.log').includes('the bot is healthy'))
    await box.exec('kill', '-STOP', String(pid))
    const second = await back(home, pid)
    await until(() => home.read('data/logs/watchdog.log').includes('silent, recovered'))
    await box.root(`touch '${home.inside}/hang'`)
    await back(home, second)
    await until(() => home.read('data/logs/watchdog.log').includes('hangs, recovered'))
    await box.root('systemctl stop Lab') // on purpose, though not through us
    await until(() => home.read('data/logs/watchdog.log').trim().split('\n').at(-1)?.includes('unreachable'))
    expect((await status(home)).state).to.equal('stopped')
    await box.root(`rm -r ${UNITS}/Lab.service.d`)
  })

  it('cuts the logs that systemd appends to for ever', async () => {
    const home = await idle('a')
    await installed(home)
    await home.catalyst('service', 'stop')
    await box.root(
      `true >'${home.inside}/data/logs/service_stdout.log'; yes 0123456789abcde | head -c 12000000 >>'${home.inside}/data/logs/service_stdout.log'`,
    )
    await home.catalyst('service', 'start')
    const files = () => box.root(`cd '${home.inside}/data/logs' && stat -c '%n %s' service_stdout.log*`)
    await until(async () => /service_stdout\.log\.\S+\.gz /.test(await files()))
    expect(Number(/service_stdout\.log (\d+)/.exec(await files())?.[1])).to.be.below(10_000)
    const kept = await box.root(`zcat '${home.inside}'/data/logs/service_stdout.log.*.gz | grep -c '^0123456789abcde$'`)
    expect(Number(kept)).to.be.within(650_000, 655_360) // 10 MiB of 16 bytes each
    const all = await box.root(
      `cd '${home.inside}/data/logs' && cat service_stdout.log <(zcat service_stdout.log.*.gz)`,
    )
    expect(all.match(/health endpoint/g)).to.have.length(1)
  })
})

function envText(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** A module that tries what bots do, and writes down what came of it. */
const TRIES = `
  import { execFileSync } from 'node:child_process'
  import fs from 'node:fs'
  import http from 'node:http'
  const of = (name) => new RegExp('^' + name + ':\\\\s+(\\\\w+)', 'm').exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]
  const server = http.createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  const network = await new Promise((resolve, reject) => http.get({ port, agent: false }, (answer) => resolve(answer.statusCode)).on('error', reject))
  server.close()
  const device = fs.readSync(fs.openSync('/dev/urandom'), Buffer.alloc(16))
  const programs = execFileSync('ps', ['-A'], { encoding: 'utf8' }).includes('systemd')
  fs.writeFileSync('/tmp/mine', '')
  const tmp = fs.readdirSync('/tmp').filter((name) => name !== 'mine')
  const found = { tmp, network, device, programs, privileges: of('NoNewPrivs'), bounds: of('CapBnd') }
  fs.mkdirSync('data', { recursive: true })
  fs.writeFileSync('data/found.tmp', JSON.stringify(found))
  fs.renameSync('data/found.tmp', 'data/found.json')
  export default { name: 'tries', cycle() {} }`

/** A module that hangs in its cycle, once, when there is a file `hang`. */
const HANGS = `
  import fs from 'node:fs'
  export default { name: 'hangs', async cycle() {
    if (!fs.existsSync('hang')) return
    fs.rmSync('hang')
    await new Promise(() => {})
  } }`
