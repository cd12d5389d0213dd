import type { Logger } from 'pino'
import type { Config } from '#core/config/load.js'
import { secretForms } from '#core/config/secrets.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'
import { healthEndpoint } from '#core/health/endpoint.js'
import { startGauges } from '#core/health/gauges.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { healthReport } from '#core/health/report.js'
import { featuresOf, servicesOf } from '#core/health/services.js'
import { watchStatus } from '#core/health/watch-status.js'
import { type Journal, openJournal } from '#core/journal/journal.js'
import { openLogging } from '#core/logging/logging.js'
import { redactor } from '#core/logging/redact.js'
import { activeRelease } from '#core/state/active-release.js'
import { excludeFromGit } from '#core/state/git-exclude.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { type Clock, within } from '#core/system/clock.js'
import type { System } from '#core/system/system.js'
import { type Asker, type EndRequest, listenForEnd } from './asked-to-end.js'
import { type Claim, claimHome } from './claim.js'
import type { Bot } from './contract.js'
import { createMonitor } from './create-monitor.js'
import { adoptEnvironment, botEnvironment } from './environment.js'
import { endLeftovers } from './leftovers.js'
import { loadModule } from './load-module.js'
import { openEndpoint } from './open-endpoint.js'
import { openPrivateDoor } from './private-door.js'
import { pollMs, turnsToReports } from './proof.js'
import { type BotRun, moduleContext, runModule } from './run-module.js'
import { passedOn, pollHealthUrl, runProgram, takeReport } from './run-program.js'
import { onSuddenExit } from './sudden-exit.js'

export interface RunBotOptions {
  readonly paths: HomePaths
  readonly config: Config
  readonly version: string
  /** The bot that runs when neither BOT_COMMAND nor BOT_MODULE is set. */
  readonly builtIn: () => Promise<Bot>
  /** One cycle, and its success as the exit code; no endpoint. */
  readonly once: boolean
  readonly dryRun: boolean
  /** Gets each log line, redacted, as JSON. */
  readonly console: (line: string) => void
}

/** How a run ended, as the journal has it: asked to, by itself, or by an error nobody caught. */
interface Ending {
  readonly kind: 'bot.stop' | 'bot.exit' | 'bot.crash'
  readonly exit: number
  readonly details: Readonly<Record<string, unknown>>
}

/** How long killing and sweeping up may take after a bot's own time to stop is over. */
const LAST_MEASURES_MS = 10_000

/** What the parts of a run share. `closing` is undone backwards at its end, whatever happened. */
interface Run extends RunBotOptions {
  readonly system: System
  readonly claim: Claim
  readonly monitor: HealthMonitor
  readonly log: Logger
  readonly journal: Journal
  readonly end: EndRequest
  readonly closing: (() => unknown)[]
  readonly release: ReturnType<typeof activeRelease>
}

/**
 * Runs this home's bot until it ends or is asked to. The answer is the process's exit code.
 * @throws CatalystError when it can't be started; by then everything is closed again
 */
