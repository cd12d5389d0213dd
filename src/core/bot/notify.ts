import type { Status } from '#core/health/status.js'
import { type Clock, every } from '#core/platform/clock.js'
import { run } from '#core/platform/process/processes.js'

/** The settings that systemd gives a service through its environment (sd_notify(3), sd_watchdog_enabled(3)). */
export interface NotifySettings {
  /** The silence after which systemd restarts the service, in milliseconds; undefined: it never does. */
  readonly watchdogMs: number | undefined
}

/** Returns the settings; undefined where nobody is to be notified: not run by systemd, or not as `Type=notify`. */
export function notifySettings(environment: Readonly<Record<string, string | undefined>>): NotifySettings | undefined {
  const { NOTIFY_SOCKET, WATCHDOG_USEC } = environment
  if (!NOTIFY_SOCKET) return undefined
  const microseconds = Number(WATCHDOG_USEC)
  return { watchdogMs: microseconds > 0 ? microseconds / 1000 : undefined }
}

/** Sends fields to the service manager, such as `WATCHDOG=1`; false when that failed. */
export type Notify = (...fields: readonly string[]) => Promise<boolean>

const NOTIFY_TIMEOUT_MS = 10_000

/**
 * Returns what notifies systemd. Node has no Unix datagram sockets, so a child sends it: hence NotifyAccess=all in the
 * unit.
 */
export function systemdNotify(environment: NodeJS.ProcessEnv): Notify {
  const env = { ...environment }
  return async (...fields) => (await run('systemd-notify', fields, { timeoutMs: NOTIFY_TIMEOUT_MS, env })).exit === 0
}

export interface NotifierOptions extends NotifySettings {
  readonly notify: Notify
  readonly status: () => Status
  /** Returns whether the start of the bot is delayed: however long that takes, it is no slow start. */
  readonly isDelayed: () => boolean
  /** The limit of the time until the first cycle. */
  readonly startTimeoutMs: number
  /** Returns until when the bot itself has extended its start, on the monotonic clock; undefined: it has not. */
  readonly startExtendedTo: () => number | undefined
  /**
   * Returns the state of our own watchdog, which acts first: installed and awake, installed and silent, or not
   * installed.
   */
  readonly watchdog: () => 'awake' | 'silent' | 'none'
  /** Called with a fault to log: what systemd could not be told, and why it is asked to restart the bot. */
  readonly onFault: (what: string) => void
}

/** The interval at which the status of a starting bot is polled. */
const POLL_INTERVAL_MS = 1000

/**
 * Tells systemd that the bot is ready, and from its first cycle on, from the bot's own event loop, that it works: three
 * times in the silence that systemd takes for a freeze. Until that cycle systemd has a grace period as long as the
 * limit of a start, so that a slow one is not killed; it begins anew after a delayed start. An unhealthy bot is to be
 * restarted at once; where our own watchdog is installed, that restarts it within its restart budget: then systemd is
 * the last resort, for a blocked event loop, and for an unhealthy bot whose watchdog is silent, too.
 */
export function notifier(clock: Clock, options: NotifierOptions): { ready(): void; stop(): void } {
  const { notify, status, watchdogMs, onFault } = options
  let isReady = false
  let stop = () => {}
  const notifyHealth = async () => {
    const watchdog = status() === 'unhealthy' ? options.watchdog() : 'awake'
    if (watchdog === 'awake') await notify('WATCHDOG=1')
    if (watchdog !== 'none') return
    onFault('the bot is unhealthy: systemd is asked to restart it')
    await notify('WATCHDOG=trigger')
  }
  const watchStart = (limitMs: number) => {
    let grantedTo = clock.monotonic() + options.startTimeoutMs
    let heardAt = clock.monotonic()
    return every(clock, Math.min(POLL_INTERVAL_MS, limitMs / 3), async () => {
      const now = clock.monotonic()
      if (options.isDelayed()) {
        if (now - heardAt < limitMs / 3) return
        heardAt = now
        grantedTo = now + options.startTimeoutMs // the grace period begins anew
        await notify('WATCHDOG=1')
      } else if (status() === 'starting') {
        const extendedTo = options.startExtendedTo() ?? 0
        if (extendedTo <= grantedTo) return
        grantedTo = extendedTo
        await notify('WATCHDOG=1', `WATCHDOG_USEC=${microseconds(extendedTo - now + limitMs)}`)
      } else {
        stop()
        stop = every(clock, limitMs / 3, notifyHealth)
        await notify(`WATCHDOG_USEC=${microseconds(limitMs)}`)
        await notifyHealth()
      }
    })
  }
  const onHeard = () => {
    if (watchdogMs !== undefined) stop = watchStart(watchdogMs)
  }
  return {
    ready() {
      if (isReady) return
      isReady = true
      const startLimit = watchdogMs === undefined ? undefined : microseconds(options.startTimeoutMs + watchdogMs)
      stop = sayReady(clock, {
        notify,
        fields: startLimit === undefined ? [] : [`WATCHDOG_USEC=${startLimit}`],
        onFault,
        onHeard,
      })
    },
    stop() {
      isReady = true // a bot that comes up now is not reported any more
      stop()
    },
  }
}

export interface ReadyOptions extends Pick<NotifierOptions, 'notify' | 'onFault'> {
  /** The fields to send together with it. */
  readonly fields?: readonly string[]
  readonly onHeard?: () => void
}

/**
 * Notifies systemd that this process is ready, until that succeeds: systemd would else stop a healthy process as one
 * that never came up. Returns what gives up.
 */
export function sayReady(clock: Clock, { notify, onFault, fields = [], onHeard }: ReadyOptions): () => void {
  let isEnded = false
  let isLogged = false
  let cancel = () => {}
  const say = async () => {
    const isHeard = await notify('READY=1', ...fields)
    if (isEnded) return
    if (isHeard) return onHeard?.()
    if (!isLogged) onFault('systemd could not be notified of the readiness: trying again')
    isLogged = true
    cancel = clock.after(POLL_INTERVAL_MS, () => void say())
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
