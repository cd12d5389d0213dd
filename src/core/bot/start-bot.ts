import { loadModule } from '#core/bot/runners/load-module.js'
import { logOutput } from '#core/bot/runners/output/log-output.js'
import { takeModuleOutput } from '#core/bot/runners/output/module-output.js'
import { type BotRun, moduleContext, runModule } from '#core/bot/runners/run-module.js'
import { runProgram } from '#core/bot/runners/run-program.js'
import type { StopSignal } from '#core/bot/runners/stop/stop-target.js'
import { readRuntimeFault } from '#core/bot/runtime/read-runtime.js'
import { withRemedy } from '#core/bot/runtime/runtime-fault.js'
import { openControlServer } from '#core/bot/servers/control-server.js'
import { openReportServer } from '#core/bot/servers/report-server.js'
import { takeReport } from '#core/bot/servers/reports.js'
import { secretForms } from '#core/config/secrets.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { redactor } from '#core/logging/redact.js'
import { BUILT_IN, botUnnamed } from './built-in.js'
import { type Drill, drillRefusal } from './drill.js'
import { adoptEnvironment, botEnvironment } from './environment.js'
import { startProofs } from './proof/start-proofs.js'
import type { Run } from './run.js'
import { judgeNetwork } from './signs/judge-network.js'
import { signsOf } from './signs/signs.js'
import { watchSigns } from './signs/watch-signs.js'

/** The bot that the control server can bring down, once it runs. */
export interface Controlled {
  bot?: BotRun
}

/** Opens the address for control. */
export async function openControl(run: Run): Promise<Controlled> {
  const controlled: Controlled = {}
  const control = await openControlServer({
    instance: run.claim.instance,
    report: run.report,
    onStop: () => run.stopRequest.ask('control'),
    onDrill: (drill) => beginDrill(run, drill, controlled.bot),
  })
  run.closing.push(control.close)
  run.note({ control: control.url })
  return controlled
}

/**
 * Opens the address for reports, and starts the bot that the settings name: program, module, or the built-in one.
 * @throws CatalystError SETTINGS_INVALID where they name none
 * RUNTIME_CHANGED
 */
export async function startBot(run: Run, controlled: Controlled): Promise<BotRun> {
  const { config, claim, monitor, log, paths, release, clock, closing, dryRun } = run
  const { settings } = config
  const folder = release?.folder ?? paths.home
  refuseChangedRuntime(run)
  const reports = await openReportServer((report) => takeReport(report, { settings, monitor, log }))
  closing.push(reports.close)
  const environment = botEnvironment(config.environment, {
    CATALYST_HOME: paths.home,
    CATALYST_INSTANCE: claim.instance,
    CATALYST_REPORT_URL: reports.url,
    ...(release && { CATALYST_RELEASE: release.name, CATALYST_COMMIT: release.commit }),
    ...(dryRun && { CATALYST_DRY_RUN: '1' }),
  })
  const redact = redactor(secretForms(config.environment))
  const proofs = await startProofs(clock, { settings, monitor, log, home: paths.home, folder, environment, redact })
  closing.push(proofs.close)
  const output = logOutput(clock, log, () => monitor.recordError(), proofs.isErrorLine)
  if (settings.BOT_COMMAND !== undefined) {
    controlled.bot = await runProgram(clock, {
      command: settings.BOT_COMMAND,
      folder,
      environment: { PYTHONUNBUFFERED: '1', ...environment },
      instance: claim.instance,
      log,
      onLine: proofs.onLine,
      output,
      stopSignal: settings.BOT_STOP_SIGNAL as StopSignal, // one of the choices
      stopCommand: settings.BOT_STOP_COMMAND,
      onStart(program) {
        run.running()
        if (program) {
          run.note({ program })
          closing.push(watchForSigns(run, program.pid, reports.url))
        }
      },
    })
    return controlled.bot
  }
  adoptEnvironment(environment)
  process.chdir(folder)
  closing.push(takeModuleOutput(clock, output))
  const { BOT_MODULE: path } = settings
  if (path === undefined) throw botUnnamed(config, paths)
  const module = path === BUILT_IN ? await run.builtIn() : await loadModule(path, folder)
  log.info(`the bot: ${module.name}`)
  run.running()
  const ctx = moduleContext({ log, botLog: run.botLog, monitor, settings: environment, dataFolder: paths.data, dryRun })
  const pauseMs = timings(settings).cycleMs
  controlled.bot = runModule(clock, { bot: module, ctx, monitor, pauseMs, once: run.once })
  return controlled.bot
}

/**
 * Watches a program for the signs that it is deaf. They are told where only its process is watched, and are proof where
 * BOT_PROOF names the network. Returns what ends that.
 */
function watchForSigns({ clock, monitor, config, paths, release }: Run, pid: number, reportUrl: string): () => void {
  if (process.platform !== 'linux') return () => {}
  const { freezeThresholdMs } = timings(config.settings)
  const limits = { freezeThresholdMs }
  return watchSigns(clock, {
    pid,
    release: release?.name ?? null,
    file: paths.rhythm,
    freezeThresholdMs,
    reportUrl,
    isAwaited: () => monitor.signals.includes('network') && !monitor.hasProven('network'),
    onObservation(watch, now) {
      monitor.setSigns(signsOf(watch, now, limits).map(({ text }) => text))
      if (monitor.signals.includes('network')) monitor.observe('network', judgeNetwork(watch, now, limits))
    },
  })
}

/**
 * Refuses to run a release on another runtime than it was built with. The exit code is one after which a supervisor goes
 * on to start the bot: once the release is rebuilt, the next start works.
 * @throws CatalystError RUNTIME_CHANGED
 */
function refuseChangedRuntime({ release, paths, config, log }: Run): void {
  if (release === undefined) return
  const { settings } = config
  const environment = botEnvironment(config.environment, {})
  const fault = readRuntimeFault({ paths, release, settings, environment })
  if (fault === undefined) return
  const text = withRemedy(fault)
  if (fault.isSure) throw new CatalystError(text, { code: 'RUNTIME_CHANGED', exit: EXIT.failed })
  log.warn(text)
}

/** The delay of a drill, in which its answer goes out. */
const DRILL_MS = 100

/** Begins a drill a moment later. Returns why it is refused instead, if it is. */
function beginDrill(run: Run, drill: Drill, bot: BotRun | undefined): string | undefined {
  const { config, monitor, journal, log, clock } = run
  const kind = config.settings.BOT_COMMAND === undefined ? 'module' : 'program'
  if (bot === undefined) return 'The bot is still starting.'
  const refusal = drillRefusal(drill, { kind, signals: monitor.signals, platform: process.platform })
  if (refusal !== undefined) return refusal
  log.warn(`catalyst drill ${drill}: the bot is brought down on purpose`)
  journal.append('drill', { drill, pid: process.pid })
  run.closing.push(clock.after(DRILL_MS, () => bot.drill(drill)))
  return undefined
}
