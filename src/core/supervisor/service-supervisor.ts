import { stopBot } from '#core/bot/stop-bot.js'
import { timings } from '#core/config/timings.js'
import { sleep } from '#core/platform/clock.js'
import { pollUntil } from '#core/platform/poll.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { orderRestart, orderStart, stopMs } from '#core/service/operations/start-stop.js'
import { AT_FIRST_MS } from '#core/service/operations/wait-for-service.js'
import { nameOf, type Services } from '#core/service/services.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import type { Supervisor } from './supervisor.js'

/** The interval between two looks at the bot's record. */
const BOT_INTERVAL_MS = 50
/** The interval between two questions to the service manager: each may cost a process, just when the bot is starting. */
const MANAGER_INTERVAL_MS = 1000
/** The interval at which a start by the manager is awaited. */
const START_INTERVAL_MS = 200
/** The time that a manager needs beyond its restart delay. */
const MARGIN_MS = 5000

/**
 * Returns the bot's service as its supervisor. Its manager restarts the bot after an exit by itself; only where it
 * doesn't, it is asked to, for which this user may lack the permission. So a watchdog restarts the bot by its exit.
 */
export function serviceSupervisor(
  services: Services,
  {
    restarts,
    name = nameOf(services, 'bot'),
  }: { readonly restarts: 'by its manager' | 'by its exit'; readonly name?: string },
): Supervisor {
  const { clock, manager, settings } = services
  let stoppedAt: number | undefined
  const supervisor: Supervisor = {
    kind: 'service',
    environment: {},

    async status() {
      const reading = await manager.read(name)
      return { process: reading?.state ?? 'stopped', exit: reading?.ended?.exit ?? null, details: reading }
    },

    async start() {
      const timeoutMs = timings(settings).restartDelayMs + MARGIN_MS
      const state = await pollUntil(clock, { intervalMs: START_INTERVAL_MS, timeoutMs }, async () => {
        const now = (await manager.read(name))?.state
        return now === 'restarting' || now === 'stopping' ? undefined : now
      })
      // one that is stopped is so on purpose, in this very moment: an exit alone is followed by a restart
      const startsItself = state === 'running' || state === 'starting' || state === 'stopped'
      if (!startsItself) await orderStart(services, name)
    },

    async restart(refuse) {
      refuse?.()
      if (restarts === 'by its exit') {
        await stopBot(clock, services.paths, stopTimeoutMs(settings))
        return supervisor.start()
      }
      const before = services.lastBot()?.instance
      await orderRestart(services, 'bot', name)
      await waitForAnotherBot(services, name, before)
      stoppedAt = undefined
    },

    async fault() {
      // just after a boot its manager may start it later: only time tells then
      if (restarts === 'by its exit') return undefined
      const service = await manager.read(name)
      const isDown = service === undefined || service.state === 'failed' || service.state === 'stopped'
      stoppedAt = isDown ? (stoppedAt ?? clock.monotonic()) : undefined
      if (stoppedAt === undefined || clock.monotonic() - stoppedAt < AT_FIRST_MS) return undefined
      if (await services.runningBot()) return undefined
      return `the service ${name} does not run: ${service?.words ?? 'it is gone'}`
    },
  }
  return supervisor
}

/**
 * Waits until another bot runs or the service has stopped, for as long as a stop may take. The gate finds out whether
 * the bot came up. Not every manager restarts reliably, so a service that is found stopped is started.
 */
async function waitForAnotherBot(services: Services, name: string, before: string | undefined): Promise<void> {
  const { clock, manager } = services
  const until = clock.monotonic() + stopMs(services)
  let askAt = clock.monotonic() + MANAGER_INTERVAL_MS
  let stoppedAt: number | undefined
  while (clock.monotonic() < until) {
    const bot = services.lastBot()
    if (bot !== undefined && bot.instance !== before && (await isRunning(bot))) return
    if (clock.monotonic() >= askAt) {
      const state = (await manager.read(name))?.state
      if (state === undefined || state === 'failed' || state === 'restarting') return
      if (services.desiredStop() !== undefined) return // somebody has stopped it since
      stoppedAt = state === 'stopped' ? (stoppedAt ?? clock.monotonic()) : undefined
      if (stoppedAt !== undefined && clock.monotonic() - stoppedAt >= AT_FIRST_MS) {
        await orderStart(services, name)
        return
      }
      askAt = clock.monotonic() + MANAGER_INTERVAL_MS
    }
    await sleep(clock, BOT_INTERVAL_MS)
  }
}
