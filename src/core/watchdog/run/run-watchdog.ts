import type { Logger } from 'pino'
import { openHeartbeat } from '#core/alerts/heartbeat.js'
import { openAlertQueue } from '#core/alerts/queue.js'
import { notifySettings, sayReady, systemdNotify } from '#core/bot/notify.js'
import { tellStatus } from '#core/bot/notify-status.js'
import { listenForStop } from '#core/bot/stop-request.js'
import type { Config } from '#core/config/load.js'
import { EXIT } from '#core/errors.js'
import { pauseOf } from '#core/home/pause.js'
import { registerHome } from '#core/home/registry.js'
import { homeRedactor } from '#core/incidents/home-redactor.js'
import { keepServiceLogsShort } from '#core/logging/service-logs.js'
import { retentionOf } from '#core/logging/write/retention.js'
import { openSmallLog } from '#core/logging/write/small-log.js'
import { type Clock, within } from '#core/platform/clock.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { tell } from '#core/platform/process/stderr.js'
import { watchdogLine } from '#core/watchdog/status.js'
import { blindWatchdog, watchdogOff } from '#core/watchdog/switches.js'
import { readWatchdogFile, type WatchdogFile } from '#core/watchdog/watchdog-file.js'
import { claimWatch } from './claim-watch.js'
import { openMetrics } from './open-metrics.js'
import { alertId, openWatch } from './open-watch.js'
import type { RunWatchdogOptions } from './options.js'
import { watchBackups } from './watch-backups.js'

/** The limit of the time in which the outside monitor is told that the watchdog ends. */
const LAST_BEAT_MS = 2000

/**
 * Watches the bot of a home, restarts it and alerts the admin, until it is asked to stop. Returns the process's exit
 * code.
 * @throws CatalystError WATCHDOG_OFF, WATCHDOG_RUNNING
 */
export async function runWatchdog(clock: Clock, options: RunWatchdogOptions): Promise<number> {
  const { paths, config } = options
  const { settings } = config
  checkSwitches(config)
  useProxiesOf(config.environment)
  const closing: Closing = []
  const end = listenForStop(() => {})
  closing.push(end.stopListening)
  try {
    closing.push(await claimWatch(clock, paths))
    registerHome(paths.home)
    const redact = homeRedactor(paths, config.environment)
    const log = openLog(clock, options, redact, closing)
    let file = readWatchdogFile(paths)
    const metrics = openMetrics(clock, paths, settings, log, () => file)
    closing.push(() => metrics?.close())
    const line = () => {
      const wall = clock.now()
      return file === undefined ? 'no check yet' : watchdogLine(file, settings, wall, pauseOf(paths, wall))
    }
    notifyManager(clock, log, line, closing)
    const heartbeat = openHeartbeat({
      base: settings.HEARTBEAT_URL,
      redact,
      onFault: (why) =>
        why === undefined
          ? log.info('HEARTBEAT_URL answers again')
          : log.warn(`HEARTBEAT_URL does not take the heartbeat: ${redact(why)}`),
    })
    const onSaved = (saved: WatchdogFile) => {
      file = saved
      metrics?.update()
    }
    const alerts = openAlertQueue(clock, { paths, settings, messages: savedMessages(file), redact, log })
    closing.push(() => alerts.close())
    closing.push(watchBackups(clock, { paths, alerts, log }))
    while (!end.signal.aborted) {
      const services = await options.services()
      const watch = openWatch(clock, options, { services, log, redact, alerts, heartbeat, onSaved })
      const asChild = services ? '' : '; the bot runs as its child'
      log.info(`watching ${paths.home}, every ${settings.WATCHDOG_CHECK_INTERVAL} s${asChild}`)
      await watch.run(end.signal).finally(() => watch.close())
    }
    log.info(`asked to stop (${end.askedBy()})`)
    heartbeat.beat({ is: 'off', message: `The watchdog was stopped (${end.askedBy()}): nobody watches the bot now.` })
    await within(clock, LAST_BEAT_MS, heartbeat.told())
    return EXIT.done
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** What is to be closed at the end, in the reverse order. */
type Closing = (() => unknown)[]

/** Opens the watchdog's log, and keeps those short that its service manager appends its output to. */
function openLog(
  clock: Clock,
  { paths, config: { settings }, console, descriptors }: RunWatchdogOptions,
  redact: (text: string) => string,
  closing: Closing,
): Logger {
  const retention = retentionOf(settings)
  const { log, close } = openSmallLog(clock, {
    folder: paths.logs,
    name: 'watchdog.log',
    level: settings.LOG_LEVEL,
    retention,
    redact,
    console,
    onFault: (fault) => tell(fault ? `watchdog.log can't be written: ${fault}` : 'watchdog.log can be written again'),
  })
  closing.push(close)
  if (descriptors) {
    const logs = { role: 'watchdog', folder: paths.logs, retention, descriptors } as const
    closing.push(keepServiceLogsShort(clock, { ...logs, onFault: (fault) => log.warn(fault) }))
  }
  return log
}

/** Tells systemd, where it has started this process, that it has come up, and from then on how it is. */
function notifyManager(clock: Clock, log: Logger, line: () => string, closing: Closing): void {
  if (!notifySettings(process.env)) return
  const notify = systemdNotify(process.env)
  closing.push(sayReady(clock, { notify, onFault: (what) => log.error(what) }))
  closing.push(tellStatus(clock, notify, line))
}

/** Returns the messages that an older version has saved in the watchdog's file. */
function savedMessages(saved: WatchdogFile | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(saved?.messages ?? {}).map(([id, name]) => [alertId({ id: Number(id) }), name]),
  )
}

function checkSwitches({ settings }: Config): void {
  if (!settings.WATCHDOG_ENABLED)
    throw watchdogOff(
      'The watchdog is switched off.',
      'Set WATCHDOG_ENABLED=1 in .env, or for one run: catalyst watchdog run --enabled',
    )
  const blind = blindWatchdog(settings)
  if (blind) throw blind
}
