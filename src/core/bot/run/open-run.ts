import type { Logger } from 'pino'
import { claimHome } from '#core/bot/claim.js'
import { addUnwrittenStart } from '#core/bot/starts/unwritten-starts.js'
import { openSettings } from '#core/config/open-settings.js'
import { secretForms } from '#core/config/secrets.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { History } from '#core/health/history/history.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { watchStatus } from '#core/health/watch-status.js'
import { type ActiveRelease, activeRelease } from '#core/home/active-release.js'
import { clearOlderDesiredState } from '#core/home/desired-state.js'
import { refuseForeignState } from '#core/home/foreign-state.js'
import { excludeFromGit } from '#core/home/git-exclude.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { registerHome } from '#core/home/registry.js'
import { linkShared } from '#core/home/shared-paths.js'
import { openJournal } from '#core/journal/journal.js'
import { type Redact, redactor } from '#core/logging/redact.js'
import { keepServiceLogsShort } from '#core/logging/service-logs.js'
import { openLogging } from '#core/logging/write/logging.js'
import { retentionOf } from '#core/logging/write/retention.js'
import { type Clock, every } from '#core/platform/clock.js'
import { exists, isFolder } from '#core/platform/fs/files.js'
import { keepSpares } from '#core/platform/fs/spare.js'
import { printOwn } from '#core/platform/output/capture-output.js'
import { tell } from '#core/platform/process/stderr.js'
import { currentUser, ownerOf } from '#core/platform/process/users.js'
import { type BestEffort, bestEffortWrites, journalBestEffort } from './best-effort-writes.js'
import { createMonitor } from './create-monitor.js'
import { notifyManager } from './notify-manager.js'
import { openHistory } from './open-history.js'
import { openReport } from './open-report.js'
import type { Run, RunBotOptions } from './run.js'

/** The delay of work that can wait until the bot is up: after a crash, a fast start counts. */
const CHORES_MS = 1000
/** The interval at which bot.json is checked, and retried where it could not be written. */
const POLL_INTERVAL_MS = 60_000
const RETRY_MS = 1000

/**
 * Claims the home, and opens what a run needs before its bot is started: log, journal, monitor and report. All of it is
 * closed by `closing`.
 * @throws CatalystError DEPLOY_BUSY; those of {@link claimHome}
 */
export async function openRun(
  clock: Clock,
  options: RunBotOptions,
  { release, stopRequest, closing }: Pick<Run, 'release' | 'stopRequest' | 'closing'>,
): Promise<Run> {
  const { paths, config, version } = options
  const { settings } = config
  const facts = {
    version,
    release: release?.name ?? null,
    ...(options.isChild && { supervisor: 'watchdog' as const }),
  }
  const claim = await claimHome(clock, paths, facts)
  closing.push(claim.release)
  refuseOtherThan(release, paths)
  const redact = redactor(secretForms(config.environment))
  const { monitor, flushCounters } = createMonitor(clock, paths, settings, redact)
  closing.push(flushCounters)
  const logging = openLogs(clock, options, monitor, redact)
  closing.push(logging.close)
  const { log } = logging
  const write = bestEffortWrites(paths, monitor, log)
  const onUnwritten = (kind: string) => {
    const add = () => addUnwrittenStart(paths, clock.now(), release?.name ?? null)
    if (kind === 'bot.start') write('unwritten-starts.json', add)
  }
  const journal = journalBestEffort(openJournal(clock, paths.journal, redact), write, onUnwritten)
  closing.push(clock.after(CHORES_MS, () => doChores(clock, paths, release, log)))
  const { report, metrics, delayMs } = openReport(clock, options, { release, monitor, log, closing })
  closing.push(watchStatus(clock, logging.health, { state: () => monitor.state(), report }))
  if (options.service !== undefined) closing.push(keepShort(clock, options, log))
  const ready = notifyManager(clock, options, monitor, log, closing)
  const running = () => {
    monitor.setRunning()
    ready()
  }
  const note: Run['note'] = (more) => write('bot.json', () => claim.update(more))
  const history = options.once ? new History() : openHistory(clock, { paths, monitor, delayMs, log, closing })
  const opened = {
    clock,
    claim,
    note,
    monitor,
    report,
    metrics,
    log,
    beginLog: logging.begin,
    botLog: logging.bot,
    journal,
    history,
    redact,
    stopRequest,
  }
  const run: Run = { ...options, ...opened, ready, running, closing, release }
  keepState(run, write)
  openRelease(run, write)
  return run
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

function openLogs(clock: Clock, { paths, config, console }: RunBotOptions, monitor: HealthMonitor, redact: Redact) {
  const { settings } = config
  return openLogging(clock, {
    folder: paths.logs,
    level: settings.LOG_LEVEL,
    retention: retentionOf(settings),
    redact,
    console: (line) => printOwn(() => console(line)),
    onBotError: () => monitor.recordError(),
    files: { bot: 'bot.jsonl', errors: 'errors.log', health: 'health.log' },
    freezeThresholdMs: timings(settings).freezeThresholdMs,
    // a module may block this one; a thread that begins later lets the bot answer sooner
    thread: settings.BOT_COMMAND === undefined ? 'later' : 'none',
    onFault(fault) {
      monitor.setFault('log', fault && `the log can't be written: ${fault}`)
      tell(fault ? `the log in ${paths.logs} can't be written: ${redact(fault)}` : 'the log can be written again')
    },
  })
}

async function doChores(
  clock: Clock,
  paths: HomePaths,
  release: ActiveRelease | undefined,
  log: Logger,
): Promise<void> {
  await registerHome(clock, paths.home)
  for (const warning of openSettings(paths.home)) log.warn(warning)
  await excludeFromGit(paths.home, currentUser()).catch((error) =>
    log.warn(`git's exclude file can't be written: ${messageOf(error)}`),
  )
  // with nothing of it believed so far there was no haste
  if (release === undefined) for (const warning of await stateWarnings(paths)) log.warn(warning)
}

/** Returns the warnings about the home's settings and state, where none of them is refused. */
function stateWarnings(paths: HomePaths): Promise<string[]> {
  return refuseForeignState({ paths, owner: ownerOf(paths.home) }).catch((error) => [messageOf(error)])
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

/** Keeps `bot.json` and the spare files there, whatever removes them. */
function keepState({ clock, paths, claim, note, once, closing }: Run, write: BestEffort): void {
  const keep = () => {
    if (isFolder(paths.home) && !exists(paths.bot)) note({}) // somebody removed .catalyst/
    keepSpares(paths.state)
  }
  closing.push(every(clock, POLL_INTERVAL_MS, keep))
  // else nobody could ask the bot as long as it runs
  closing.push(every(clock, RETRY_MS, () => (claim.isBehind() ? note({}) : undefined)))
  // a start by anybody, the machine too, ends a desired stop of before
  const forget = () => clearOlderDesiredState(paths)
  if (!once) write('desired-state.json', forget)
}

/** Prepares the active release to be run in; a pointer to none that is there is a fault. */
function openRelease({ paths, config, release, monitor, log }: Run, write: BestEffort): void {
  if (release !== undefined) {
    // a home that was moved, a file that Windows can only copy: what it shares is made right at each start
    const link = () => linkShared(paths.home, release.folder, config.settings.DEPLOY_SHARED_PATHS, 'refuse')
    write('the shared paths of the release', link)
  } else if (exists(paths.activeRelease)) {
    const fault = 'the active release is not on disk, or its pointer is damaged: the bot runs in the working tree'
    monitor.setFault('the active release', fault)
    log.error(fault)
  }
}
