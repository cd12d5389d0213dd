import type { Logger } from 'pino'
import { openHeartbeat } from '#core/alerts/heartbeat.js'
import { openAlertQueue } from '#core/alerts/queue.js'
import type { Config } from '#core/config/load.js'
import { pauseOf } from '#core/home/pause.js'
import { homeRedactor } from '#core/incidents/home-redactor.js'
import { isOpen } from '#core/incidents/incident.js'
import { retentionOf } from '#core/logging/write/retention.js'
import { openSmallLog } from '#core/logging/write/small-log.js'
import { type Clock, within } from '#core/platform/clock.js'
import { tell } from '#core/platform/process/stderr.js'
import type { WatchEnd } from '#core/watchdog/loop.js'
import { watchdogLine } from '#core/watchdog/status.js'
import { blindWatchdog, watchdogOff } from '#core/watchdog/switches.js'
import { readWatchdogFile, type WatchdogFile } from '#core/watchdog/watchdog-file.js'
import { claimWatch } from './claim-watch.js'
import { openMetrics } from './open-metrics.js'
import { alertId, openWatch } from './open-watch.js'
import type { HomeWatchOptions } from './options.js'
import { watchBackups } from './watch-backups.js'

/** The limit of the time in which the outside monitor is told that the watchdog ends. */
const LAST_BEAT_MS = 2000

/** The watchdog of one home, with its lock, log, alerts, heartbeat and metrics. */
export interface HomeWatch {
  readonly log: Logger
  /** Returns how it is in one line. */
  readonly line: () => string
  /** Returns whether it restarts the bot at this moment. */
  readonly isRestarting: () => boolean
  /** Watches until the signal aborts; `how` returns why, then. */
  run(end: AbortSignal, how?: () => WatchEnd): Promise<void>
  /** Tells the outside monitor that nobody watches the bot from now on. `askedBy` is who ended it. */
  tellEnd(askedBy: string | undefined): Promise<void>
  /** Leaves the home, which is gone: nothing more is written there, which would make its folders anew. */
  leave(): void
  close(): Promise<void>
}

/**
 * Opens the watchdog of a home.
 * @throws CatalystError WATCHDOG_OFF, WATCHDOG_RUNNING, HOME_NOT_WRITABLE
 */
export async function openHomeWatch(clock: Clock, options: HomeWatchOptions): Promise<HomeWatch> {
  const { paths, config, console, holder } = options
  const { settings } = config
  checkSwitches(config)
  const closing: (() => unknown)[] = []
  const close = async () => {
    for (const one of closing.splice(0).reverse()) await one()
  }
  try {
    closing.push(await claimWatch(clock, paths, holder))
    const redact = homeRedactor(paths, config.environment)
    const { log, close: closeLog } = openSmallLog(clock, {
      folder: paths.logs,
      name: 'watchdog.log',
      level: settings.LOG_LEVEL,
      retention: retentionOf(settings),
      redact,
      console,
      onFault: (fault) => tell(fault ? `watchdog.log can't be written: ${fault}` : 'watchdog.log can be written again'),
    })
    closing.push(closeLog)
    let file = readWatchdogFile(paths)
    const metrics = openMetrics(clock, paths, settings, log, () => file)
    let isGone = false
    closing.push(() => (isGone ? metrics?.written() : metrics?.close()))
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
    return {
      log,
      close,
      leave() {
        isGone = true
        log.level = 'silent'
      },
      line() {
        const wall = clock.now()
        return file === undefined ? 'no check yet' : watchdogLine(file, settings, wall, pauseOf(paths, wall))
      },
      isRestarting: () => isOpen(file?.incident ?? undefined) && file?.incident?.state === 'restarting',
      async run(end, how = () => 'over') {
        while (!end.aborted) {
          const services = await options.services()
          const watch = openWatch(clock, options, { services, log, redact, alerts, heartbeat, onSaved })
          const asChild = services ? '' : '; the bot runs as its child'
          log.info(`watching ${paths.home}, every ${settings.WATCHDOG_CHECK_INTERVAL} s${asChild}`)
          await watch.run(end).finally(() => watch.close(how()))
        }
      },
      async tellEnd(askedBy) {
        log.info(`asked to stop (${askedBy})`)
        heartbeat.beat({ is: 'off', message: `The watchdog was stopped (${askedBy}): nobody watches the bot now.` })
        await within(clock, LAST_BEAT_MS, heartbeat.told())
      },
    }
  } catch (error) {
    await close()
    throw error
  }
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
