import type { Logger } from 'pino'
import { secretForms } from '#core/config/secrets.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'
import { healthEndpoint } from '#core/health/endpoint.js'
import { startGauges } from '#core/health/gauges.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { type HealthReport, healthReport } from '#core/health/report.js'
import { featuresOf, servicesOf } from '#core/health/services.js'
import { watchStatus } from '#core/health/watch-status.js'
import { type Journal, openJournal } from '#core/journal/journal.js'
import { openLogging } from '#core/logging/logging.js'
import { redactor } from '#core/logging/redact.js'
import { keepServiceLogsShort } from '#core/logging/service-logs.js'
import { type ActiveRelease, activeRelease } from '#core/state/active-release.js'
import { excludeFromGit } from '#core/state/git-exclude.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readInstalled } from '#core/state/installed.js'
import { linkShared } from '#core/state/shared-paths.js'
import { forgetWishBefore } from '#core/state/wanted.js'
import { type Clock, every } from '#core/system/clock.js'
import { exists, isFolder } from '#core/system/files.js'
import { tell } from '#core/system/stderr.js'
import { currentUser } from '#core/system/users.js'
import { type Asker, listenForEnd } from './asked-to-end.js'
import { claimHome } from './claim.js'
import { createMonitor } from './create-monitor.js'
import { notifier, notifySettings, systemdNotify } from './notify.js'
import { openEndpoint } from './open-endpoint.js'
import type { Run, RunBotOptions } from './run.js'
import { runJournaled } from './run-journaled.js'

/** What can wait until the bot is up: after a crash, that counts. */
const CHORES_MS = 1000
/** How often bot.json is looked after. */
const LOOK_MS = 60_000

/**
 * Runs this home's bot until it ends or is asked to. The answer is the process's exit code.
 * @throws CatalystError when it can't be started; by then everything is closed again
 */
