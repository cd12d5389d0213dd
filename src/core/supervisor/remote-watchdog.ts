import { stopBot } from '#core/bot/stop-bot.js'
import { timings } from '#core/config/timings.js'
import { writeDesiredStart } from '#core/home/desired-state.js'
import type { Home } from '#core/home/home.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import type { Supervisor } from './supervisor.js'

/** The time in which a killed watchdog comes back, beyond the restart delay of its service. */
const WATCHDOG_BACK_MS = 5000

/** Returns how long to wait for a watchdog that is gone, in milliseconds. */
export function watchdogBackMs({ settings }: Home): number {
  return timings(settings).restartDelayMs + WATCHDOG_BACK_MS
}

/** Returns the watchdog, which runs in another process and has the bot as its child, as the bot's supervisor. */
export function remoteWatchdog(home: Home): Supervisor {
  const { clock, paths, by, settings } = home
  let goneAt: number | undefined
  const supervisor: Supervisor = {
    kind: 'watchdog',
    environment: process.env,

    async status() {
      const bot = await home.runningBot()
      return { process: bot ? 'running' : 'stopped', exit: null, details: bot }
    },

    async start() {
      home.asOwner(() => writeDesiredStart(paths, by, clock.now()))
    },

    async restart(refuse) {
      refuse?.()
      await supervisor.start()
      const stopped = await stopBot(clock, paths, stopTimeoutMs(settings))
      if (stopped === 'survived') throw new Error('the bot can not be stopped')
    },

    async fault() {
      goneAt = (await home.isHeld('watchdogLock')) ? undefined : (goneAt ?? clock.monotonic())
      if (goneAt === undefined || clock.monotonic() - goneAt < watchdogBackMs(home)) return undefined
      const { process } = await supervisor.status()
      return process === 'running' ? undefined : 'the watchdog, which is to start the bot, has exited'
    },
  }
  return supervisor
}
