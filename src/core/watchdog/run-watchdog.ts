import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { factsOf } from '#core/alerts/alert.js'
import { type Heartbeat, openHeartbeat } from '#core/alerts/heartbeat.js'
import { type AlertQueue, openAlertQueue } from '#core/alerts/queue.js'
import { notifySettings, sayReady, systemdNotify } from '#core/bot/notify.js'
import { tellStatus } from '#core/bot/notify-status.js'
import { stopBot } from '#core/bot/stop-bot.js'
import { listenForStop } from '#core/bot/stop-request.js'
import type { Config } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT, isNoRoom, writeFault } from '#core/errors.js'
import { readBotFile } from '#core/home/bot-file.js'
import { readDesiredStart } from '#core/home/desired-state.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import { acquireLock, type Holder, releaseLock } from '#core/home/lock.js'
import { pauseOf } from '#core/home/pause.js'
import { registerHome } from '#core/home/registry.js'
import type { Where } from '#core/incidents/diagnosis.js'
import { homeRedactor } from '#core/incidents/home-redactor.js'
import type { Incident } from '#core/incidents/incident.js'
import { incidentAlert } from '#core/incidents/incident-alert.js'
import { Incidents } from '#core/incidents/store.js'
import { openJournal } from '#core/journal/journal.js'
import { type Descriptors, keepServiceLogsShort } from '#core/logging/service-logs.js'
import { retentionOf } from '#core/logging/write/retention.js'
import { openSmallLog } from '#core/logging/write/small-log.js'
import { exposition } from '#core/metrics/exposition.js'
import { type MetricsFile, metricsFile } from '#core/metrics/metrics-file.js'
import { type Clock, within } from '#core/platform/clock.js'
import { keepSpares } from '#core/platform/fs/spare.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { isRunning, thisProcess } from '#core/platform/process/process-id.js'
import { tell } from '#core/platform/process/stderr.js'
import type { Services } from '#core/service/services.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import { serviceSupervisor } from '#core/supervisor/service-supervisor.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import { ChildBot } from './child.js'
import { Watch } from './loop.js'
import { obstacleAfter, pauseAsObstacle } from './obstacle.js'
import { rulesOf } from './policy/rules.js'
import type { Broken } from './repairs.js'
import { watchdogLine } from './status.js'
import { blindWatchdog, watchdogOff } from './switches.js'
import { readWatchdogFile, type WatchdogFile } from './watchdog-file.js'
import { watchdogMetrics } from './watchdog-metrics.js'

/** The limit of the time in which the outside monitor is told that the watchdog ends. */
const LAST_BEAT_MS = 2000

export interface RunWatchdogOptions {
  readonly paths: HomePaths
  readonly config: Config
  /** The files that its output goes to, where it runs as a service. */
  readonly descriptors?: Descriptors
  /**
   * Returns the services of the home where the bot is installed as one; else the watchdog supervises the bot itself.
   */
  readonly services: () => Promise<Services | undefined>
  /** The command that starts the bot: node and its arguments. */
  readonly command: readonly [string, ...string[]]
  /** Resumes or rolls back an interrupted deployment. `supervisor` restarts the bot, `onNote` gets what is done. */
  readonly recover: (supervisor: Supervisor, onNote: (text: string) => void) => Promise<void>
  /** Builds a release anew whose runtime has changed; `tell` gets what is done. */
  readonly repair: (
    broken: Broken,
    options: { supervisor: Supervisor; signal: AbortSignal; tell: (text: string) => void },
  ) => Promise<void>
  /** Writes a log line, redacted, as JSON. */
  readonly console: (line: string) => void
}

/**
 * Watches the bot of a home, restarts it and alerts the admin, until it is asked to stop. Returns the process's exit
 * code.
 * @throws CatalystError WATCHDOG_OFF, WATCHDOG_RUNNING
 */
