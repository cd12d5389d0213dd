import type { Logger } from 'pino'
import { notifier, notifySettings, systemdNotify } from '#core/bot/notify.js'
import { tellStatus } from '#core/bot/notify-status.js'
import { timings } from '#core/config/timings.js'
import { healthLine } from '#core/health/health-line.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { readInstalled } from '#core/home/installed-services.js'
import { sharedServiceOf } from '#core/home/shared-watchdog.js'
import { isWatchdogAwake } from '#core/home/watchdog-awake.js'
import type { Clock } from '#core/platform/clock.js'
import { ownerOf } from '#core/platform/process/users.js'
import type { RunBotOptions } from './run.js'

/** Notifies systemd, where it asks for that. Returns what reports that the bot is ready. */
export function notifyManager(
  clock: Clock,
  { paths, config: { settings }, once }: RunBotOptions,
  monitor: HealthMonitor,
  log: Logger,
  closing: (() => unknown)[],
): () => void {
  const notifyWith = once ? undefined : notifySettings(process.env)
  if (notifyWith === undefined) return () => {}
  const { ready, stop } = notifier(clock, {
    ...notifyWith,
    notify: systemdNotify(process.env),
    status: () => monitor.state().status,
    isDelayed: () => monitor.isDelayed,
    startTimeoutMs: timings(settings).startTimeoutMs,
    startExtendedTo: () => monitor.announced.startExtension?.endsAt,
    onFault: (what) => log.error(what),
    watchdog: () => {
      const isShared = settings.WATCHDOG_ENABLED && sharedServiceOf(ownerOf(paths.home)) !== undefined
      if (readInstalled(paths).watchdog === undefined && !isShared) return 'none'
      return isWatchdogAwake(paths, timings(settings).checkIntervalMs, clock.now()) ? 'awake' : 'silent'
    },
  })
  closing.push(stop)
  closing.push(tellStatus(clock, systemdNotify(process.env), () => healthLine(monitor.state())))
  return ready
}
