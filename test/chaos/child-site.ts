import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { homePaths } from '#core/home/home-paths.js'
import { readHolderNow } from '#core/home/lock.js'
import { TestRepository } from '../support/deploy/repository.js'
import type { Home } from '../support/e2e/home.js'
import type { Running } from '../support/e2e/process.js'
import { ROOT } from '../support/e2e/root.js'
import { isAlive } from '../support/e2e/still-running.js'
import { pause, until } from '../support/e2e/until.js'
import type { FastClock } from './fast-clock.js'
import { commitVersions, settingsOf } from './furnish.js'
import { Site } from './site.js'
import type { StandIn } from './stand-in.js'
import type { Version } from './versions.js'

const BIN = join(ROOT, 'bin', 'run.js')

export interface ChildSiteOptions {
  readonly clock: FastClock
  readonly standIn: StandIn
  readonly versions: readonly Version[]
  /** Whether the bot is a module; else it is a program, and the home has a disk of its own. */
  readonly isModule: boolean
  /** An empty folder of the test's own. */
  readonly control: string
}

/** Furnishes a home on this machine, at the fast clock, whose watchdog keeps the bot as its child. */
export function childSite(name: string, home: Home, options: ChildSiteOptions): Site {
  const { clock, standIn, versions, isModule, control } = options
  const env = clock.environment
  home.writeSettings({
    ...settingsOf(name, clock.speed, isModule, standIn.webhookOf(name)),
    HEALTH_CHECK_PORT: '0',
  })
  commitVersions(new TestRepository(home.folder), versions, isModule, { seconds: clock.speed, control })
  const paths = homePaths(home.folder)
  const start = (...words: readonly string[]) =>
    home.run(process.execPath, [BIN, ...words, '--home', home.folder], { folder: home.folder, cwd: os.tmpdir(), env })
  const watchdogPid = () => {
    const holder = readHolderNow(paths.watchdogLock)
    return holder !== undefined && isAlive(holder.pid) ? holder.pid : undefined
  }
  let watchdog: Running | undefined
  return new Site(
    name,
    {
      folder: home.folder,
      control,
      hasOwnDisk: !isModule,
      supervisor: 'watchdog',
      speed: clock.speed,
      cutPower: undefined,
      now: () => clock.now(),
      catalyst: (...words) => start(...words).result(120_000),
      begin(...words) {
        const running = start(...words)
        return {
          result: running.result(120_000),
          async kill() {
            running.kill('SIGKILL')
            await running.result()
          },
        }
      },
      async signal(pid, signal) {
        process.kill(pid, signal)
      },
      watchdogPid,
      async startWatchdog() {
        // as a service manager does: until it stays
        await until(async () => {
          if (watchdogPid() !== undefined) return true
          if (watchdog === undefined || watchdog.hasEnded) watchdog = start('watchdog', 'run')
          await pause(200)
          return watchdogPid() !== undefined
        })
      },
      async end() {
        const pid = watchdogPid()
        if (pid === undefined) return
        process.kill(pid, 'SIGTERM')
        await until(() => !isAlive(pid), 30_000)
        await until(() => !fs.existsSync(paths.bot), 10_000)
      },
    },
    versions,
  )
}
