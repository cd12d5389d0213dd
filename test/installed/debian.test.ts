import fs from 'node:fs'
import os from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { type BoxHome, SystemdBox } from '../labs/systemd-box.js'
import { LONG_MS, Watchdog } from '../labs/watched.js'
import { makeDebian } from '../support/debian.js'
import { until } from '../support/e2e/until.js'
import { removeFolder } from '../support/temp.js'
import { type Debs, makeDebs, makePythonWheel, makeTarball } from './packages.js'

const MAKE_MS = 10 * 60_000

const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'python3', 'pipx', 'libatomic1']

/** A bot that knows nothing of Catalyst, with Python's standard library alone. */
const PYTHON_BOT = {
  'bot.py': `
import time
while True:
    print("polled 3 updates", flush=True)
    time.sleep(0.3)
`,
}

/** Quick to notice a freeze, to end what is frozen, and to be believed. */
const QUICK = [
  ...['WATCHDOG_FREEZE_THRESHOLD=6', 'WATCHDOG_CHECK_INTERVAL=1', 'SERVICE_RESTART_DELAY=0.1'],
  ...['BOT_STOP_TIMEOUT=2', 'DEPLOY_SETTLE_SECONDS=1', 'BOT_LOG_PROOF=polled'],
].flatMap((setting) => ['--set', setting])
const INIT = ['init', '--yes', '--no-alert', '--no-drill', '--proof', 'log', ...QUICK]

const PIPX = '/home/alice/.local/bin/catalyst'

/** Installs a package, and kills what restarts the services in the middle of it, as a loss of power would. */
const INTERRUPTED = `
import glob, os, signal, subprocess, sys, time
def pids(words):
    for file in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            if words in open(file, "rb").read().replace(b"\\0", b" "):
                yield int(file.split("/")[2])
        except OSError:
            pass
upgrade, postinst = b"service" + b" upgrade", b"postinst" + b" configure" # not as it stands in this one's command line
dpkg = subprocess.Popen(["dpkg", "--install", sys.argv[1]])
while not list(pids(upgrade)):
    assert dpkg.poll() is None, "it is done already"
    time.sleep(0.05)
for pid in [*pids(postinst), *pids(upgrade)]:
    os.kill(pid, signal.SIGKILL)
sys.exit(dpkg.wait())
`

