import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { DeployInfo } from '#core/deploy/info.js'
import type { HealthReport } from '#core/health/report.js'
import { TestRepository } from '../support/deploy/repository.js'
import { until } from '../support/e2e/until.js'
import { type BoxHome, type Result, SystemdBox } from './systemd-box.js'
import { LONG_MS, WATCHED, Watchdog } from './watched.js'

type Texts = Readonly<Record<string, string>>

const SETTINGS = {
  ...WATCHED,
  BOT_START_TIMEOUT: '30',
  DEPLOY_SETTLE_SECONDS: '1',
  WATCHDOG_ENABLED: '0',
}

const IGNORED = { '.gitignore': '.env\n.catalyst/\ndata/\nnode_modules/\n.venv/\n' }
const IDLE = "export default { name: 'lab', cycle() {} }\n"

/** A bot whose versions come from a remote. */
interface Site {
  readonly home: BoxHome
  /** Where its versions are made: outside of the box. */
  readonly repository: TestRepository
  readonly port: number
}

describe('deployments on a real systemd', () => {
  const box = new SystemdBox()
  let remotes: BoxHome
  let port = 9000
  let sites: Site[] = []

  before(async () => {
    await box.start()
    remotes = await box.home('remotes', {}, 'root')
    fs.mkdirSync(remotes.outside, { recursive: true })
    const daemon = `git daemon --export-all --listen=127.0.0.1 --base-path=${remotes.inside}`
    const unit = `[Service]\\nExecStart=/usr/bin/${daemon}\\n[Install]\\nWantedBy=multi-user.target\\n`
    await box.root(`printf '${unit}' >/etc/systemd/system/remotes.service; systemctl enable -q --now remotes`)
  })

  after(() => box.stop())

  async function cleanUp(): Promise<void> {
    for (const { home, repository } of sites) {
      const { code, output } = await home.catalyst('service', 'uninstall', '--yes')
      expect(code, output).to.equal(0)
      await box.root(`rm -rf ${home.inside}`)
      for (const folder of [repository.git('remote', 'get-url', 'origin'), repository.folder])
        fs.rmSync(folder, { recursive: true })
    }
    sites = []
    const left = await box.exec('pgrep', '-fa', 'bot start|bot\\.py|slow-install|left-over')
    expect(left.stdout, 'processes left behind').to.equal('')
  }

  /** A remote with these files as v1, and a home that is a clone of it. */
  async function cloned(name: string, files: Texts, settings: Texts = {}, owner = 'alice'): Promise<Site> {
    const repository = new TestRepository(join(box.folder, 'work', name))
    const remote = join(remotes.outside, name)
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote])
    repository.git('remote', 'add', 'origin', remote)
    repository.git('add', '--all') // what a test has put there already
    tagged({ repository }, 'v1', files)
    const inside = `/opt/box/homes/${name}`
    await until(() => box.root(`rm -rf ${inside}; git clone -q git://127.0.0.1/${name} ${inside}; echo done`))
    const mine = port++
    const all = { ...SETTINGS, BOT_NAME: name, HEALTH_CHECK_PORT: String(mine), ...settings }
    const env = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
    const site = { home: await box.home(name, { '.env': env.join('') }, owner), repository, port: mine }
    sites.push(site)
    return site
  }

  /** Makes another version, and brings it to the remote. */
  function tagged({ repository }: Pick<Site, 'repository'>, tag: string, files: Texts): void {
    repository.commit(files, `make ${tag}`)
    repository.git('tag', tag)
    repository.git('push', '--quiet', 'origin', 'main', tag)
  }

  async function installed({ home }: Site, ...flags: string[]): Promise<void> {
    await succeeds(home.catalyst('service', 'install', '--yes', ...flags))
  }

  async function succeeds(command: Promise<Result>): Promise<string> {
    const { code, stdout, output } = await command
    expect(code, output).to.equal(0)
    return stdout
  }

  async function report({ port }: Site): Promise<HealthReport> {
    return JSON.parse(await box.root(`curl -s http://127.0.0.1:${port}/health/detailed`))
  }

  /** Its name is `<tag>-<the commit's first digits>`. */
  function release({ repository }: Site, tag: string): string {
    return `${tag}-${repository.git('rev-parse', `${tag}^{commit}`).slice(0, 8)}`
  }

  /** It is active, and the bot that answers is healthy as that. */
  async function expectLive(site: Site, tag: string): Promise<HealthReport> {
    const said = await report(site)
    expect(said, said.reasons.join('; ')).to.include({ status: 'healthy', release: release(site, tag) })
    const { active, unfinished } = await info(site)
    expect({ tag: active?.tag, unfinished }).to.deep.equal({ tag, unfinished: null })
    return said
  }

  async function info({ home }: Site): Promise<DeployInfo> {
    return JSON.parse(await succeeds(home.catalyst('deploy', 'info', '--json')))
  }

  function lastEntry({ home }: Site, kind: string): unknown {
    return home.journal().findLast((entry) => entry.kind === kind)
  }

  function releases({ home }: Site): string[] {
    return fs
      .readdirSync(join(home.outside, '.catalyst/releases'), { withFileTypes: true })
      .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  }

  for (const owner of ['alice', 'root'])
    describe(`of a bot in JavaScript of ${owner}`, () => {
      const name = `Lab-${owner}`
      let site: Site

      before(async () => {
        site = await cloned(name, { ...IGNORED, ...withPackage(join(box.folder, 'work', name)) }, {}, owner)
        const asOwner = `su - ${owner} -c 'cd ${site.home.inside} && npm ci --no-audit'`
        await box.root(asOwner)
        await installed(site)
        for (const tag of ['v2', 'v3']) tagged(site, tag, { 'VERSION.txt': tag })
        tagged(site, 'v4', { 'bot.mjs': "throw new Error('this version is broken')\n" })
      })

      after(cleanUp)

      /** A package that is no registry's, as the bot's only dependency. */
      function withPackage(folder: string): Texts {
        const npm = (cwd: string, ...words: string[]) =>
          execFileSync('npm', words, { cwd, env: { ...process.env, npm_config_cache: join(box.folder, 'npm') } })
        const parcel = join(box.folder, 'work', `package-${owner}`)
        fs.mkdirSync(join(folder, 'vendor'), { recursive: true })
        fs.mkdirSync(parcel)
        const described = { name: 'lab-greeting', version: '1.0.0', type: 'module', exports: './index.js' }
        fs.writeFileSync(join(parcel, 'package.json'), JSON.stringify(described))
        fs.writeFileSync(join(parcel, 'index.js'), "export const greeting = 'hello of a package'\n")
        npm(parcel, 'pack', '--silent', '--pack-destination', join(folder, 'vendor'))
        const dependencies = { 'lab-greeting': 'file:vendor/lab-greeting-1.0.0.tgz' }
        fs.writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'bot', private: true, dependencies }))
        npm(folder, 'install', '--package-lock-only', '--offline', '--silent')
        return {
          'bot.mjs': `
            import fs from 'node:fs'
            import { greeting } from 'lab-greeting'
            const version = fs.existsSync('VERSION.txt') ? fs.readFileSync('VERSION.txt', 'utf8') : 'v1'
            let cycles = 0
            export default { name: 'lab', cycle(ctx) { if (cycles++ === 0) ctx.log.info(greeting + ' in ' + version) } }`,
        }
      }

      it('ships each version with what it depends on, and comes back by itself from one that is broken', async () => {
        const { home } = site
        const pids = new Set<number>()
        for (const tag of ['v1', 'v2', 'v3']) {
          await succeeds(home.catalyst('deploy', 'run', tag, '--yes'))
          pids.add((await expectLive(site, tag)).pid)
          expect(home.read('data/logs/bot.jsonl')).to.contain(`hello of a package in ${tag}`)
        }
        expect(pids).to.have.property('size', 3)
        const { code, output } = await home.catalyst('deploy', 'run', 'v4', '--yes')
        expect(code, output).to.equal(1)
        expect(output).to.contain('v4 did not go live: it crashed (exit code 1): this version is broken')
        pids.add((await expectLive(site, 'v3')).pid)
        expect(pids).to.have.property('size', 4)
        expect(lastEntry(site, 'rating')).to.include({ tag: 'v4', rating: 'bad' })
        expect(lastEntry(site, 'deploy.end')).to.include({ outcome: 'rolled_back', active: release(site, 'v3') })
        const again = await home.catalyst('deploy', 'run', 'v4', '--yes')
        expect(again.code).to.equal(1)
        expect(again.output).to.contain('has proven bad').and.to.contain('this version is broken')
        const foreign = await box.root(
          `find ${home.inside} ! -user ${owner} ! -path '*/.git/*' ! -name 'service_std*' | head`,
        )
        expect(foreign, "somebody else's files").to.equal('')
      })

      it('goes back to the last good one, and further back, and by its name to the version that it came from', async () => {
        for (const tag of ['v2', 'v1']) {
          await succeeds(site.home.catalyst('deploy', 'rollback', '--last-good', '--yes'))
          await expectLive(site, tag)
        }
        await succeeds(site.home.catalyst('deploy', 'rollback', 'v3', '--yes'))
        await expectLive(site, 'v3')
      })

      it('goes back to the first version and its settings by the wizard, in a terminal', async () => {
        const { home } = site
        const { pid } = await expectLive(site, 'v3')
        const before = home.read('.env')
        home.write('.env', `${before}ADDED=1\n`)
        const { code, output } = await box.inTerminal(home.words('deploy', 'rollback'), [
          ['Back to which version?', 'v1'],
          ['? Back to which version? v1\r\n❯ v1', '\r'],
          ["❯ The version's snapshot, with today's secrets", '\r'],
          ['Type v1 to go on', 'v1\r'],
        ])
        expect(code, output).to.equal(0)
        expect((await expectLive(site, 'v1')).pid).to.not.equal(pid)
        expect(home.read('.env')).to.equal(before)
      })

      it('leaves all as it is when the wizard is left', async () => {
        const before = await report(site)
        for (const key of ['\x1b', '\x03']) {
          const { code, output } = await box.inTerminal(site.home.words('deploy', 'rollback'), [
            ['Back to which version?', 'v2'],
            ['? Back to which version? v2\r\n❯ v2', '\r'],
            ['Type v2 to go on', key],
          ])
          expect(code, output).to.not.equal(0)
          expect(output).to.contain('Nothing was changed')
        }
        const { pid, release } = await report(site)
        expect({ pid, release }).to.deep.equal({ pid: before.pid, release: before.release })
      })

      it('restores settings, and undoes that', async () => {
        const { home } = site
        const before = home.read('.env')
        await succeeds(home.catalyst('deploy', 'backup'))
        home.write('.env', `${before.replace('BOT_CYCLE_SECONDS=0.1', 'BOT_CYCLE_SECONDS=0.2')}ADDED=1\n`)
        const changed = home.read('.env')
        const said = await succeeds(home.catalyst('deploy', 'restore', '--yes'))
        expect(said)
          .to.match(/- +ADDED/)
          .and.to.match(/~ +BOT_CYCLE_SECONDS/)
        expect(home.read('.env')).to.equal(before)
        await succeeds(home.catalyst('deploy', 'restore', '--yes'))
        expect(home.read('.env')).to.equal(changed)
        await succeeds(home.catalyst('deploy', 'restore', '--yes'))
        expect(home.read('.env')).to.equal(before)
      })
    })

  it('are made by a user whose own manager keeps the bot, and not by one who may not restart it', async () => {
    const files = { ...IGNORED, 'bot.mjs': IDLE }
    const [own, systems] = [await cloned('Own', files), await cloned('Systems', files)]
    tagged(own, 'v2', { 'bot.mjs': "throw new Error('this version is broken')\n" })
    await succeeds(own.home.catalystAs('alice', 'service', 'install', '--yes'))
    await succeeds(own.home.catalystAs('alice', 'deploy', 'run', 'v1', '--yes'))
    const { pid } = await expectLive(own, 'v1')
    const broken = await own.home.catalystAs('alice', 'deploy', 'run', 'v2', '--yes')
    expect(broken.code, broken.output).to.equal(1)
    expect((await expectLive(own, 'v1')).pid).to.not.equal(pid)
    await installed(systems)
    const { code, output } = await systems.home.catalystAs('alice', 'deploy', 'run', 'v1', '--yes')
    expect(code, output).to.equal(77)
    expect(output).to.contain('Only root may restart the service Systems')
    expect(systems.home.kinds()).to.not.include('deploy.begin')
    await succeeds(own.home.catalystAs('alice', 'service', 'uninstall', '--yes'))
    await cleanUp()
  })

  it("install with the tools and the proxies of whoever deploys, but with nothing that is root's own", async () => {
    const files = { ...IGNORED, 'bot.mjs': IDLE, 'install.sh': 'env >environment.txt\n' }
    const made = await cloned('Lab', files, { DEPLOY_INSTALL_COMMAND: 'bash install.sh' })
    await installed(made)
    const own = { npm_config_cache: '/root/.npm', XDG_CONFIG_HOME: '/root/.config', LAB_TOKEN: 'of root' }
    const variables = Object.entries({ ...own, https_proxy: 'http://127.0.0.1:3128' }).map((pair) => pair.join('='))
    await succeeds(box.exec('env', ...variables, ...made.home.words('deploy', 'run', 'v1', '--yes')))
    await expectLive(made, 'v1')
    const seen = made.home.read(`.catalyst/releases/${release(made, 'v1')}/environment.txt`).split('\n')
    expect(seen).to.include.members(['HOME=/home/alice', 'USER=alice', 'https_proxy=http://127.0.0.1:3128'])
    expect(seen.filter((line) => variables.slice(0, -1).includes(line))).to.deep.equal([])
    await cleanUp()
  })

  describe('that are cut off', () => {
    /** Goes on without end, and leaves another process behind that has let go of it. */
    const ENDLESS = `
      (setsid bash -c 'exec -a left-over sleep 1000' </dev/null >/dev/null 2>&1 &)
      exec -a slow-install sleep 1000\n`
    const NEVER_READY = 'setInterval(() => {}, 1000)\nawait new Promise(() => {})\n'

    afterEach(cleanUp)

    /** v1 is live. Installing v2 takes for ever; v3 never proves itself. */
    async function site(name: string, settings: Texts, ...flags: string[]): Promise<Site> {
      const files = { ...IGNORED, 'bot.mjs': IDLE, 'install.sh': 'echo nothing to do\n' }
      const made = await cloned(name, files, { DEPLOY_INSTALL_COMMAND: 'bash install.sh', ...settings })
      tagged(made, 'v2', { 'install.sh': ENDLESS })
      tagged(made, 'v3', { 'install.sh': '', 'bot.mjs': NEVER_READY })
      await installed(made, ...flags)
      await succeeds(made.home.catalyst('deploy', 'run', 'v1', '--yes'))
      return made
    }

    /** Begins a deployment, and waits until it is in the middle of that step; the answer is its pid. */
    async function middleOf({ home }: Site, tag: string, step: string): Promise<number> {
      void home.catalyst('deploy', 'run', tag, '--yes')
      await until(() => {
        const last = home.journal().findLast(({ kind }) => kind === 'deploy.step')
        return last?.step === step && last.state === 'begin'
      }, LONG_MS)
      if (step === 'install') await until(async () => (await tools()) === 2)
      return JSON.parse(home.read('.catalyst/state/deploy.lock')).pid
    }

    async function tools(): Promise<number> {
      return Number(await box.root("pgrep -fc '^(slow-install|left-over) ' || true"))
    }

    async function expectBack(made: Site, tag: string): Promise<HealthReport> {
      const { home } = made
      expect(home.read('.catalyst/state/deployment.json'), 'deployment.json').to.equal('')
      expect(await tools(), 'processes of the installation').to.equal(0)
      expect(lastEntry(made, 'deploy.recover')).to.include({ direction: 'back', release: release(made, tag) })
      expect(lastEntry(made, 'deploy.end')).to.include({ outcome: 'rolled_back', active: release(made, 'v1') })
      if (tag === 'v2') expect(releases(made)).to.deep.equal([release(made, 'v1')])
      return expectLive(made, 'v1')
    }

    it('are brought back to what ran before by catalyst deploy recover', async () => {
      const made = await site('Alone', {})
      const { home } = made
      const { pid } = await report(made)
      await box.exec('kill', '-9', String(await middleOf(made, 'v2', 'install')))
      const refused = await until(async () => {
        const run = await home.catalyst('deploy', 'run', 'v2', '--yes')
        return run.code === 1 && run.output
      })
      expect(refused).to.contain('was interrupted').and.to.contain('catalyst deploy recover')
      expect(await tools()).to.equal(2)
      const said = await succeeds(home.catalyst('deploy', 'recover', '--yes'))
      expect(said).to.contain('Nothing that runs was touched')
      expect((await expectBack(made, 'v2')).pid).to.equal(pid)
      expect(await succeeds(home.catalyst('deploy', 'recover', '--yes'))).to.contain('No deployment was interrupted')
    })

    it('are brought back by catalyst deploy recover when the new version runs already', async () => {
      const made = await site('Alone', {})
      const { pid } = await report(made)
      await box.exec('kill', '-9', String(await middleOf(made, 'v3', 'gate')))
      await succeeds(made.home.catalyst('deploy', 'recover', '--yes'))
      expect((await expectBack(made, 'v3')).pid).to.not.equal(pid)
    })

    it('are broken off by Ctrl-C, and by a terminal that goes away', async () => {
      const made = await site('Alone', {})
      const { home } = made
      const { pid } = await report(made)
      for (const key of ['\x03', null]) {
        const seen = await box.inTerminal(home.words('deploy', 'run', 'v2', '--yes'), [
          ['install: bash install.sh … 1 s', key],
        ])
        if (key !== null) {
          expect(seen.code, seen.output).to.equal(1)
          expect(seen.output).to.contain('The deployment of v2 was cancelled')
        }
        expect(home.read('.catalyst/state/deployment.json'), 'deployment.json').to.equal('')
        expect(await tools(), 'processes of the installation').to.equal(0)
        expect(lastEntry(made, 'deploy.end')).to.include({ outcome: 'cancelled', active: release(made, 'v1') })
        expect(releases(made)).to.deep.equal([release(made, 'v1')])
        expect((await expectLive(made, 'v1')).pid).to.equal(pid)
      }
      expect(home.kinds().filter((kind) => kind === 'deploy.end')).to.have.length(3)
    })

    for (const [tag, step, when] of [
      ['v2', 'install', 'while it installs'],
      ['v3', 'gate', 'while the new version is to prove itself'],
    ] as const) {
      it(`are brought back by the watchdog alone, ${when}`, async () => {
        const made = await site('Watched', { WATCHDOG_ENABLED: '1' }, '--with-watchdog')
        const { pid } = await report(made)
        await box.exec('kill', '-9', String(await middleOf(made, tag, step)))
        await until(
          () => lastEntry(made, 'deploy.end') && made.home.read('.catalyst/state/deployment.json') === '',
          LONG_MS,
        )
        const after = await expectBack(made, tag)
        if (tag === 'v2') expect(after.pid).to.equal(pid)
        expect(new Watchdog(made.home, made.home.outside).restarts(), 'restarts').to.equal(0)
      })

      it(`are brought back by the watchdog alone after a power cut ${when}`, async () => {
        const made = await site('Watched', { WATCHDOG_ENABLED: '1' }, '--with-watchdog')
        await middleOf(made, tag, step)
        await box.powerCut()
        await until(() => made.home.read('.catalyst/state/deployment.json') === '', LONG_MS)
        await until(async () => (await report(made)).status === 'healthy', LONG_MS)
        await expectBack(made, tag)
      })
    }
  })

  describe('of a bot in Python', () => {
    const BOT = `
import json, os, signal, sys, time, urllib.request
from lab_greeting import greeting
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print(f"{greeting} for {open('VERSION.txt').read()}", flush=True)
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
while True:
    body = json.dumps({"next_in_seconds": 0.5}).encode()
    direct.open(urllib.request.Request(os.environ["CATALYST_REPORT_URL"] + "/cycle", body), timeout=5).close()
    time.sleep(0.2)
`
    const SETTINGS_OF_PYTHON = { BOT_MODULE: '', BOT_COMMAND: '.venv/bin/python bot.py', BOT_PROOF: 'report' }
    const WHEEL = 'lab_greeting-1.0.0-py3-none-any.whl'

    after(cleanUp)

    /** A wheel as it is: a zip file with the module and what describes it. */
    function withWheel(folder: string): void {
      const parts = new Map([
        ['lab_greeting.py', "greeting = 'hello of a wheel'\n"],
        ['lab_greeting-1.0.0.dist-info/METADATA', 'Metadata-Version: 2.1\nName: lab-greeting\nVersion: 1.0.0\n'],
        ['lab_greeting-1.0.0.dist-info/WHEEL', 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
      ])
      const record = [...parts.keys(), 'lab_greeting-1.0.0.dist-info/RECORD'].map((path) => `${path},,\n`)
      parts.set('lab_greeting-1.0.0.dist-info/RECORD', record.join(''))
      const made = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for path, text in json.loads(sys.argv[2]): wheel.writestr(path, text)`
      fs.mkdirSync(join(folder, 'vendor'), { recursive: true })
      execFileSync('python3', ['-c', made, join(folder, 'vendor', WHEEL), JSON.stringify([...parts])])
    }

    it('come with a virtual environment each', async () => {
      const folder = join(box.folder, 'work', 'Python')
      withWheel(folder)
      const files = { ...IGNORED, 'bot.py': BOT, 'requirements.txt': `./vendor/${WHEEL}\n`, 'VERSION.txt': 'v1' }
      const site = await cloned('Python', files, SETTINGS_OF_PYTHON)
      const { home } = site
      tagged(site, 'v2', { 'VERSION.txt': 'v2' })
      tagged(site, 'v3', { 'bot.py': 'import missing_of_course\n', 'VERSION.txt': 'v3' })
      await succeeds(home.catalyst('deploy', 'run', 'v1', '--yes')) // nobody keeps it yet
      await installed(site)
      await until(async () => (await report(site)).status === 'healthy')
      await expectLive(site, 'v1')
      await succeeds(home.catalyst('deploy', 'run', 'v2', '--yes'))
      await expectLive(site, 'v2')
      expect(home.read('data/logs/bot.jsonl')).to.contain('hello of a wheel for v2')
      const { code, output } = await home.catalyst('deploy', 'run', 'v3', '--yes')
      expect(code, output).to.equal(1)
      await expectLive(site, 'v2')
      expect(lastEntry(site, 'rating')).to.include({ tag: 'v3', rating: 'bad' })
    })

    it('find the tools of the machine also where node lies elsewhere', async () => {
      const [site] = sites as [Site]
      await box.root('mkdir -p /opt/node/bin; cp "$(readlink -f "$(command -v node)")" /opt/node/bin/node')
      tagged(site, 'v4', { 'bot.py': BOT, 'VERSION.txt': 'v4' })
      const [, ...words] = site.home.words('deploy', 'run', 'v4', '--yes')
      await succeeds(box.exec('/opt/node/bin/node', ...words))
      await expectLive(site, 'v4')
    })
  })
})
