import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { readConfig } from '#core/config/load.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { writeInstalled } from '#core/home/installed-services.js'
import { makePause, writePause } from '#core/home/pause.js'
import { identify, thisProcess } from '#core/platform/process/process-id.js'
import { runSharedWatchdog } from '#core/watchdog/shared/run-shared.js'
import { readSharedFile } from '#core/watchdog/shared/shared-file.js'
import type { Standing } from '#core/watchdog/shared/standing.js'
import { watchdogStatus } from '#core/watchdog/status.js'
import { readWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const SECOND = 1000
/** Two looks at everything, and the pauses between the begins of some homes. */
const A_WHILE = 15 * SECOND

const onPosix = process.platform === 'win32' ? () => {} : it
const asRoot = process.getuid?.() === 0 ? it : () => {}
const NOBODY = 65534

/** Homes of one user, and the watchdog that they share; what goes wrong in one of them is up to each test. */
class Shared {
  readonly clock = new FakeClock()
  readonly folder = tempFolder()
  readonly paths: HomePaths = homePaths(join(this.folder, 'catalyst', 'shared-watchdog'))
  readonly said: string[] = []
  /** The homes whose disks hang, and what lets them answer. */
  readonly hanging = new Set<string>()
  readonly #waiting: (() => void)[] = []
  /** Does something in place of opening the services of a home. */
  services = async (_name: string): Promise<undefined> => undefined
  read = (home: string) => readConfig(home, {})
  #running: Promise<number> = Promise.resolve(0)

  home(name: string, settings: Record<string, string> = {}): HomePaths {
    const paths = homePaths(join(this.folder, name))
    for (const folder of [paths.state, paths.data]) mkdirSync(folder, { recursive: true })
    this.write(paths, settings)
    writeDesiredStop(paths, 'the test', this.clock.now()) // no bot is started for it
    this.register(...this.registered(), paths.home)
    return paths
  }

  write(paths: HomePaths, settings: Record<string, string> = {}): void {
    const all = { WATCHDOG_ENABLED: '1', WATCHDOG_CHECK_INTERVAL: '1', BOT_NAME: basename(paths.home), ...settings }
    const lines = Object.entries(all).map((pair) => `${pair.join('=')}\n`)
    writeFileSync(paths.env, lines.join(''))
  }

  registered(): string[] {
    const path = join(this.folder, 'catalyst', 'homes.json')
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).homes : []
  }

  register(...homes: string[]): void {
    mkdirSync(join(this.folder, 'catalyst'), { recursive: true })
    writeFileSync(join(this.folder, 'catalyst', 'homes.json'), JSON.stringify({ homes }))
  }

  begin(): void {
    this.#running = runSharedWatchdog(this.clock, {
      paths: this.paths,
      settings: readConfig(this.paths.home, {}).settings,
      console: (line) => this.said.push(JSON.parse(line).msg),
      read: (home) => this.read(home),
      isThere: async (path) => {
        const home = join(path, '..')
        if (this.hanging.has(home)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
        return existsSync(path)
      },
      open: ({ home }) => ({
        services: () => this.services(basename(home)),
        command: [process.execPath, '-e', ''],
        recover: async () => {},
        repair: async () => {},
        takeBack: async () => 'not due',
        console: () => {},
      }),
    })
  }

  answer(): void {
    this.hanging.clear()
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async end(): Promise<number> {
    process.emit('SIGTERM')
    return this.clock.turnUntil(this.#running)
  }

  standing({ home }: HomePaths): Standing | undefined {
    const one = readSharedFile(this.paths)?.homes.find((other) => other.home === home)
    return one && { state: one.state, why: one.why }
  }

  /** Expects each of these homes to be observed on and on. */
  async expectWatched(...homes: HomePaths[]): Promise<void> {
    const checked = () => homes.map((paths) => readWatchdogFile(paths)?.checked_at ?? 0)
    const before = checked()
    await this.clock.turn(3 * SECOND)
    for (const [index, at] of checked().entries()) {
      const name = basename((homes[index] as HomePaths).home)
      expect(at, name).to.be.above(before[index] as number)
      expect(this.standing(homes[index] as HomePaths), name).to.deep.equal({ state: 'watched', why: null })
    }
  }

  saidOf(paths: HomePaths): string[] {
    return this.said.filter((text) => text.includes(paths.home))
  }
}

describe('the watchdog of all homes', () => {
  afterEach(removeTempFolders)

  it('watches each home with its own lock, log, file and metrics, and lets go of all of them when it ends', async () => {
    const shared = new Shared()
    const [a, b] = [shared.home('a', { METRICS_FILE: 'metrics.prom' }), shared.home('b')]
    shared.begin()
    await shared.clock.turn(A_WHILE)
    await shared.expectWatched(a, b)
    for (const paths of [a, b]) {
      const status = await watchdogStatus(paths, readConfig(paths.home, {}).settings, shared.clock.now())
      expect(status).to.include({ running: true, pid: process.pid, shared: true, late: false })
      expect(readFileSync(join(paths.logs, 'watchdog.log'), 'utf8')).to.include(`watching ${paths.home}`)
    }
    expect(readFileSync(join(a.home, 'metrics.prom'), 'utf8')).to.include('catalyst_watchdog_running{bot="a"} 1')
    expect(await shared.end()).to.equal(0)
    for (const paths of [a, b, shared.paths]) expect(existsSync(paths.watchdogLock), paths.home).to.equal(false)
    for (const paths of [a, b]) expect(readWatchdogFile(paths)?.watching).to.equal(false)
    expect(readFileSync(join(a.home, 'metrics.prom'), 'utf8')).to.include('catalyst_watchdog_running{bot="a"} 0')
  })

  it('does not observe all homes in the same moment', async () => {
    const shared = new Shared()
    const homes = ['a', 'b', 'c', 'd'].map((name) => shared.home(name, { WATCHDOG_CHECK_INTERVAL: '60' }))
    shared.begin()
    await shared.clock.turn(A_WHILE)
    const times = homes.map((paths) => readWatchdogFile(paths)?.checked_at as number)
    await shared.end()
    for (const [index, at] of times.entries())
      for (const other of times.slice(index + 1)) expect(Math.abs(at - other) % SECOND).to.be.within(50, 950)
  })

  describe('where one home fails', () => {
    /** Begins with one home that is sound, and lets another one fail. */
    async function failing(fail: (shared: Shared, bad: HomePaths) => void) {
      const shared = new Shared()
      const bad = shared.home('bad')
      const good = shared.home('good')
      fail(shared, bad)
      shared.begin()
      await shared.clock.turn(A_WHILE)
      await shared.expectWatched(good)
      return { shared, bad, good }
    }

    it('watches the others, says once why, and takes a broken .env that was mended within two looks', async () => {
      const { shared, bad, good } = await failing((one, paths) => one.write(paths, { WATCHDOG_MAX_RESTARTS: 'many' }))
      await shared.clock.turn(60 * SECOND)
      expect(shared.saidOf(bad)).to.have.length(1)
      expect(shared.saidOf(bad)[0]).to.match(/can't be watched: its settings have faults: WATCHDOG_MAX_RESTARTS/)
      shared.write(bad)
      await shared.clock.turn(10 * SECOND)
      await shared.expectWatched(bad, good)
      await shared.end()
    })

    it('watches the others where a folder can not be read', async () => {
      const { shared, bad } = await failing((one) => {
        one.read = (home) => {
          if (basename(home) === 'bad') throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
          return readConfig(home, {})
        }
      })
      expect(shared.standing(bad)).to.deep.include({ state: 'failing' })
      await shared.end()
    })

    onPosix('watches the others where files are pipes, which would hang whoever reads them', async () => {
      const { shared, bad } = await failing((_one, paths) => {
        for (const path of [paths.env, paths.watchdog, paths.services, paths.pause, paths.desiredState]) {
          rmSync(path, { force: true })
          execFileSync('mkfifo', [path])
        }
      })
      expect(shared.standing(bad)).to.deep.include({ state: 'failing' })
      await shared.end()
    })

    it('watches the others where its disk hangs from the beginning, and that one once it answers', async () => {
      const { shared, bad, good } = await failing((one, paths) => one.hanging.add(paths.home))
      expect(shared.standing(bad)).to.deep.equal({ state: 'failing', why: 'its disk gives no answer' })
      shared.answer()
      await shared.clock.turn(10 * SECOND)
      await shared.expectWatched(bad, good)
      await shared.end()
    })

    it('touches nothing on a disk that begins to hang, and ends without it', async () => {
      const { shared, bad, good } = await failing(() => {})
      await shared.expectWatched(bad, good)
      shared.hanging.add(bad.home)
      await shared.clock.turn(10 * SECOND)
      const text = readFileSync(bad.watchdog, 'utf8')
      await shared.expectWatched(good)
      expect(readFileSync(bad.watchdog, 'utf8')).to.equal(text)
      expect(shared.saidOf(bad)).to.deep.equal([`${bad.home} can't be watched: its disk gives no answer`])
      expect(await shared.end()).to.equal(0)
      expect(readFileSync(bad.watchdog, 'utf8')).to.equal(text)
      expect(existsSync(good.watchdogLock)).to.equal(false)
    })

    it('watches the others where code of it throws, and tries it again, ever more seldom', async () => {
      let tries = 0
      const { shared, bad } = await failing((one) => {
        one.services = async (name) => {
          if (name !== 'bad') return undefined
          tries++
          throw new Error('thrown on purpose')
        }
      })
      expect(shared.standing(bad)).to.deep.equal({ state: 'failing', why: 'thrown on purpose' })
      expect(existsSync(bad.watchdogLock), 'its lock is released').to.equal(false)
      await shared.clock.turn(120 * SECOND)
      expect(tries).to.be.within(4, 6)
      shared.services = async () => undefined
      await shared.clock.turn(100 * SECOND)
      await shared.expectWatched(bad)
      await shared.end()
    })

    it('watches the others where an error of it is caught by nobody, and that one anew', async () => {
      const events = ['uncaughtException', 'unhandledRejection'] as const
      const others = events.map((event) => [event, process.listeners(event as 'uncaughtException')] as const)
      for (const [event] of others) process.removeAllListeners(event) // those of the test runner
      try {
        let left = 2
        const { shared, bad, good } = await failing((one) => {
          one.services = async (name) => {
            if (name !== 'bad' || left-- <= 0) return undefined
            setImmediate(() => {
              throw new Error('thrown by a timer')
            })
            void Promise.reject(new Error('rejected'))
            return undefined
          }
        })
        expect(shared.said.filter((text) => text.startsWith(`${bad.home}: Error: thrown by a timer\n`))).to.not.be.empty
        expect(shared.said.filter((text) => text.startsWith(`${bad.home}: Error: rejected\n`))).to.not.be.empty
        await shared.clock.turn(60 * SECOND)
        await shared.expectWatched(bad, good)
        expect(await shared.end()).to.equal(0)
      } finally {
        for (const [event, listeners] of others) for (const listener of listeners) process.on(event, listener)
      }
    })

    it('watches the others where its alert channels and its outside monitor are down', async () => {
      const nobody = 'http://127.0.0.1:9'
      const { shared, bad, good } = await failing((one, paths) =>
        one.write(paths, { ALERT_WEBHOOK_URL: nobody, ALERT_CHANNELS: 'webhook', HEARTBEAT_URL: nobody }),
      )
      await shared.expectWatched(bad, good)
      await shared.end()
    })

    it('keeps a pause to the home that was paused', async () => {
      const { shared, bad, good } = await failing((one, paths) =>
        writePause(paths, makePause({ length: '2h', why: undefined, by: 'ann' }, one.clock.now())),
      )
      const status = async ({ home }: HomePaths) =>
        watchdogStatus(homePaths(home), readConfig(home, {}).settings, shared.clock.now())
      expect((await status(bad)).paused).to.not.equal(null)
      expect((await status(good)).paused).to.equal(null)
      await shared.end()
    })
  })

  describe('leaves a home alone, and says so once,', () => {
    const entry = {
      name: 'a-watchdog',
      manager: 'systemd',
      scope: 'user',
      definition: '',
      node: '',
      node_version: '',
      cli: '',
      at: '',
    } as const

    it('that has a watchdog of its own as a service, at once when that is installed, and takes it back', async () => {
      const shared = new Shared()
      const a = shared.home('a')
      shared.begin()
      await shared.clock.turn(A_WHILE)
      await shared.expectWatched(a)
      writeInstalled(a, { watchdog: entry })
      await shared.clock.turn(A_WHILE)
      expect(existsSync(a.watchdogLock), 'its own one can take the lock').to.equal(false)
      await shared.clock.turn(60 * SECOND)
      expect(shared.saidOf(a)).to.deep.equal([
        `${a.home} is left alone: it has a watchdog of its own, the service a-watchdog`,
      ])
      writeInstalled(a, {})
      await shared.clock.turn(A_WHILE)
      await shared.expectWatched(a)
      await shared.end()
    })

    it('that has one of its own in a terminal', async () => {
      const shared = new Shared()
      const a = shared.home('a')
      writeFileSync(a.watchdogLock, JSON.stringify({ ...(await identify(process.ppid)), instance: 'another' }))
      shared.begin()
      await shared.clock.turn(60 * SECOND)
      expect(shared.saidOf(a)).to.deep.equal([
        `${a.home} is left alone: another watchdog watches it: pid ${process.ppid}`,
      ])
      rmSync(a.watchdogLock)
      await shared.clock.turn(A_WHILE)
      await shared.expectWatched(a)
      await shared.end()
    })

    it('in which it is switched off, and takes it once it is switched on', async () => {
      const shared = new Shared()
      const a = shared.home('a', { WATCHDOG_ENABLED: '0' })
      shared.begin()
      await shared.clock.turn(60 * SECOND)
      expect(shared.saidOf(a)).to.deep.equal([`${a.home} is left alone: WATCHDOG_ENABLED is off in its .env`])
      shared.write(a)
      await shared.clock.turn(A_WHILE)
      await shared.expectWatched(a)
      shared.write(a, { WATCHDOG_ENABLED: '0' })
      await shared.clock.turn(A_WHILE)
      expect(existsSync(a.watchdogLock)).to.equal(false)
      await shared.end()
    })
  })

  it('takes a home that is registered later, and lets go of one that is not registered any more', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    const b = shared.home('b')
    await shared.clock.turn(A_WHILE)
    await shared.expectWatched(a, b)
    shared.register(b.home)
    await shared.clock.turn(A_WHILE)
    expect(existsSync(a.watchdogLock)).to.equal(false)
    expect(shared.saidOf(a)).to.deep.equal([`${a.home} is not registered any more`])
    await shared.expectWatched(b)
    await shared.end()
  })

  it('keeps its homes while their registry can not be read', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    writeFileSync(join(shared.folder, 'catalyst', 'homes.json'), '{"homes": [')
    await shared.clock.turn(60 * SECOND)
    await shared.expectWatched(a)
    await shared.end()
  })

  it('drops a home that is gone, as on a disk that was unplugged, and watches it again once it is back', async () => {
    const shared = new Shared()
    const [a, b] = [shared.home('a', { METRICS_FILE: 'metrics.prom' }), shared.home('b')]
    shared.begin()
    await shared.clock.turn(A_WHILE)
    const away = `${a.home}.away`
    renameSync(a.home, away) // with its lock, which nobody could release
    await shared.clock.turn(A_WHILE)
    await shared.expectWatched(b)
    expect(shared.standing(a)).to.deep.equal({ state: 'gone', why: null })
    expect(existsSync(a.home), 'nothing is made anew there').to.equal(false)
    renameSync(away, a.home)
    await shared.clock.turn(A_WHILE)
    await shared.expectWatched(a, b)
    expect(shared.saidOf(a)).to.deep.equal([
      `${a.home} is gone; it is watched again once it is back`,
      `${a.home} is watched`,
    ])
    await shared.end()
  })

  it('watches a home once that is registered by several paths, and ends that with the others', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    const link = join(shared.folder, 'link')
    symlinkSync(a.home, link, 'junction')
    shared.register(link, a.home, a.home, `${a.home}/`, 'relative')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    await shared.expectWatched(a)
    expect(readSharedFile(shared.paths)?.homes).to.have.deep.members([
      { home: a.home, state: 'watched', why: null },
      { home: link, state: 'left', why: 'it is registered by another path, too, and watched there' },
    ])
    expect(await shared.end()).to.equal(0)
    expect(existsSync(a.watchdogLock)).to.equal(false)
  })

  it('says once that its registry can not be read, and once that it can be again', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    const registry = join(shared.folder, 'catalyst', 'homes.json')
    rmSync(registry)
    shared.begin()
    await shared.clock.turn(A_WHILE)
    writeFileSync(registry, '{"homes": [')
    await shared.clock.turn(60 * SECOND)
    shared.register(a.home)
    await shared.clock.turn(60 * SECOND)
    await shared.expectWatched(a)
    expect(shared.said.filter((text) => text.includes('homes.json'))).to.deep.equal([
      `watching all homes in ${registry}`,
      `${registry} does not exist yet, so no new home is found`,
      `${registry} can't be read or is damaged, so no new home is found`,
      `${registry} can be read`,
    ])
    await shared.end()
  })

  it('drops a home that was removed, though its bot made parts of it anew', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    rmSync(a.home, { recursive: true })
    mkdirSync(a.state, { recursive: true })
    await shared.clock.turn(A_WHILE)
    expect(shared.standing(a)).to.deep.equal({ state: 'gone', why: null })
    await shared.end()
  })

  it('keeps a home whose .env an editor takes away for a moment', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    for (let round = 0; round < 20; round++) {
      renameSync(a.env, `${a.env}~`)
      await shared.clock.turn(330)
      renameSync(`${a.env}~`, a.env)
      await shared.clock.turn(710)
    }
    await shared.expectWatched(a)
    expect(shared.saidOf(a)).to.deep.equal([])
    await shared.end()
  })

  asRoot('lets go of a home that root watches once it is given to another user', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    await shared.expectWatched(a)
    chownSync(a.env, NOBODY, NOBODY)
    await shared.clock.turn(A_WHILE)
    expect(shared.standing(a)?.why).to.match(/belongs to .*, and root would run what it names$/)
    expect(existsSync(a.watchdogLock)).to.equal(false)
    await shared.end()
  })

  it('says nothing of a registered home that was gone before', async () => {
    const shared = new Shared()
    shared.register('/nowhere/at/all')
    const a = shared.home('a')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    await shared.expectWatched(a)
    expect(readSharedFile(shared.paths)?.homes).to.have.length(1)
    await shared.end()
  })

  it('takes over changed settings, but none with faults, which it says once', async () => {
    const shared = new Shared()
    const a = shared.home('a')
    shared.begin()
    await shared.clock.turn(A_WHILE)
    const log = () => readFileSync(join(a.logs, 'watchdog.log'), 'utf8')
    shared.write(a, { WATCHDOG_CHECK_INTERVAL: '2' })
    await shared.clock.turn(A_WHILE)
    expect(log()).to.include(`watching ${a.home}, every 2 s`)
    shared.write(a, { WATCHDOG_CHECK_INTERVAL: 'often' })
    await shared.clock.turn(60 * SECOND)
    await shared.expectWatched(a)
    expect(shared.saidOf(a)).to.have.length(1)
    expect(shared.saidOf(a)[0]).to.match(/its settings have faults by now, and stay as they were: WATCHDOG_CHECK/)
    expect(log().match(/watching /g)).to.have.length(2)
    await shared.end()
  })

  it('runs once for a user', async () => {
    const shared = new Shared()
    mkdirSync(shared.paths.state, { recursive: true })
    writeFileSync(shared.paths.watchdogLock, JSON.stringify({ ...thisProcess(), instance: 'another' }))
    shared.begin()
    const error = await shared.end().then(
      () => undefined,
      (thrown) => thrown,
    )
    expect(error).to.include({ code: 'WATCHDOG_RUNNING' })
    expect(error.message).to.equal(`The shared watchdog runs already: pid ${process.pid}.`)
  })
})