describe('installed on a Debian without node, npm and git', () => {
  const work = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-installed-'))
  /** One that was made before makes the inner loop quicker. */
  const root = process.env.DEBIAN_ROOT ?? join(work, 'root')
  const box = new SystemdBox({ root })
  let debs: Debs
  let wheel: string
  let tarball: string

  before(async function () {
    this.timeout(MAKE_MS)
    fs.chmodSync(work, 0o755)
    const debian = process.env.DEBIAN_ROOT ?? makeDebian(root, 'minbase', PACKAGES)
    debs = await makeDebs(work)
    wheel = await makePythonWheel(work)
    tarball = await makeTarball(work)
    await debian
    await box.start()
    for (const program of ['node', 'npm', 'git'])
      expect((await box.exec('which', program)).code, program).to.not.equal(0)
  })

  after(async () => {
    await box.stop()
    removeFolder(work)
  })

  /** All files and links of the machine but those of the homes, and what the system itself writes. */
  async function files(): Promise<string[]> {
    const list = await box.root('find / -xdev \\( -type f -o -type l \\)')
    const own = /^\/(opt\/box|proc|sys|var\/(log|cache|tmp|lib\/(dpkg|systemd)))\/|^\/root\/\.|__pycache__|\/\.cache\//
    return list.split('\n').filter((path) => !own.test(path))
  }

  const asAlice = (line: string) => box.exec('su', '-', 'alice', '-c', line)

  function pidOfProgram(home: BoxHome): number {
    return JSON.parse(home.read('.catalyst/state/bot.json')).program.pid
  }

  /** Freezes the bot's program, and waits until the watchdog has brought it back. */
  async function freeze(home: BoxHome): Promise<void> {
    const watchdog = new Watchdog(home, home.outside)
    const sound = await watchdog.calm()
    const since = Date.now()
    await box.root(`kill -STOP ${pidOfProgram(home)}`)
    await watchdog.broughtBack(sound, since)
  }

  /** The node that the bot of a home runs on, by its path. */
  const nodeOf = (home: BoxHome) =>
    box.root(`readlink /proc/${JSON.parse(home.read('.catalyst/state/bot.json')).pid}/exe`)

  describe('as a Python wheel, by pipx', () => {
    it('is a watched bot in three commands, which comes back when it freezes', async () => {
      const home = await box.home('pipx', PYTHON_BOT, 'alice', [PIPX])
      const file = box.put(wheel)
      const commands = [
        ['su', '-', 'alice', '-c', `PIP_NO_INDEX=1 pipx install ${file}`],
        ['loginctl', 'enable-linger', 'alice'], // the machine's root does this for a user without the right
        ['su', '-', 'alice', '-c', `cd ${home.inside} && ~/.local/bin/catalyst ${INIT.join(' ')} </dev/null`],
      ]
      const began = Date.now()
      for (const command of commands) {
        const { code, output } = await box.execLong(...command)
        expect(code, output).to.equal(0)
      }
      console.log(`      ${commands.length} commands, ${Math.round((Date.now() - began) / 1000)} s`)
      expect(await nodeOf(home)).to.equal(
        '/home/alice/.local/pipx/venvs/catalyst-bot/lib/python3.11/site-packages/catalyst_bot/program/runtime/node',
      )
      await freeze(home)
    })

    it('says what needs git, where there is none', async () => {
      const home = await box.home('pipx', {}, 'alice', [PIPX])
      for (const words of [
        ['deploy', 'run', 'v1.0.0', '--yes'],
        ['deploy', 'tag', 'v1.0.0'],
      ]) {
        const { code, output } = await home.catalystAs('alice', ...words)
        expect(code, output).to.not.equal(0)
        expect(output, words.join(' ')).to.match(/git is not installed/)
      }
    })

    it('says which library to install, where it is missing', async () => {
      const library = '/usr/lib/x86_64-linux-gnu/libatomic.so.1'
      await box.root(`mv ${library} ${library}.away`)
      const { code, output } = await asAlice(`${PIPX} --version`)
      await box.root(`mv ${library}.away ${library}`)
      expect(code).to.equal(1)
      expect(output).to.contain('sudo apt install libatomic1')
    })

    it('leaves nothing but the home', async () => {
      const home = await box.home('pipx', {}, 'alice', [PIPX])
      const removed = await home.catalystAs('alice', 'service', 'uninstall', '--yes')
      expect(removed.code, removed.output).to.equal(0)
      expect((await asAlice('pipx uninstall catalyst-bot')).code).to.equal(0)
      expect((await files()).filter((path) => /catalyst|pipx\.service|pipx-watchdog/.test(path))).to.deep.equal([
        '/home/alice/.config/catalyst/homes.json', // which of alice's folders are homes
      ])
    })
  })

  describe('as a tarball', () => {
    it('runs the demo, and is gone with its folder', async () => {
      const before = await files()
      await box.root(`mkdir /opt/tar && tar xzf ${box.put(tarball)} -C /opt/tar`)
      const catalyst = `/opt/tar/${basename(tarball, '.tar.gz')}/catalyst`
      const home = await box.home('demo', { '.env': '' }, 'alice', [catalyst])
      await box.root(`systemd-run --unit=demo --uid=alice ${home.words('bot', 'start', '--demo').join(' ')}`)
      await until(async () => (await home.catalyst('health', 'check')).code === 0, LONG_MS)
      await box.root('systemctl stop demo && rm -r /opt/tar')
      expect(await files()).to.deep.equal(before)
    })
  })

  describe('as a .deb', () => {
    let before: string[]
    let ofRoot: BoxHome
    let ofBob: BoxHome

    const install = (file: string) => box.execLong('dpkg', '--install', box.put(file))
    const version = async () => (await box.root('catalyst --version')).split(' ')[0]
    const released = '/usr/lib/catalyst/versions'

    it('is a command with its manual and completion, and watches a bot that freezes', async () => {
      before = await files()
      const { code, output } = await install(debs.first)
      expect(code, output).to.equal(0)
      expect(await box.root('stat -c %a /usr/lib/catalyst /usr/lib/catalyst/current/app | uniq')).to.equal('755')
      await box.root('test -s /usr/share/man/man1/catalyst.1.gz || test -e /etc/dpkg/dpkg.cfg.d/excludes')
      await box.root('bash -c "source /usr/share/bash-completion/completions/catalyst && complete -p catalyst"')
      ofRoot = await box.home('stranger', PYTHON_BOT, 'alice', ['catalyst'])
      ofBob = await box.home('bobs', PYTHON_BOT, 'bob', ['catalyst'])
      const first = await ofRoot.catalyst(...INIT)
      expect(first.code, first.output).to.equal(0)
      await freeze(ofRoot)
      await box.root('loginctl enable-linger bob')
      const second = await ofBob.catalystAs('bob', ...INIT, '--no-watchdog', '--port', '8090')
      expect(second.code, second.output).to.equal(0)
      expect(await nodeOf(ofRoot)).to.match(/^\/usr\/lib\/catalyst\/versions\/[^/]+\/runtime\/node$/)
    })

    it('restarts all services at an upgrade, once each, and leaves a bot stopped that was', async () => {
      const stopped = await box.home('stopped', PYTHON_BOT, 'alice', ['catalyst'])
      const made = await stopped.catalyst(...INIT, '--no-watchdog', '--port', '8091')
      expect(made.code, made.output).to.equal(0)
      await stopped.catalyst('service', 'stop')
      const starts = ofRoot.kinds().filter((kind) => kind === 'bot.start').length

      const { code, output } = await install(debs.good)
      expect(code, output).to.equal(0)
      expect(output, output)
        .to.match(/bobs .* runs 0\.2\.0, and works/)
        .and.match(/stranger .* runs 0\.2\.0, and works/)
      for (const home of [ofRoot, ofBob]) expect(await nodeOf(home)).to.equal(`${released}/0.2.0/runtime/node`)
      const watchdog = 'readlink /proc/$(systemctl show -P MainPID stranger-watchdog)/exe'
      expect(await box.root(watchdog)).to.equal(`${released}/0.2.0/runtime/node`)
      expect(await box.root('systemctl is-active stopped || true')).to.equal('inactive')
      expect(ofRoot.kinds().filter((kind) => kind === 'bot.start').length).to.equal(starts + 1)
      expect(new Watchdog(ofRoot, ofRoot.outside).file().incident?.state).to.not.equal('open')
      await stopped.catalyst('service', 'uninstall', '--yes')
    })

    it('takes an upgrade back with which a bot does not come up, also where its disk is full', async () => {
      await box.root('ln -s /dev/full /usr/lib/catalyst/taken-back')
      const { code, output } = await install(debs.broken)
      expect(code, output).to.equal(0)
      expect(output, output)
        .to.match(/bobs .* does not work with 0\.3\.0/)
        .and.match(/bobs .* (runs 0\.2\.0, and works|was left as it is)/)
        .and.match(/The update to 0\.3\.0 was taken back.*All services that ran before run with it again/)
        .and.contain('sudo dpkg-reconfigure catalyst')
      expect(await version()).to.equal('catalyst-bot/0.2.0')
      for (const home of [ofRoot, ofBob]) expect(await nodeOf(home)).to.equal(`${released}/0.2.0/runtime/node`)
      expect((await ofBob.catalystAs('bob', 'health', 'check')).code).to.equal(0)
      expect(await box.root('dpkg-query -W catalyst')).to.match(/0\.3\.0$/)
    })

    it('says so later, too, and tries it once more when it is told to', async () => {
      await box.root('rm /usr/lib/catalyst/taken-back')
      const { code, output } = await box.execLong('dpkg-reconfigure', 'catalyst')
      expect(code, output).to.equal(0)
      expect(output, output).to.match(/The update to 0\.3\.0 was taken back/)
      expect(await box.root('catalyst update')).to.contain('The update to 0.3.0 was taken back')
      expect(JSON.parse(await box.root('catalyst update --json')).taken_back).to.equal('0.3.0')
    })

    it('begins an upgrade anew that was interrupted', async () => {
      const interrupted = await box.execLong('python3', '-c', INTERRUPTED, box.put(debs.first))
      expect(interrupted.code, interrupted.output).to.equal(1)
      const { code, output } = await box.execLong('dpkg', '--configure', '--pending')
      expect(code, output).to.equal(0)
      expect(output, output).to.match(/stranger .* runs 0\.1\.0, and works/)
      for (const home of [ofRoot, ofBob]) expect(await nodeOf(home)).to.match(/versions\/0\.1\.0(\.2)?\/runtime/)
      expect(await box.root('ls -A /usr/lib/catalyst')).to.equal('current\npackage\nprevious\nversions')
    })

    it('refuses to go while services need it, and says what to type', async () => {
      const { code, output } = await box.exec('dpkg', '--remove', 'catalyst')
      expect(code).to.not.equal(0)
      expect(output)
        .to.contain(`sudo catalyst service uninstall --yes --home '${ofRoot.inside}'`)
        .and.contain(`sudo -u bob catalyst service uninstall --yes --home '${ofBob.inside}'`)
      expect((await ofRoot.catalyst('health', 'check')).code).to.equal(0)
    })

    it('leaves nothing but the homes', async () => {
      for (const removed of [
        await ofRoot.catalyst('service', 'uninstall', '--yes'),
        await ofBob.catalystAs('bob', 'service', 'uninstall', '--yes'),
        await box.exec('dpkg', '--purge', 'catalyst'),
      ])
        expect(removed.code, removed.output).to.equal(0)
      const left = (await files()).filter((path) => !before.includes(path))
      expect(left.filter((path) => !path.endsWith('/.config/catalyst/homes.json'))).to.deep.equal([])
    })
  })
})
