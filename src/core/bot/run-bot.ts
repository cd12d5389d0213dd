import type { Logger } from 'pino'
import { openEndpoint } from '#core/bot/servers/open-endpoint.js'
import { openSettings } from '#core/config/open-settings.js'
import { secretForms } from '#core/config/secrets.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT, messageOf, writeFault } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'
import { featuresOf } from '#core/health/dependencies.js'
import { healthEndpoint } from '#core/health/endpoint/endpoint.js'
import { startGauges } from '#core/health/gauges.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { healthReport } from '#core/health/report.js'
import { watchStatus } from '#core/health/watch-status.js'
import { type ActiveRelease, activeRelease } from '#core/home/active-release.js'
import { clearDesiredStateBefore } from '#core/home/desired-state.js'
import { refuseForeignState } from '#core/home/foreign-state.js'
import { excludeFromGit } from '#core/home/git-exclude.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import { registerHome } from '#core/home/registry.js'
import { linkShared } from '#core/home/shared-paths.js'
import { isWatchdogAwake } from '#core/home/watchdog-awake.js'
import { type Journal, openJournal } from '#core/journal/journal.js'
import { redactor } from '#core/logging/redact.js'
import { keepServiceLogsShort } from '#core/logging/service-logs.js'
import { openLogging } from '#core/logging/write/logging.js'
import { retentionOf } from '#core/logging/write/retention.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { type Clock, every } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import { exists, isFolder } from '#core/platform/fs/files.js'
import { keepSpares } from '#core/platform/fs/spare.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { printOwn } from '#core/platform/output/capture-output.js'
import { tell } from '#core/platform/process/stderr.js'
import { currentUser, ownerOf } from '#core/platform/process/users.js'
import { whyNoBot } from './built-in.js'
import { claimHome } from './claim.js'
import { createMonitor } from './create-monitor.js'
import { notifier, notifySettings, systemdNotify } from './notify.js'
import type { Run, RunBotOptions } from './run.js'
import { runJournaled } from './run-journaled.js'
import { addUnwrittenStart } from './starts/unwritten-starts.js'
import { listenForStop, type StopSource } from './stop-request.js'

/** The delay of work that can wait until the bot is up: after a crash, a fast start counts. */
const CHORES_MS = 1000
/** The interval at which bot.json is checked, and retried where it could not be written. */
const POLL_INTERVAL_MS = 60_000
const RETRY_MS = 1000

/**
 * Runs this home's bot until it exits or is asked to stop. Returns the process's exit code.
 * @throws CatalystError when it can't be started; by then everything is closed again
 */