export async function runBot(system: System, options: RunBotOptions): Promise<number> {
  const { paths, config, version } = options
  const { settings } = config
  const release = activeRelease(paths)
  const closing: (() => unknown)[] = []
  // before the home is claimed: whoever ends us early leaves nothing locked
  let onRepeat = (_by: Asker) => {}
  const end = listenForEnd((by) => onRepeat(by))
  closing.push(end.stopListening)
  try {
    const claim = await claimHome(system, paths, { version, release: release?.name ?? null })
    closing.push(claim.release)
    await excludeFromGit(paths.home)
    const redact = redactor(secretForms(config.environment))
    const { monitor, flushCounters } = createMonitor(system.clock, paths, settings)
    closing.push(flushCounters)
    const logging = openLogging(system.clock, {
      folder: paths.logs,
      level: settings.LOG_LEVEL,
      days: settings.LOG_ROTATION_DAYS,
      redact,
      console: options.console,
      files: { bot: 'bot.jsonl', errors: 'errors.log', health: 'health.log' },
      onFault(fault) {
        monitor.setFault('log', fault && `the log can't be written: ${fault}`)
        process.stderr.write(
          fault
            ? `catalyst: the log in ${paths.logs} can't be written: ${redact(fault)}\n`
            : 'catalyst: the log can be written again\n',
        )
      },
    })
    closing.push(logging.close)
    const { log } = logging
    const journal = tolerant(openJournal(system.clock, paths.journal, redact), monitor, log)
    onRepeat = (by) => log.info(`asked to end once more (${by}): already ending`)
    const gauges = startGauges(system, { dataFolder: paths.data, services: servicesOf(settings), monitor })
    closing.push(gauges.stop)
    const identity = {
      name: settings.BOT_NAME,
      version,
      release: release?.name ?? null,
      environment: settings.DEPLOYMENT_ENV,
      features: featuresOf({
        FEATURE_HEALTH_ENDPOINT: settings.FEATURE_HEALTH_ENDPOINT ? '1' : '0',
        ...config.environment,
      }),
    }
    const report = () => healthReport(monitor, gauges.read(), identity, system.clock.now())
    closing.push(watchStatus(system.clock, logging.health, report))

    const run: Run = { ...options, system, claim, monitor, log, journal, end, closing, release }
    const ending = await runJournaled(run, () => listen(run, report))
    return ending.exit
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** Binds the endpoint; undefined when the bot was asked to end before that. */
async function listen(run: Run, report: () => ReturnType<typeof healthReport>): Promise<void> {
  const { settings } = run.config
  const { claim, monitor, log, closing } = run
  if (run.once) return
  if (!isEndpointOn(settings))
    return log.warn('the health endpoint is switched off: nobody can ask whether the bot works')
  const where = { host: settings.HEALTH_CHECK_HOST, port: settings.HEALTH_CHECK_PORT }
  const handler = healthEndpoint({
    instance: claim.instance,
    door: { token: settings.HEALTH_TOKEN, host: where.host },
    verdict: () => monitor.verdict(),
    report,
  })
  const listener = await openEndpoint(run.system.clock, where, handler, {
    signal: run.end.signal,
    onWait: () => log.warn(`port ${where.port} is taken: waiting up to 10 s for it`),
  })
  if (!listener) return
  closing.push(() => listener.close())
  claim.update({ endpoint: { host: where.host, port: listener.port } })
  log.info(`health endpoint: http://${where.host}:${listener.port}/health/ping`)
}

/** The run with its lines in the journal, from the start to whatever ended it. */
async function runJournaled(run: Run, listenFirst: () => Promise<void>): Promise<Ending> {
  const { claim, journal, log, monitor, system } = run
  const { previous } = claim
  if (previous) {
    const leftovers = await endLeftovers(system.clock, previous)
    const left =
      leftovers > 0 ? `; it left ${leftovers} process${leftovers === 1 ? '' : 'es'} behind, which were ended` : ''
    log.warn(`the last bot (pid ${previous.pid}, since ${previous.since}) ended without a word${left}`)
    journal.append('bot.lost', { pid: previous.pid, since: previous.since, leftovers })
  }
  const began = system.clock.monotonic()
  try {
    await listenFirst()
    if (run.end.askedBy() !== undefined) return endedBeforeItsStart(run)
    const { settings } = run.config
    const what = settings.BOT_COMMAND ?? settings.BOT_MODULE ?? 'built-in'
    journal.append('bot.start', {
      pid: process.pid,
      instance: claim.instance,
      bot: what,
      release: run.release?.name ?? null,
      environment: settings.DEPLOYMENT_ENV,
      version: run.version,
    })
    const writeDown = ({ kind, exit, details }: Ending) => {
      const ran_seconds = Math.round((system.clock.monotonic() - began) / 100) / 10
      journal.append(kind, { pid: process.pid, exit, ran_seconds, ...details })
      log.info(`the bot has ended (exit code ${exit})`)
    }
    run.closing.push(onSuddenExit((code) => closeSuddenly(run, code, writeDown)))
    const ending = await runToItsEnd(run)
    monitor.setStopping()
    writeDown(ending)
    return ending
  } catch (error) {
    const exit = error instanceof CatalystError ? error.exit : EXIT.failed
    journal.append('bot.crash', { pid: process.pid, exit, error: messageOf(error) })
    log.fatal({ err: error instanceof CatalystError ? undefined : error }, `the bot could not run: ${messageOf(error)}`)
    if (error instanceof CatalystError) throw error
    return { kind: 'bot.crash', exit, details: {} }
  }
}

/** A module has ended the process itself: what can still be done at once is done. The answer is the exit code. */
function closeSuddenly({ end, log, closing }: Run, code: number, writeDown: (ending: Ending) => void): number {
  const asked_by = end.askedBy()
  if (asked_by === undefined) log.error(`the bot ended the process itself with exit code ${code}`)
  const ending: Ending = asked_by
    ? { kind: 'bot.stop', exit: EXIT.done, details: { asked_by } }
    : { kind: 'bot.exit', exit: passedOn(code), details: {} }
  writeDown(ending)
  for (const close of closing.reverse()) close()
  return ending.exit
}

/** Asked to end while it waited for its port: a bot that nobody could ask was never started. */
function endedBeforeItsStart({ end, journal, log, monitor }: Run): Ending {
  monitor.setStopping()
  journal.append('bot.stop', { pid: process.pid, exit: EXIT.done, ran_seconds: 0, asked_by: end.askedBy() })
  log.info(`asked to end (${end.askedBy()}) before the bot was started`)
  return { kind: 'bot.stop', exit: EXIT.done, details: {} }
}

/** Starts the bot and waits for the first of: its own end, an error nobody caught, somebody asking it to end. */
async function runToItsEnd(run: Run): Promise<Ending> {
  const { end, monitor, log, system } = run
  const patienceMs = run.config.settings.BOT_STOP_TIMEOUT * 1000
  const uncaught = uncaughtErrors(run)
  const asked = aborted(end.signal)
  const starting = startBot(run)
  try {
    const exit = await Promise.race([starting.then((bot) => bot.ended), uncaught, asked])
    if (exit !== undefined && end.askedBy() === undefined) return { kind: 'bot.exit', exit, details: {} }
  } catch (error) {
    await endBot(system.clock, starting, 0)
    throw error
  }
  monitor.setStopping()
  log.info(`ending (${end.askedBy()})`)
  // Ctrl-C a second time: a person who waits no longer
  await Promise.race([
    endBot(system.clock, starting, patienceMs),
    aborted(end.hurry).then(() => endBot(system.clock, starting, 0)),
  ])
  return { kind: 'bot.stop', exit: EXIT.done, details: { asked_by: end.askedBy() } }
}

/** Ends a bot that may still be starting, or may never have started. What then doesn't end is left to the process's own end. */
async function endBot(clock: Clock, starting: Promise<BotRun>, patienceMs: number): Promise<void> {
  const bot = await within(clock, patienceMs, starting).catch(() => undefined)
  if (bot) await within(clock, patienceMs + LAST_MEASURES_MS, bot.stop(patienceMs))
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/** Rejects with the first error that nobody caught. A rejected promise that was left alone is an error, not an end. */
function uncaughtErrors(run: Run): Promise<never> {
  const onRejection = (reason: unknown) => {
    run.monitor.recordError()
    run.log.error(
      { err: reason instanceof Error ? reason : undefined },
      `a promise was rejected and nobody cared: ${messageOf(reason)}`,
    )
  }
  process.on('unhandledRejection', onRejection)
  run.closing.push(() => process.off('unhandledRejection', onRejection))
  return new Promise((_, reject) => {
    process.on('uncaughtException', reject)
    run.closing.push(() => process.off('uncaughtException', reject))
  })
}

async function startBot(run: Run): Promise<BotRun> {
  const { config, claim, monitor, log, paths, release, system, closing, dryRun } = run
  const { settings } = config
  const folder = release?.folder ?? paths.home
  const door = await openPrivateDoor({
    onStop: () => run.end.ask('control'),
    onReport(report) {
      if (turnsToReports(settings, monitor.proof)) monitor.setProof('report')
      takeReport(report, monitor, log)
    },
  })
  closing.push(door.close)
  claim.update({ control: door.controlUrl })
  const environment = botEnvironment(config.environment, {
    CATALYST_HOME: paths.home,
    CATALYST_INSTANCE: claim.instance,
    CATALYST_REPORT_URL: door.reportUrl,
    ...(release && { CATALYST_RELEASE: release.name, CATALYST_COMMIT: release.commit }),
    ...(dryRun && { CATALYST_DRY_RUN: '1' }),
  })
  if (monitor.proof === 'url')
    closing.push(pollHealthUrl(system.clock, settings.BOT_HEALTH_URL as string, pollMs(settings), monitor, log))
  if (settings.BOT_COMMAND !== undefined) {
    return runProgram(system.clock, {
      command: settings.BOT_COMMAND,
      folder,
      environment: { PYTHONUNBUFFERED: '1', ...environment },
      instance: claim.instance,
      log,
      onStart: (program) => claim.update({ program }),
    })
  }
  adoptEnvironment(environment)
  process.chdir(folder)
  const bot = settings.BOT_MODULE === undefined ? await run.builtIn() : await loadModule(settings.BOT_MODULE, folder)
  const ctx = moduleContext({ log, monitor, settings: environment, dataFolder: paths.data, dryRun })
  return runModule(system.clock, { bot, ctx, monitor, pauseMs: settings.BOT_CYCLE_SECONDS * 1000, once: run.once })
}

/** A journal that can't be written is a fault to be seen, and no reason to end the bot. */
function tolerant(journal: Journal, monitor: HealthMonitor, log: Logger): Journal {
  return {
    append(kind, details) {
      try {
        journal.append(kind, details)
        monitor.setFault('journal', undefined)
      } catch (error) {
        monitor.setFault('journal', `the journal can't be written: ${messageOf(error)}`)
        log.error(`the journal can't be written: ${messageOf(error)}`)
      }
    },
  }
}
