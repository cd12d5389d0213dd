import { randomUUID } from 'node:crypto'
import { listenForEnd } from '#core/bot/asked-to-end.js'
import { notifySettings, systemdNotify } from '#core/bot/notify.js'
import type { Config } from '#core/config/load.js'
import { secretForms } from '#core/config/secrets.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth, isEndpointOn } from '#core/health/client.js'
import { openLogging } from '#core/logging/logging.js'
import { redactor } from '#core/logging/redact.js'
import { type Descriptors, keepServiceLogsShort } from '#core/logging/service-logs.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { acquireLock, type Holder, releaseLock } from '#core/state/lock.js'
import { sleep } from '#core/system/clock.js'
import { thisProcess } from '#core/system/processes.js'
import { tell } from '#core/system/stderr.js'
import type { System } from '#core/system/system.js'

export interface RunWatchdogOptions {
  readonly paths: HomePaths
  readonly config: Config
  readonly isService: boolean
  readonly descriptors?: Descriptors
  /** Gets each log line, redacted, as JSON. */
  readonly console: (line: string) => void
}

/**
 * Asks the bot every WATCHDOG_CHECK_INTERVAL how it is, and writes each change into watchdog.log, until it is asked to
 * end. The answer is the process's exit code.
 * @throws CatalystError WATCHDOG_OFF, WATCHDOG_RUNNING
 */
export async function runWatchdog(
  system: System,
  { paths, config, console, isService, descriptors }: RunWatchdogOptions,
): Promise<number> {
  const { settings } = config
  if (!settings.WATCHDOG_ENABLED) throw off('The watchdog is switched off.', 'Set WATCHDOG_ENABLED=1 in .env')
  if (!isEndpointOn(settings))
    throw off(
      'The health endpoint is switched off, so a watchdog could see nothing.',
      'Set HEALTH_CHECK_ENABLED=1 in .env',
    )
  const closing: (() => unknown)[] = []
  const end = listenForEnd(() => {})
  closing.push(end.stopListening)
  try {
    closing.push(await claimWatch(system, paths))
    const logging = openLogging(system.clock, {
      folder: paths.logs,
      level: settings.LOG_LEVEL,
      days: settings.LOG_ROTATION_DAYS,
      redact: redactor(secretForms(config.environment)),
      console,
      files: { bot: 'watchdog.log' },
      onFault: (fault) => tell(fault ? `watchdog.log can't be written: ${fault}` : 'watchdog.log can be written again'),
    })
    closing.push(logging.close)
    const { log } = logging
    if (isService) {
      const logs = { role: 'watchdog' as const, folder: paths.logs, days: settings.LOG_ROTATION_DAYS }
      closing.push(
        keepServiceLogsShort(system.clock, {
          ...logs,
          ...(descriptors && { descriptors }),
          onFault: (fault) => log.warn(fault),
        }),
      )
    }
    if (notifySettings(process.env)) void systemdNotify(process.env)('READY=1')
    log.info(`watching ${paths.home}, every ${settings.WATCHDOG_CHECK_INTERVAL} s`)
    let before: string | undefined
    while (!end.signal.aborted) {
      const { status, reasons } = await askHealth(paths, settings)
      if (status !== before)
        log[status === 'healthy' ? 'info' : 'warn'](`the bot is ${[status, ...reasons].join(': ')}`)
      before = status
      await sleep(system.clock, settings.WATCHDOG_CHECK_INTERVAL * 1000, end.signal)
    }
    log.info(`asked to end (${end.askedBy()})`)
    return EXIT.done
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** Two watchdogs would restart one bot twice. The answer gives the home back. */
async function claimWatch(system: System, paths: HomePaths): Promise<() => void> {
  const mine: Holder = { ...thisProcess(), instance: randomUUID() }
  const acquired = await acquireLock(system.clock, paths.watchdogLock, mine)
  if ('heldBy' in acquired) {
    throw new CatalystError(`A watchdog already runs for ${paths.home}: pid ${acquired.heldBy.pid}.`, {
      code: 'WATCHDOG_RUNNING',
      exit: EXIT.busy,
      suggestions: ['See what it sees: catalyst logs'],
    })
  }
  return () => releaseLock(paths.watchdogLock, mine)
}

function off(message: string, suggestion: string): CatalystError {
  return new CatalystError(message, { code: 'WATCHDOG_OFF', exit: EXIT.settings, suggestions: [suggestion] })
}
