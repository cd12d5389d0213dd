import { join } from 'node:path'
import { expect } from 'chai'
import { TestRepository } from '../support/deploy/repository.js'
import { until } from '../support/e2e/until.js'
import { type BoxHome, SystemdBox } from './systemd-box.js'
import { LONG_MS, MODULE, WATCHED, Watchdog } from './watched.js'

const BIN = '/opt/box/catalyst/bin/run.js'
const UNITS = '/home/alice/.config/systemd/user'
const CONFIG = '/home/alice/.config/catalyst'

const DEPLOYED = { BOT_START_TIMEOUT: '30', DEPLOY_SETTLE_SECONDS: '1' }

/** A user with two bots, one as a service and one without, and one watchdog for both. */
describe('one watchdog for all homes on a real systemd', () => {
  const box = new SystemdBox()
  let service: BoxHome
  let child: BoxHome

  before(async () => {
    await box.start()
    const settings = (name: string, port: number, more = {}) =>
      Object.entries({ ...WATCHED, ...DEPLOYED, BOT_NAME: name, HEALTH_CHECK_PORT: String(port), ...more })
        .map((pair) => `${pair.join('=')}\n`)
        .join('')
    service = await versioned(
      'service',
      settings('Service', 9100, { WATCHDOG_ENABLED: '0', WATCHDOG_FREEZE_THRESHOLD: '5' }),
    )
    child = await versioned('child', settings('Child', 9101))
  })

  after(() => box.stop())

  /** A home with a version that works, and one that does not. */
  async function versioned(name: string, env: string): Promise<BoxHome> {
    const home = await box.home(name, { '.env': env }, 'root')
    const repository = new TestRepository(home.outside)
    const versions = { v1: MODULE, v2: "throw new Error('this version is broken')\n" }
    for (const [tag, code] of Object.entries(versions)) {
      repository.commit({ '.gitignore': '.env\n.catalyst/\ndata/\n', 'bot.mjs': code }, tag)
      repository.git('tag', tag)
    }
    repository.git('checkout', '--quiet', '--detach', 'v1')
    await box.root(`chown -R alice: ${home.inside}`)
    return home
  }

  const asAlice = (line: string) => box.exec('su', '-', 'alice', '-c', line)
  const all = (...words: string[]) => asAlice(['node', BIN, 'watchdog', ...words, '--all'].join(' '))
  const property = async (unit: string, name: string) =>
    (await asAlice(`XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user show -P ${name} ${unit}`)).stdout.trim()

  async function homesOf() {
    const { stdout } = await all('status', '--json')
    const { running, homes } = JSON.parse(stdout)
    const states = homes.map(({ home, state, bot }: Record<string, string>) => [home, state, bot])
    return { running, states }
  }

  const allWell = () =>
    until(async () => {
      const { running, states } = await homesOf()
      const wanted = [child, service].map(({ inside }) => [inside, 'watched', 'healthy'])
      if (!running || JSON.stringify(states) !== JSON.stringify(wanted)) throw new Error(JSON.stringify(states))
      return true
    }, LONG_MS)

  const watch = (home: BoxHome) => new Watchdog(home, home.outside)

  it('is installed for the user, switches on what is used, and becomes the first that acts on a frozen bot', async () => {
    const installed = await service.catalystAs('alice', 'service', 'install', '--yes')
    expect(installed.code, installed.output).to.equal(0)
    expect(await property('Service', 'WatchdogUSec')).to.equal('5s')
    const registered = JSON.stringify({ homes: [service.inside, child.inside] })
    await box.root(`echo '${registered}' >${CONFIG}/homes.json && chown -R alice: /home/alice/.config`)
    const { code, output } = await all('install', '--yes')
    expect(code, output).to.equal(0)
    expect(output).to.include(`${child.inside}: watched`).and.to.include(`${service.inside}: watched`)
    expect(service.read('.env')).to.include('WATCHDOG_ENABLED=1')
    expect(await box.root(`grep WatchdogSec ${UNITS}/Service.service`)).to.equal('WatchdogSec=10s')
    expect(await property('catalyst-watchdog', 'WatchdogUSec')).to.equal('1min')
    await allWell()
    expect(await property('catalyst-watchdog', 'StatusText')).to.equal('2 homes watched')
    const again = await all('install', '--yes')
    expect(again.output).to.include('catalyst-watchdog: installed already')
    const refused = await service.catalystAs('alice', 'service', 'install', '--with-watchdog', '--yes')
    expect(refused.output).to.include(
      'The shared watchdog catalyst-watchdog watches this home: it needs none of its own.',
    )
    expect(await box.root(`ls ${UNITS} | grep -c watchdog`)).to.equal('1')
  })

  it('is back after a reboot, with all bots', async () => {
    const starts = () => [service, child].map((home) => home.kinds().filter((kind) => kind === 'bot.start').length)
    const [ofService, ofChild] = starts() as [number, number]
    await box.reboot()
    await allWell()
    expect(starts()).to.deep.equal([ofService + 1, ofChild + 1])
  })

  it('brings a bot back that is killed or frozen, as a service and without', async () => {
    for (const home of [service, child])
      for (const signal of ['KILL', 'STOP']) {
        const { pid } = await watch(home).calm()
        const since = Date.now()
        await box.exec('kill', `-${signal}`, String(pid))
        await watch(home).incident('recovered', since)
        expect(watch(home).botPid()).to.not.equal(pid)
      }
  })

  it('lets a version through its gate, and a broken one be rolled back, while it watches the other home', async () => {
    for (const [home, other] of [
      [service, child],
      [child, service],
    ] as const) {
      const [{ restarts }, before] = [await watch(home).calm(), await watch(other).calm()]
      const first = await home.catalystAs('alice', 'deploy', 'run', 'v1', '--yes', '--skip-fetch')
      expect(first.code, first.output).to.equal(0)
      const broken = await home.catalystAs('alice', 'deploy', 'run', 'v2', '--yes', '--skip-fetch')
      expect(broken.code, broken.output).to.equal(1)
      expect(broken.output).to.contain('v2 did not go live: it crashed')
      const { status, report } = JSON.parse((await home.catalystAs('alice', 'health', 'check', '--json')).stdout)
      expect([status, report.release.split('-')[0]]).to.deep.equal(['healthy', 'v1'])
      expect(watch(home).restarts(), 'restarts by the watchdog').to.equal(restarts)
      watch(other).expectSame(before)
    }
  })

  it('is started again after a kill, and watches all of them', async () => {
    const pid = await property('catalyst-watchdog', 'MainPID')
    const ofService = watch(service).botPid()
    await box.exec('kill', '-KILL', pid)
    await until(async () => !['0', pid].includes(await property('catalyst-watchdog', 'MainPID')), LONG_MS)
    await allWell()
    expect(watch(service).botPid(), 'the bot that is a service').to.equal(ofService)
  })

  it('is removed, with the bot that was its child, and leaves the service to its manager', async () => {
    const botPid = watch(service).botPid()
    const { code, output } = await all('uninstall', '--yes')
    expect(code, output).to.equal(0)
    expect(output).to.include('No watchdog watches these homes any more')
    expect(await box.root(`ls ${UNITS}`)).to.not.include('catalyst-watchdog')
    expect(await box.root(`grep WatchdogSec ${UNITS}/Service.service`)).to.equal('WatchdogSec=5s')
    expect(watch(service).botPid()).to.equal(botPid)
    const left = await asAlice(
      'XDG_RUNTIME_DIR=/run/user/$(id -u) systemctl --user list-units --all --no-legend "*watchdog*"',
    )
    expect(left.stdout.trim(), 'units left behind').to.equal('')
    const processes = (await box.root('ps -u alice -o pid=,args= | grep run.js')).split('\n')
    expect(processes.map((line) => Number.parseInt(line, 10))).to.deep.equal([botPid])
    expect(child.kinds().at(-1)).to.equal('bot.stop')
    expect(child.read(join('.catalyst', 'state', 'watchdog.lock'))).to.equal('')
  })
})
