import { orderStart } from '#core/service/operate.js'
import { nameOf, type Services } from '#core/service/services.js'
import { type Clock, sleep } from '#core/system/clock.js'
import type { Kept } from './look.js'

/** Whoever keeps the bot: its service manager, or the watchdog itself. */
export interface Keeper {
  /** Whether the watchdog itself keeps it: then nobody else starts it. */
  readonly isOwn: boolean
  kept(): Promise<Kept>
  /** All that it knows of the bot, for the evidence. */
  details(): Promise<unknown>
  /** Sees to it that the bot is started again after its end. */
  start(): Promise<void>
  /** Starts it at once, where somebody wishes that of a watchdog. */
  obey(): Promise<void>
}

const LOOK_MS = 200
/** A manager needs a moment beyond its restart delay. */
const MARGIN_MS = 5000

/**
 * The service manager as keeper. It starts an ended bot by itself; only where it doesn't, it is told to, for which this
 * user may lack the right.
 */
export function serviceKeeper(clock: Clock, services: Services): Keeper {
  const name = nameOf(services, 'bot')
  const read = () => services.manager.read(name)
  return {
    isOwn: false,

    async kept() {
      const reading = await read()
      return { process: reading?.state ?? 'stopped', exit: reading?.ended?.exit ?? null }
    },
    details: read,
    obey: async () => {},
    async start() {
      const until = clock.monotonic() + services.settings.SERVICE_RESTART_DELAY * 1000 + MARGIN_MS
      while (clock.monotonic() < until) {
        const state = (await read())?.state
        if (state === 'running' || state === 'starting') return
        if (state === 'stopped') return // on purpose, in this very moment: an end alone is followed by a restart
        if (state === 'failed') break // it does nothing by itself
        await sleep(clock, LOOK_MS)
      }
      await orderStart(services, name)
    },
  }
}
