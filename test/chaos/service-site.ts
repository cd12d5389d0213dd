import fs from 'node:fs'
import { join } from 'node:path'
import { homePaths } from '#core/home/home-paths.js'
import { type Holder, readHolderNow } from '#core/home/lock.js'
import type { SystemdBox } from '../labs/systemd-box.js'
import { TestRepository } from '../support/deploy/repository.js'
import type { Result } from '../support/e2e/process.js'
import { freePort } from '../support/e2e/server.js'
import { until } from '../support/e2e/until.js'
import { commitVersions, settingsOf } from './furnish.js'
import { Site } from './site.js'
import type { StandIn } from './stand-in.js'
import type { Version } from './versions.js'

/** Longest that a service manager may take to have both services up, in milliseconds. */
const UP_MS = 60_000

/**
 * Furnishes a home in a box whose systemd keeps the bot and the watchdog, at this machine's clock: nothing makes a systemd
 * live faster.
 */
export async function serviceSite(
  name: string,
  box: SystemdBox,
  { standIn, versions }: { readonly standIn: StandIn; readonly versions: readonly Version[] },
): Promise<Site> {
  const orders = await box.home(`${name}-orders`, { empty: '' })
  const settings = {
    ...settingsOf(name, 1, true, standIn.webhookOf(name)),
    HEALTH_CHECK_PORT: String(await freePort()),
  }
  const env = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`)
  const repository = new TestRepository(join(box.folder, 'share', 'homes', name))
  commitVersions(repository, versions, true, { seconds: 1, control: orders.inside })
  const home = await box.home(name, { '.env': env.join('') })
  const { code, output } = await home.catalyst('service', 'install', '--with-watchdog', '--yes')
  if (code !== 0) throw new Error(`it is not installed:\n${output}`)
  const paths = homePaths(home.outside)
  const alive = (holder: Holder | undefined) =>
    holder !== undefined && box.startOf(holder.pid) === holder.started ? holder.pid : undefined
  const watchdogPid = () => alive(readHolderNow(paths.watchdogLock))
  const catalyst = async (...words: readonly string[]): Promise<Result> => {
    const result = await home.catalyst(...words)
    return { ...result, signal: null }
  }
  const signal = async (pid: number, name: NodeJS.Signals) => {
    await box.root(`kill -s ${name.slice(3)} ${pid}`)
  }
  const startWatchdog = async () => {
    await until(() => watchdogPid() !== undefined, UP_MS)
  }
  return new Site(
    name,
    {
      folder: home.outside,
      control: orders.outside,
      hasOwnDisk: false,
      supervisor: 'service',
      speed: 1,
      now: () => Date.now(),
      catalyst,
      begin(...words) {
        const result = catalyst(...words)
        return {
          result,
          async kill() {
            const pid = alive(readHolderNow(paths.deployLock))
            if (pid !== undefined) await signal(pid, 'SIGKILL').catch(() => {}) // it may just have ended
            await result
          },
        }
      },
      signal,
      watchdogPid,
      startWatchdog,
      async cutPower() {
        await box.powerCut()
        await startWatchdog()
      },
      async end() {
        const stopped = await catalyst('service', 'stop')
        if (stopped.code !== 0) throw new Error(stopped.stderr)
        await until(() => !fs.existsSync(paths.bot), 10_000)
      },
    },
    versions,
  )
}