export async function runBot(clock: Clock, options: RunBotOptions): Promise<number> {
  const { paths, config, version } = options
  const { settings } = config
  const unnamed = whyNoBot(config, paths)
  if (unnamed) throw unnamed
  useProxiesOf(config.environment)
  // what points at a release decides what is run
  if (exists(paths.activeRelease))
    for (const warning of await refuseForeignState({ paths, owner: ownerOf(paths.home) })) tell(`Warning: ${warning}.`)
  const release = activeRelease(paths)
  const closing: (() => unknown)[] = []
  // before the home is claimed: an early stop then leaves nothing locked
  let onRepeat = (_by: StopSource) => {}
  const stopRequest = listenForStop((by) => onRepeat(by))
  closing.push(stopRequest.stopListening)
  try {
    const facts = {
      version,
      release: release?.name ?? null,
      ...(options.isChild && { supervisor: 'watchdog' as const }),
    }
    const claim = await claimHome(clock, paths, facts)
    closing.push(claim.release)
    refuseOtherThan(release, paths)
    const redact = redactor(secretForms(config.environment))
    const { monitor, flushCounters } = createMonitor(clock, paths, settings)
    closing.push(flushCounters)
    const logging = openLogging(clock, {
      folder: paths.logs,
      level: settings.LOG_LEVEL,
      retention: retentionOf(settings),
      redact,
      console: (line) => printOwn(() => options.console(line)),
      onBotError: () => monitor.recordError(),
      files: { bot: 'bot.jsonl', errors: 'errors.log', health: 'health.log' },
      freezeThresholdMs: timings(settings).freezeThresholdMs,
      onFault(fault) {
        monitor.setFault('log', fault && `the log can't be written: ${fault}`)
        tell(fault ? `the log in ${paths.logs} can't be written: ${redact(fault)}` : 'the log can be written again')
      },
    })
    closing.push(logging.close)
    const { log } = logging
    const write = bestEffortWrites(paths, monitor, log)
    const onUnwritten = (kind: string) => {
      const add = () => addUnwrittenStart(paths, clock.now(), release?.name ?? null)
      if (kind === 'bot.start') write('unwritten-starts.json', add)
    }
    const journal = journalBestEffort(openJournal(clock, paths.journal, redact), write, onUnwritten)
    const chores = async () => {
      registerHome(paths.home)
      for (const warning of openSettings(paths.home)) log.warn(warning)
      await excludeFromGit(paths.home, currentUser()).catch((error) =>
        log.warn(`git's exclude file can't be written: ${messageOf(error)}`),
      )
      // with nothing of it believed so far there was no haste
      if (release === undefined) for (const warning of await stateWarnings(paths)) log.warn(warning)
    }
    closing.push(clock.after(CHORES_MS, chores))
    onRepeat = (by) => log.info(`asked to stop again (${by}): already stopping`)
    const { TIME_SERVER: server, CLOCK_MAX_OFFSET: maxSeconds } = settings
    const time = server === undefined || options.once ? undefined : { server, maxSeconds, log }
    const gauges = startGauges(clock, { dataFolder: paths.data, dependencies: config.dependencies, monitor, time })
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

    const note: Run['note'] = (more) => write('bot.json', () => claim.update(more))
    const keepState = () => {
      if (isFolder(paths.home) && !exists(paths.bot)) note({}) // somebody removed .catalyst/
      keepSpares(paths.state)
    }
    closing.push(every(clock, POLL_INTERVAL_MS, keepState))
    // else nobody could ask the bot as long as it runs
    closing.push(every(clock, RETRY_MS, () => (claim.isBehind() ? note({}) : undefined)))
    // a start by anybody, the machine too, ends a desired stop of before
    const forget = () => clearDesiredStateBefore(paths, performance.timeOrigin, performance.now())
    if (!options.once) write('desired-state.json', forget)
    const running = () => {
      monitor.setRunning()
      ready()
    }
    if (!release && exists(paths.activeRelease)) {
      const fault = 'the active release is not on disk, or its pointer is damaged: the bot runs in the working tree'
      monitor.setFault('the active release', fault)
      log.error(fault)
    }
    if (release) {
      // a home that was moved, a file that Windows can only copy: what it shares is made right at each start
      const link = () => linkShared(paths.home, release.folder, settings.DEPLOY_SHARED_PATHS, 'refuse')
      write('the shared paths of the release', link)
    }
    const run: Run = {
      ...options,
      clock,
      claim,
      note,
      monitor,
      report,
      log,
      botLog: logging.bot,
      journal,
      stopRequest,
      ready,
      running,
      closing,
      release,
    }
    const result = await runJournaled(run, async () => {
      if (await listen(run)) ready()
    })
    return result.kind === 'bot.stop' && !result.makesRoom ? EXIT.done : result.exit // what was asked for is no failure
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** Returns the warnings about the home's settings and state, where none of them is refused. */
function stateWarnings(paths: HomePaths): Promise<string[]> {
  return refuseForeignState({ paths, owner: ownerOf(paths.home) }).catch((error) => [messageOf(error)])
}

/**
 * Refuses another active release than the one of this start. Before the home was claimed, no deployment could see this
 * bot, nor stop it. From now on it can.
 * @throws CatalystError DEPLOY_BUSY where one has switched meanwhile: the supervisor starts the bot again
 */
function refuseOtherThan(release: ActiveRelease | undefined, paths: HomePaths): void {
  if (activeRelease(paths)?.name === release?.name) return
  throw new CatalystError('Another version has become active while the bot was starting.', {
    code: 'DEPLOY_BUSY',
    exit: EXIT.busy,
    suggestions: ['Start it again: catalyst bot start'],
  })
}

/** Keeps the logs short that the service manager appends our output to. */
function keepShort(clock: Clock, { paths, config, descriptors }: RunBotOptions, log: Logger): () => void {
  return keepServiceLogsShort(clock, {
    role: 'bot',
    folder: paths.logs,
    retention: retentionOf(config.settings),
    onFault: (fault) => log.warn(fault),
    ...(descriptors && { descriptors }),
  })
}

/** Notifies systemd, where it asks for that. Returns what reports that the bot is ready. */
function notifyManager(
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
      if (readInstalled(paths).watchdog === undefined) return 'none'
      return isWatchdogAwake(paths, timings(settings).checkIntervalMs, clock.now()) ? 'awake' : 'silent'
    },
  })
  closing.push(stop)
  return ready
}

/** Binds the endpoint, if it is switched on and nobody asks the bot to stop before. Returns whether it did. */
async function listen(run: Run): Promise<boolean> {
  const { settings } = run.config
  const { claim, monitor, log, closing } = run
  if (run.once) return false
  if (!isEndpointOn(settings)) {
    log.warn('the health endpoint is switched off: nobody can ask for the health of the bot')
    return false
  }
  const where = { host: settings.HEALTH_CHECK_HOST, port: settings.HEALTH_CHECK_PORT }
  const handler = healthEndpoint({
    instance: claim.instance,
    access: { token: settings.HEALTH_TOKEN, host: where.host },
    state: () => monitor.state(),
    report: run.report,
  })
  const listener = await openEndpoint(run.clock, where, handler, {
    signal: run.stopRequest.signal,
    onWait: () => log.warn(`port ${where.port} is taken: waiting up to 10 s for it`),
  })
  if (!listener) return false
  closing.push(() => listener.close())
  run.note({ endpoint: { host: where.host, port: listener.port } })
  log.info(`health endpoint: http://${where.host}:${listener.port}/health/ping`)
  return true
}

/** Returns a journal whose writes may fail: that is a fault of the bot's health, and no reason to stop it. */
function journalBestEffort(journal: Journal, write: BestEffort, onUnwritten: (kind: string) => void): Journal {
  return {
    append(kind, details) {
      if (!write('the journal', () => journal.append(kind, details))) onUnwritten(kind)
    },
    note: (kind, details) => write('the journal', () => journal.note(kind, details)),
  }
}

/** Returns whether it was written. */
type BestEffort = (what: string, write: () => void) => boolean

/**
 * Returns what writes files of ours. A failed write, as on a full disk, is a fault until it works again, and is logged
 * once.
 */
function bestEffortWrites({ home }: HomePaths, monitor: HealthMonitor, log: Logger): BestEffort {
  const latches = new Map<string, FaultLatch>()
  const latchOf = (what: string) => {
    const latch =
      latches.get(what) ??
      new FaultLatch((fault) => (fault ? log.error(fault) : log.info(`${what} can be written again`)))
    latches.set(what, latch)
    return latch
  }
  return (what, write) => {
    let fault: string | undefined
    const textOf = (error: unknown) => `${what} can't be written: ${writeFault(error, home)}`
    const isWritten = bestEffort(write, (text) => (fault = text), textOf)
    monitor.setFault(what, fault)
    latchOf(what).set(fault)
    return isWritten
  }
}
