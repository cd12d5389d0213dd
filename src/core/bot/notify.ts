import type { Status } from '#core/health/status.js'
import { type Clock, every } from '#core/system/clock.js'
import { run } from '#core/system/processes.js'

/** What systemd told a service through its environment (sd_notify(3), sd_watchdog_enabled(3)). */
export interface NotifySettings {
  /** The silence it waits for until it starts the service anew; undefined: it never does. In milliseconds. */
  readonly watchdogMs: number | undefined
}

/** Undefined where nobody is to be notified: not run by systemd, or not as `Type=notify`. */
export function notifySettings(environment: Readonly<Record<string, string | undefined>>): NotifySettings | undefined {
  const { NOTIFY_SOCKET, WATCHDOG_USEC } = environment
  if (!NOTIFY_SOCKET) return undefined
  const microseconds = Number(WATCHDOG_USEC)
  return { watchdogMs: microseconds > 0 ? microseconds / 1000 : undefined }
}

/** Sends fields to the service manager, such as `WATCHDOG=1`; false when that failed. */
export type Notify = (...fields: readonly string[]) => Promise<boolean>

const NOTIFY_TIMEOUT_MS = 10_000

/** Node has no datagram sockets, so a child sends it: hence NotifyAccess=all in the unit. */
export function systemdNotify(environment: NodeJS.ProcessEnv): Notify {
  const env = { ...environment }
  return async (...fields) => (await run('systemd-notify', fields, { timeoutMs: NOTIFY_TIMEOUT_MS, env })).exit === 0
}

export interface NotifierOptions extends NotifySettings {
  readonly notify: Notify
  readonly status: () => Status
  /** How long the bot may take until its first cycle. */
  readonly startTimeoutMs: number
  /** Whether our own watchdog acts first: then an unhealthy bot is only kept silent about. */
  readonly isWatched: () => boolean
  /** Told what to write down: what systemd is not told, and why it is to start the bot anew. */
  readonly onTrouble: (what: string) => void
}

/** How often a bot that starts is looked at. */
const LOOK_MS = 1000

/**
 * Tells systemd that the bot is ready, and from its first cycle on, from the bot's own event loop, that it works: three
 * times in the silence that systemd takes for a freeze. Until that cycle systemd waits for as long as a start may take,
 * so that a slow one is not killed. An unhealthy bot is to be started anew at once.
 */
export function notifier(clock: Clock, options: NotifierOptions): { ready(): void; stop(): void } {
  const { notify, status, watchdogMs, onTrouble } = options
  let isReady = false
  let stop = () => {}
  const tell = async () => {
    if (status() !== 'unhealthy') await notify('WATCHDOG=1')
    else if (!options.isWatched()) {
      onTrouble('the bot is unhealthy: systemd is asked to start it anew')
      await notify('WATCHDOG=trigger')
    }
  }
  const watchStart = (limitMs: number) =>
    every(clock, Math.min(LOOK_MS, limitMs / 3), async () => {
      if (status() === 'starting') return
      stop()
      stop = every(clock, limitMs / 3, tell)
      await notify(`WATCHDOG_USEC=${microseconds(limitMs)}`)
      await tell()
    })
  const onHeard = () => {
    if (watchdogMs !== undefined) stop = watchStart(watchdogMs)
  }
  return {
    ready() {
      if (isReady) return
      isReady = true
      const patience = watchdogMs === undefined ? undefined : microseconds(options.startTimeoutMs + watchdogMs)
      stop = sayReady(clock, {
        notify,
        fields: patience === undefined ? [] : [`WATCHDOG_USEC=${patience}`],
        onTrouble,
        onHeard,
      })
    },
    stop() {
      isReady = true // whatever comes up now is not told any more
      stop()
    },
  }
}

export interface ReadyOptions extends Pick<NotifierOptions, 'notify' | 'onTrouble'> {
  /** What is told in the same breath. */
  readonly fields?: readonly string[]
  readonly onHeard?: () => void
}

/**
 * Says that this process is ready until systemd has heard it: one that is healthy would else be ended as one that never
 * came up. The answer gives up.
 */
export function sayReady(clock: Clock, { notify, onTrouble, fields = [], onHeard }: ReadyOptions): () => void {
  let isEnded = false
  let isTold = false
  let cancel = () => {}
  const say = async () => {
    const isHeard = await notify('READY=1', ...fields)
    if (isEnded) return
    if (isHeard) return onHeard?.()
    if (!isTold) onTrouble('systemd could not be told of the readiness: trying again')
    isTold = true
    cancel = clock.after(LOOK_MS, () => void say())
  }
  void say()
  return () => {
    isEnded = true
    cancel()
  }
}

function microseconds(ms: number): number {
  return Math.round(ms * 1000)
}