export async function runWatchdog(clock: Clock, options: RunWatchdogOptions): Promise<number> {
  const { paths, config, console, descriptors } = options
  const { settings } = config
  checkSwitches(config)
  useProxiesOf(config.environment)
  const closing: (() => unknown)[] = []
  const end = listenForStop(() => {})
  closing.push(end.stopListening)
  try {
    closing.push(await claimWatch(clock, paths))
    registerHome(paths.home)
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
    if (descriptors) {
      const logs = { role: 'watchdog', folder: paths.logs, retention: retentionOf(settings), descriptors } as const
      closing.push(keepServiceLogsShort(clock, { ...logs, onFault: (fault) => log.warn(fault) }))
    }
    let file = readWatchdogFile(paths)
    const metrics = openMetrics(clock, paths, settings, log, () => file)
    closing.push(() => metrics?.close())
    if (notifySettings(process.env)) {
      const notify = systemdNotify(process.env)
      const onFault = (what: string) => log.error(what)
      closing.push(sayReady(clock, { notify, onFault }))
      const line = () => (file === undefined ? 'no check yet' : watchdogLine(file, settings, clock.now()))
      closing.push(tellStatus(clock, notify, line))
    }
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
    const alerts = openAlertQueue(clock, {
      paths,
      settings,
      messages: savedMessages(file),
      redact,
      log,
    })
    closing.push(() => alerts.close())
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

function openWatch(
  clock: Clock,
  { paths, config, command, recover, repair }: RunWatchdogOptions,
  {
    services,
    log,
    redact,
    alerts,
    heartbeat,
    onSaved,
  }: {
    services: Services | undefined
    log: Logger
    redact: (text: string) => string
    alerts: AlertQueue
    heartbeat: Heartbeat
    onSaved: (file: WatchdogFile) => void
  },
): Watch {
  const { settings } = config
  const saved = readWatchdogFile(paths)
  const graceMs = stopTimeoutMs(settings)
  const child =
    services === undefined
      ? new ChildBot(clock, {
          command,
          home: paths.home,
          restartDelayMs: timings(settings).restartDelayMs,
          log,
          runningBot: async () => {
            const bot = readBotFile(paths.bot)
            return bot !== undefined && (await isRunning(bot)) ? bot : undefined
          },
          stopBot: () => stopBot(clock, paths, graceMs),
          desiredStart: () => readDesiredStart(paths)?.at,
          obstacle: (exit) => pauseAsObstacle(paths, () => clock.now()) ?? obstacleAfter(paths, exit),
          onExit: (exit) => void watch.childExited(exit),
        })
      : undefined
  const stop = () => {
    child?.expectExit()
    return stopBot(clock, paths, graceMs)
  }
  const incidents = new Incidents(paths.incidents, redact)
  const watch: Watch = new Watch(clock, {
    paths,
    settings,
    dependencies: config.dependencies,
    rules: rulesOf(settings),
    supervisor: child ?? serviceSupervisor(services as Services, { restarts: 'by its exit' }),
    isOver: () => services === undefined && readInstalled(paths).bot !== undefined,
    saved,
    log,
    stopBot: stop,
    recover: (supervisor) => recover(supervisor, (text) => log.warn(redact(text))),
    repair: (broken, supervisor, signal) =>
      repair(broken, { supervisor, signal, tell: (text) => log.warn(redact(text)) }),
    beat: heartbeat.beat,
    onSaved,
    incidents,
    journal: openJournal(clock, paths.journal, redact).append,
    alert: (incident, where) =>
      alerts.show(alertId(incident), incidentAlert(incident, factsOf(paths, settings), where && asText(where))),
    async close() {
      if (child) {
        if (child.isRunning) await stop() // one that somebody else has started goes on
        await child.stop(graceMs)
      }
    },
  })
  return watch
}

/** Returns what keeps METRICS_FILE current, where that is set; `read` returns what the watchdog remembers. */
function openMetrics(
  clock: Clock,
  paths: HomePaths,
  settings: Settings,
  log: Logger,
  read: () => WatchdogFile | undefined,
): MetricsFile | undefined {
  if (settings.METRICS_FILE === undefined) return undefined
  const text = (running: boolean) => {
    const wall = clock.now()
    const figures = { file: read(), running, pause: pauseOf(paths, wall), settings, wall }
    return exposition(settings.BOT_NAME, watchdogMetrics(figures))
  }
  return metricsFile(clock, resolve(paths.home, settings.METRICS_FILE), text, (fault) =>
    fault === undefined ? log.info('METRICS_FILE can be written again') : log.warn(`METRICS_FILE: ${fault}`),
  )
}

function alertId({ id }: Pick<Incident, 'id'>): string {
  return `incident-${id}`
}

/** Returns the messages that an older version has saved in the watchdog's file. */
function savedMessages(saved: WatchdogFile | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(saved?.messages ?? {}).map(([id, name]) => [alertId({ id: Number(id) }), name]),
  )
}

function asText({ what, lines }: Where): string {
  return [what, ...lines].join('\n')
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

/** Takes the watchdog's lock of the home: two watchdogs would restart one bot twice. Returns what releases it. */
async function claimWatch(clock: Clock, paths: HomePaths): Promise<() => void> {
  const mine: Holder = { ...thisProcess(), instance: randomUUID() }
  const acquired = await acquireLock(clock, paths.watchdogLock, mine).catch((error) => {
    throw isNoRoom(error) ? noRoom(paths, error) : error
  })
  keepSpares(paths.state)
  if ('heldBy' in acquired) {
    throw new CatalystError(`A watchdog already runs for ${paths.home}: pid ${acquired.heldBy.pid}.`, {
      code: 'WATCHDOG_RUNNING',
      exit: EXIT.busy,
      suggestions: ['See what it sees: catalyst watchdog status'],
    })
  }
  return () => releaseLock(paths.watchdogLock, mine)
}

function noRoom({ state, watchdogLock }: HomePaths, why: unknown): CatalystError {
  return new CatalystError(`The watchdog can't take its lock ${watchdogLock}: ${writeFault(why, state)}.`, {
    code: 'HOME_NOT_WRITABLE',
    exit: EXIT.failed,
    suggestions: ['Then start it again: catalyst watchdog run (as a service it is started again by itself).'],
  })
}