export async function runBot(clock: Clock, options: RunBotOptions): Promise<number> {
  const { paths, config, version } = options
  const { settings } = config
  const release = activeRelease(paths)
  const closing: (() => unknown)[] = []
  // before the home is claimed: whoever ends us early leaves nothing locked
  let onRepeat = (_by: Asker) => {}
  const end = listenForEnd((by) => onRepeat(by))
  closing.push(end.stopListening)
  try {
    const claim = await claimHome(clock, paths, { version, release: release?.name ?? null })
    closing.push(claim.release)
    refuseOtherThan(release, paths)
    const redact = redactor(secretForms(config.environment))
    const { monitor, flushCounters } = createMonitor(clock, paths, settings)
    closing.push(flushCounters)
    const logging = openLogging(clock, {
      folder: paths.logs,
      level: settings.LOG_LEVEL,
      days: settings.LOG_ROTATION_DAYS,
      redact,
      console: options.console,
      files: { bot: 'bot.jsonl', errors: 'errors.log', health: 'health.log' },
      freezeThresholdMs: settings.WATCHDOG_FREEZE_THRESHOLD * 1000,
      onFault(fault) {
        monitor.setFault('log', fault && `the log can't be written: ${fault}`)
        tell(fault ? `the log in ${paths.logs} can't be written: ${redact(fault)}` : 'the log can be written again')
      },
    })
    closing.push(logging.close)
    const { log } = logging
    const journal = tolerant(openJournal(clock, paths.journal, redact), monitor, log)
    const exclude = () =>
      excludeFromGit(paths.home, currentUser()).catch((error) =>
        log.warn(`git's exclude file can't be written: ${messageOf(error)}`),
      )
    closing.push(clock.after(CHORES_MS, exclude))
    onRepeat = (by) => log.info(`asked to end once more (${by}): already ending`)
    const gauges = startGauges(clock, { dataFolder: paths.data, services: servicesOf(settings), monitor })
    closing.push(gauges.stop)
    const identity = {
      name: settings.BOT_NAME,
      version,
      release: release?.name ?? null,
      environment: settings.DEPLOYMENT_ENV,
      features: featuresOf({
        ...config.environment,
        FEATURE_HEALTH_ENDPOINT: settings.FEATURE_HEALTH_ENDPOINT ? '1' : '0',
      }),
    }
    const report = () => healthReport(monitor, gauges.read(), identity, clock.now())
    closing.push(watchStatus(clock, logging.health, report))

    if (options.service !== undefined) closing.push(keepShort(clock, options, log))
    const ready = notifyManager(clock, options, monitor, log, closing)

    const note: Run['note'] = (more) => attempt('bot.json', () => claim.update(more), monitor, log)
    const lookAfterBotFile = () => {
      if (isFolder(paths.home) && !exists(paths.bot)) note({}) // somebody removed .catalyst/
    }
    closing.push(every(clock, LOOK_MS, lookAfterBotFile))
    // whoever starts it, the machine too, wants it to run
    const forget = () => forgetWishBefore(paths, performance.timeOrigin, performance.now())
    if (!options.once) attempt('wanted.json', forget, monitor, log)
    const running = () => {
      monitor.setRunning()
      ready()
    }
    if (!release && exists(paths.activeRelease)) {
      const fault = 'the active release is not on disk, or its pointer is damaged: the bot runs in the home itself'
      monitor.setFault('the active release', fault)
      log.error(fault)
    }
    if (release) {
      // a home that was moved, a file that Windows can only copy: what it shares is made right at each start
      const link = () => linkShared(paths.home, release.folder, settings.DEPLOY_SHARED_PATHS, 'refuse')
      attempt('the shared paths of the release', link, monitor, log)
    }
    const run: Run = { ...options, clock, claim, note, monitor, log, journal, end, running, closing, release }
    const ending = await runJournaled(run, async () => {
      if (await listen(run, report)) ready()
    })
    return ending.exit
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/**
 * Before the home was claimed no deployment could see this bot, nor end it. From now on it can.
 * @throws CatalystError DEPLOY_BUSY where one has switched meanwhile: whoever keeps the bot starts it again
 */
function refuseOtherThan(release: ActiveRelease | undefined, paths: HomePaths): void {
  if (activeRelease(paths)?.name === release?.name) return
  throw new CatalystError('Another version has become active while the bot was starting.', {
    code: 'DEPLOY_BUSY',
    exit: EXIT.busy,
    suggestions: ['Start it again: catalyst bot start'],
  })
}

/** The logs that the service manager appends our output to. */
function keepShort(clock: Clock, { paths, config, descriptors }: RunBotOptions, log: Logger): () => void {
  return keepServiceLogsShort(clock, {
    role: 'bot',
    folder: paths.logs,
    days: config.settings.LOG_ROTATION_DAYS,
    onFault: (fault) => log.warn(fault),
    ...(descriptors && { descriptors }),
  })
}

/** What systemd is told, if it wants to be; the answer says that the bot is ready. */
function notifyManager(
  clock: Clock,
  { paths, config: { settings }, once }: RunBotOptions,
  monitor: HealthMonitor,
  log: Logger,
  closing: (() => unknown)[],
): () => void {
  const wanted = once ? undefined : notifySettings(process.env)
  if (wanted === undefined) return () => {}
  const { ready, stop } = notifier(clock, {
    ...wanted,
    notify: systemdNotify(process.env),
    status: () => monitor.verdict().status,
    startTimeoutMs: settings.BOT_START_TIMEOUT * 1000,
    onTrouble: (what) => log.error(what),
    isWatched: () => readInstalled(paths).watchdog !== undefined,
  })
  closing.push(stop)
  return ready
}

/** Binds the endpoint, if there is to be one and nobody asks the bot to end before. The answer is whether it did. */
async function listen(run: Run, report: () => HealthReport): Promise<boolean> {
  const { settings } = run.config
  const { claim, monitor, log, closing } = run
  if (run.once) return false
  if (!isEndpointOn(settings)) {
    log.warn('the health endpoint is switched off: nobody can ask how the bot is')
    return false
  }
  const where = { host: settings.HEALTH_CHECK_HOST, port: settings.HEALTH_CHECK_PORT }
  const handler = healthEndpoint({
    instance: claim.instance,
    door: { token: settings.HEALTH_TOKEN, host: where.host },
    verdict: () => monitor.verdict(),
    report,
  })
  const listener = await openEndpoint(run.clock, where, handler, {
    signal: run.end.signal,
    onWait: () => log.warn(`port ${where.port} is taken: waiting up to 10 s for it`),
  })
  if (!listener) return false
  closing.push(() => listener.close())
  run.note({ endpoint: { host: where.host, port: listener.port } })
  log.info(`health endpoint: http://${where.host}:${listener.port}/health/ping`)
  return true
}

/** A journal that can't be written is a fault to be seen, and no reason to end the bot. */
function tolerant(journal: Journal, monitor: HealthMonitor, log: Logger): Journal {
  return {
    append: (kind, details) => attempt('the journal', () => journal.append(kind, details), monitor, log),
    note: (kind, details) => attempt('the journal', () => journal.note(kind, details), monitor, log),
  }
}

/** Writes something of ours; that it can't be, as on a full disk, is a fault until it works again. */
function attempt(what: string, write: () => void, monitor: HealthMonitor, log: Logger): void {
  try {
    write()
    monitor.setFault(what, undefined)
  } catch (error) {
    const fault = `${what} can't be written: ${messageOf(error)}`
    monitor.setFault(what, fault)
    log.error(fault)
  }
}
