import { endBot } from '#core/bot/end-bot.js'
import type { Config } from '#core/config/load.js'
import { isElevated, notElevated } from '#core/service/elevation.js'
import { botServices } from '#core/service/open-home.js'
import { orderRestart, orderStart, stopMs } from '#core/service/operate.js'
import { bySudo, noRight } from '#core/service/rights.js'
import { findInstalled, type Services } from '#core/service/services.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import { AT_FIRST_MS } from '#core/service/up.js'
import { readBotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readHolderNow } from '#core/state/lock.js'
import { readStopWish, wishStart } from '#core/state/wanted.js'
import { type Clock, sleep } from '#core/system/clock.js'
import { isRunning } from '#core/system/processes.js'
import { actingAs, asker, isRoot, type User } from '#core/system/users.js'
import type { KeeperKind } from './plan.js'

/** Whoever keeps the bot running, as a deployment needs it. */
export interface BotKeeper {
  readonly kind: KeeperKind
  /** What the bot sees beside `.env`: a service sees nothing of this terminal. */
  readonly environment: NodeJS.ProcessEnv
  /** Ends the bot and has it started again, as what the pointer names then. */
  restart(): Promise<void>
  /** Why it won't come up by itself any more, if that is known. */
  trouble(): Promise<string | undefined>
}

const LOOK_MS = 50
/** Between two questions to the manager. */
const ASK_MS = 1000

/**
 * Finds out who keeps the bot of a home.
 * @throws CatalystError NOT_ALLOWED where it is a service that this user may not restart, SERVICE_MISSING
 */
export async function findKeeper(
  clock: Clock,
  { paths, owner, service }: { paths: HomePaths; owner: User; service: Config },
): Promise<BotKeeper> {
  const services = await botServices(clock, paths, service)
  if (services) return serviceAsKeeper(services)
  if (await isWatched(paths, owner)) {
    return {
      kind: 'watchdog',
      environment: process.env,
      async restart() {
        if (!(await isWatched(paths, owner))) return // once ended, the bot would stay so
        actingAs(owner, () => wishStart(paths, asker(), clock.now()))
        await endBot(clock, paths, stopTimeoutMs(service.settings))
      },
      trouble: async () =>
        (await isWatched(paths, owner)) ? undefined : 'the watchdog, which is to start the bot, has ended',
    }
  }
  return {
    kind: 'nobody',
    environment: process.env,
    restart: async () => {},
    trouble: async () => undefined,
  }
}

/** Whether a watchdog runs in this home now: it may be another one than a minute ago. */
async function isWatched(paths: HomePaths, owner: User): Promise<boolean> {
  const holder = actingAs(owner, () => readHolderNow(paths.watchdogLock))
  return holder !== undefined && isRunning(holder)
}

/** @throws CatalystError NOT_ALLOWED, SERVICE_MISSING */
export async function serviceAsKeeper(services: Services): Promise<BotKeeper> {
  const { manager, paths, clock } = services
  const { name } = await findInstalled(services, 'bot')
  await checkRights(services, name)
  let stoppedAt: number | undefined
  return {
    kind: 'service',
    environment: {},
    async restart() {
      const before = services.asOwner(() => readBotFile(paths.bot))?.instance
      await orderRestart(services, 'bot', name)
      await untilAnother(services, name, before)
      stoppedAt = undefined
    },
    async trouble() {
      const reading = await manager.read(name)
      const isDown = reading === undefined || reading.state === 'failed' || reading.state === 'stopped'
      stoppedAt = isDown ? (stoppedAt ?? clock.monotonic()) : undefined
      if (stoppedAt === undefined || clock.monotonic() - stoppedAt < AT_FIRST_MS) return undefined
      const bot = services.asOwner(() => readBotFile(paths.bot))
      return bot && (await isRunning(bot))
        ? undefined
        : `the service ${name} does not run: ${reading?.words ?? 'it is gone'}`
    },
  }
}

/**
 * Waits until another bot runs, or the service does not any more, as long as a stop may take; whether it came up is
 * found out by the gate. The manager is asked seldom: it costs a process each time, just when the bot is starting. Not
 * every manager restarts reliably, so one that is found stopped is told again.
 */
async function untilAnother(services: Services, name: string, before: string | undefined): Promise<void> {
  const { manager, paths, asOwner } = services
  const { clock } = services
  const until = clock.monotonic() + stopMs(services)
  let askAt = clock.monotonic() + ASK_MS
  let stoppedAt: number | undefined
  while (clock.monotonic() < until) {
    const bot = asOwner(() => readBotFile(paths.bot))
    if (bot !== undefined && bot.instance !== before && (await isRunning(bot))) return
    if (clock.monotonic() >= askAt) {
      const state = (await manager.read(name))?.state
      if (state === undefined || state === 'failed' || state === 'restarting') return
      if (asOwner(() => readStopWish(paths)) !== undefined) return // somebody has stopped it since
      stoppedAt = state === 'stopped' ? (stoppedAt ?? clock.monotonic()) : undefined
      if (stoppedAt !== undefined && clock.monotonic() - stoppedAt >= AT_FIRST_MS) {
        await orderStart(services, name)
        return
      }
      askAt = clock.monotonic() + ASK_MS
    }
    await sleep(clock, LOOK_MS)
  }
}

async function checkRights({ manager, paths }: Services, name: string): Promise<void> {
  if (process.platform === 'win32') {
    if ((await isElevated()) === false) throw notElevated(paths.home)
    return
  }
  if (manager.scope === 'system' && !isRoot())
    throw noRight(`Only root may restart the service ${name}.`, bySudo(paths.home))
}
