import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { listenForEnd } from '#core/bot/asked-to-end.js'
import { endBot } from '#core/bot/end-bot.js'
import { notifySettings, sayReady, systemdNotify } from '#core/bot/notify.js'
import type { Config } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'
import { openJournal } from '#core/journal/journal.js'
import { type Descriptors, keepServiceLogsShort } from '#core/logging/service-logs.js'
import { openSmallLog } from '#core/logging/small-log.js'
import type { Services } from '#core/service/services.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import { readBotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readInstalled } from '#core/state/installed.js'
import { acquireLock, type Holder, releaseLock } from '#core/state/lock.js'
import { readStartWish } from '#core/state/wanted.js'
import type { Clock } from '#core/system/clock.js'
import { isRunning, thisProcess } from '#core/system/processes.js'
import { tell } from '#core/system/stderr.js'
import { AdminMessages } from './admin-messages.js'
import { ChildBot } from './child.js'
import { incidentEmbed } from './embed.js'
import { factsOf } from './facts.js'
import { heartbeat } from './heartbeat.js'
import { homeRedactor } from './home-redactor.js'
import { Incidents } from './incidents.js'
import { serviceKeeper } from './keeper.js'
import { rulesOf } from './policy.js'
import { Watch } from './watch.js'
import { readWatchdogFile } from './watchdog-file.js'
import type { Where } from './where.js'

export interface RunWatchdogOptions {
  readonly paths: HomePaths
  readonly config: Config
  /** Where its output goes, where it runs as a service. */
  readonly descriptors?: Descriptors
  /** The services of the home, where the bot is installed as one; else the watchdog keeps the bot itself. */
  readonly services: () => Promise<Services | undefined>
  /** How to start the bot: node and its arguments. */
  readonly command: readonly [string, ...string[]]
  /** Brings a deployment that was cut off to its end. `keeper` restarts the bot, `tell` hears what is done. */
  readonly recover: (
    keeper: { kind: 'service' | 'watchdog' | 'nobody'; restart: () => Promise<void> },
    tell: (text: string) => void,
  ) => Promise<void>
  /** Gets each log line, redacted, as JSON. */
  readonly console: (line: string) => void
}

/**
 * Watches the bot of a home, brings it back and tells the admin, until it is asked to end. The answer is the process's
 * exit code.
 * @throws CatalystError WATCHDOG_OFF, WATCHDOG_RUNNING
 */
