import type { Logger } from 'pino'
import { factsOf } from '#core/alerts/alert.js'
import type { Heartbeat } from '#core/alerts/heartbeat.js'
import type { AlertQueue } from '#core/alerts/queue.js'
import { stopBot } from '#core/bot/stop-bot.js'
import { timings } from '#core/config/timings.js'
import { readBotFile } from '#core/home/bot-file.js'
import { readDesiredStart } from '#core/home/desired-state.js'
import { readInstalled } from '#core/home/installed-services.js'
import type { Where } from '#core/incidents/diagnosis.js'
import type { Incident } from '#core/incidents/incident.js'
import { incidentAlert } from '#core/incidents/incident-alert.js'
import { Incidents } from '#core/incidents/store.js'
import { openJournal } from '#core/journal/journal.js'
import type { Clock } from '#core/platform/clock.js'
import { isRunning } from '#core/platform/process/process-id.js'
import type { Services } from '#core/service/services.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import { serviceSupervisor } from '#core/supervisor/service-supervisor.js'
import { type BotExit, ChildBot } from '#core/watchdog/child.js'
import { Watch } from '#core/watchdog/loop.js'
import { obstacleAfter, pauseAsObstacle } from '#core/watchdog/obstacle.js'
import { rulesOf } from '#core/watchdog/policy/rules.js'
import { readWatchdogFile, type WatchdogFile } from '#core/watchdog/watchdog-file.js'
import type { HomeWatchOptions } from './options.js'

/** What a watch needs beside the options of its watchdog. */
interface WatchParts {
  /** The services of the home; undefined: the bot runs as the watchdog's child. */
  readonly services: Services | undefined
  readonly log: Logger
  readonly redact: (text: string) => string
  readonly alerts: AlertQueue
  readonly heartbeat: Heartbeat
  readonly onSaved: (file: WatchdogFile) => void
}

/** Opens the watch of a bot, with its services or the watchdog itself as the bot's supervisor. */
export function openWatch(clock: Clock, options: HomeWatchOptions, parts: WatchParts): Watch {
  const { paths, config, recover, repair, takeBack } = options
  const { services, log, redact, alerts, heartbeat, onSaved } = parts
  const { settings } = config
  const graceMs = stopTimeoutMs(settings)
  const child =
    services === undefined
      ? openChild(clock, options, { log, onExit: (exit) => void watch.childExited(exit) })
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
    saved: readWatchdogFile(paths),
    log,
    stopBot: stop,
    recover: (supervisor) => recover(supervisor, (text) => log.warn(redact(text))),
    repair: (broken, supervisor, signal) =>
      repair(broken, { supervisor, signal, tell: (text) => log.warn(redact(text)) }),
    takeBack: (failing, supervisor, signal) =>
      takeBack(failing, { supervisor, signal, tell: (text) => log.warn(redact(text)) }),
    beat: heartbeat.beat,
    onSaved,
    incidents,
    journal: openJournal(clock, paths.journal, redact).append,
    alert: (incident, where) =>
      alerts.show(alertId(incident), incidentAlert(incident, factsOf(paths, settings), where && asText(where))),
    async close(end) {
      if (child === undefined) return
      if (end === 'followed') return child.release()
      if (child.isRunning && end === 'over') await stop() // one that somebody else has started goes on
      await child.stop(graceMs)
    },
  })
  return watch
}

/** Makes the watchdog the supervisor of the bot, which is started as its child. */
function openChild(
  clock: Clock,
  { paths, config, command, botConsole }: HomeWatchOptions,
  { log, onExit }: { log: Logger; onExit: (exit: BotExit) => void },
): ChildBot {
  const { settings } = config
  return new ChildBot(clock, {
    command,
    home: paths.home,
    restartDelayMs: timings(settings).restartDelayMs,
    log,
    onOutput: botConsole,
    runningBot: async () => {
      const bot = readBotFile(paths.bot)
      return bot !== undefined && (await isRunning(bot)) ? bot : undefined
    },
    stopBot: () => stopBot(clock, paths, stopTimeoutMs(settings)),
    desiredStart: () => readDesiredStart(paths)?.at,
    obstacle: (exit) => pauseAsObstacle(paths, () => clock.now()) ?? obstacleAfter(paths, exit),
    onExit,
  })
}

/** Returns the id of the alert about an incident: all its texts have the same. */
export function alertId({ id }: Pick<Incident, 'id'>): string {
  return `incident-${id}`
}

function asText({ what, lines }: Where): string {
  return [what, ...lines].join('\n')
}