export async function runWatchdog(clock: Clock, options: RunWatchdogOptions): Promise<number> {
  const { paths, config, console, descriptors } = options
  const { settings } = config
  checkSwitches(config)
  const closing: (() => unknown)[] = []
  const end = listenForEnd(() => {})
  closing.push(end.stopListening)
  try {
    closing.push(await claimWatch(clock, paths))
    const redact = homeRedactor(paths, config.environment)
    const { log, close: closeLog } = openSmallLog(clock, {
      folder: paths.logs,
      name: 'watchdog.log',
      level: settings.LOG_LEVEL,
      days: settings.LOG_ROTATION_DAYS,
      redact,
      console,
      onFault: (fault) => tell(fault ? `watchdog.log can't be written: ${fault}` : 'watchdog.log can be written again'),
    })
    closing.push(closeLog)
    if (descriptors) {
      const logs = { role: 'watchdog', folder: paths.logs, days: settings.LOG_ROTATION_DAYS, descriptors } as const
      closing.push(keepServiceLogsShort(clock, { ...logs, onFault: (fault) => log.warn(fault) }))
    }
    if (notifySettings(process.env)) {
      const onTrouble = (what: string) => log.error(what)
      closing.push(sayReady(clock, { notify: systemdNotify(process.env), onTrouble }))
    }
    while (!end.signal.aborted) {
      const services = await options.services()
      const watch = openWatch(clock, options, services, log, redact)
      const keeps = services ? '' : '; it keeps the bot itself'
      log.info(`watching ${paths.home}, every ${settings.WATCHDOG_CHECK_INTERVAL} s${keeps}`)
      await watch.run(end.signal).finally(() => watch.close())
    }
    log.info(`asked to end (${end.askedBy()})`)
    return EXIT.done
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

function openWatch(
  clock: Clock,
  { paths, config, command, recover }: RunWatchdogOptions,
  services: Services | undefined,
  log: Logger,
  redact: (text: string) => string,
): Watch {
  const { settings } = config
  const kept = readWatchdogFile(paths)
  const messages = new AdminMessages(clock, {
    webhook: settings.ADMIN_ALERT_WEBHOOK,
    known: kept?.messages ?? {},
    onSent: (known) => watch.remember(known),
    onFault: (why) =>
      why === undefined ? log.info('the admin can be told again') : log.warn(`the admin can't be told: ${redact(why)}`),
  })
  const facts = factsOf(paths, settings)
  const child =
    services === undefined
      ? new ChildBot(clock, {
          command,
          home: paths.home,
          restartDelayMs: settings.SERVICE_RESTART_DELAY * 1000,
          log,
          botRuns: async () => {
            const bot = readBotFile(paths.bot)
            return bot !== undefined && isRunning(bot)
          },
          startWish: () => readStartWish(paths)?.at,
          onEnd: (exit) => void watch.ended(exit),
        })
      : undefined
  const graceMs = stopTimeoutMs(settings)
  const incidents = new Incidents(paths.incidents, redact)
  const watch: Watch = new Watch(clock, {
    paths,
    settings,
    rules: rulesOf(settings),
    keeper: child ?? serviceKeeper(clock, services as Services),
    isOver: () => services === undefined && readInstalled(paths).bot !== undefined,
    kept,
    log,
    endBot: () => endBot(clock, paths, graceMs),
    recover: (restart) => recover(keeperOf(restart, child !== undefined), (text) => log.warn(redact(text))),
    beat: heartbeat(settings.HEARTBEAT_URL, (why) =>
      why === undefined
        ? log.info('HEARTBEAT_URL answers again')
        : log.warn(`HEARTBEAT_URL does not take the heartbeat: ${redact(why)}`),
    ),
    incidents,
    journal: openJournal(clock, paths.journal, redact).append,
    tell: (incident, where) =>
      messages.show(String(incident.id), incidentEmbed(incident, { ...facts, where: where && asText(where, redact) })),
    async close() {
      if (child) {
        if (child.isRunning) await endBot(clock, paths, graceMs) // one that somebody else has started goes on
        await child.stop(graceMs)
      }
      messages.close()
    },
  })
  return watch
}

/** Who restarts the bot in a recovery; nobody where it was stopped on purpose. */
function keeperOf(restart: (() => Promise<void>) | undefined, isChild: boolean) {
  if (restart === undefined) return { kind: 'nobody', restart: async () => {} } as const
  return { kind: isChild ? 'watchdog' : 'service', restart } as const
}

function asText({ what, lines }: Where, redact: (text: string) => string): string {
  return redact([what, ...lines].join('\n'))
}

function checkSwitches({ settings }: Config): void {
  if (!settings.WATCHDOG_ENABLED)
    throw off(
      'The watchdog is switched off.',
      'Set WATCHDOG_ENABLED=1 in .env, or for one run: catalyst watchdog run --enabled',
    )
  if (isEndpointOn(settings)) return
  throw off(
    'The health endpoint is switched off, so a watchdog could see nothing.',
    'Set HEALTH_CHECK_ENABLED=1 in .env',
  )
}

/** Two watchdogs would restart one bot twice. The answer gives the home back. */
async function claimWatch(clock: Clock, paths: HomePaths): Promise<() => void> {
  const mine: Holder = { ...thisProcess(), instance: randomUUID() }
  const acquired = await acquireLock(clock, paths.watchdogLock, mine)
  if ('heldBy' in acquired) {
    throw new CatalystError(`A watchdog already runs for ${paths.home}: pid ${acquired.heldBy.pid}.`, {
      code: 'WATCHDOG_RUNNING',
      exit: EXIT.busy,
      suggestions: ['See what it sees: catalyst watchdog status'],
    })
  }
  return () => releaseLock(paths.watchdogLock, mine)
}

function off(message: string, suggestion: string): CatalystError {
  return new CatalystError(message, { code: 'WATCHDOG_OFF', exit: EXIT.settings, suggestions: [suggestion] })
}
