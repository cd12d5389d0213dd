import { BUILT_IN } from '#core/bot/built-in.js'
import { adoptEnvironment, botEnvironment } from '#core/bot/environment.js'
import { type Proofs, startProofs } from '#core/bot/proof/start-proofs.js'
import { loadModule } from '#core/bot/runners/load-module.js'
import { type LoggedOutput, logOutput } from '#core/bot/runners/output/log-output.js'
import { takeModuleOutput } from '#core/bot/runners/output/module-output.js'
import { type BotRun, moduleContext, runModule } from '#core/bot/runners/run-module.js'
import { runProgram } from '#core/bot/runners/run-program.js'
import type { StopSignal } from '#core/bot/runners/stop/stop-target.js'
import { readRuntimeFault } from '#core/bot/runtime/read-runtime.js'
import { withRemedy } from '#core/bot/runtime/runtime-fault.js'
import { openReportServer } from '#core/bot/servers/report-server.js'
import { takeReport } from '#core/bot/servers/reports.js'
import { secretForms } from '#core/config/secrets.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { redactor } from '#core/logging/redact.js'
import { preferSmallHeap } from '#core/platform/process/heap-preference.js'
import type { Controlled } from './open-control.js'
import type { Run } from './run.js'
import { watchForSigns } from './watch-for-signs.js'

/** The options with which a bot is started. */
interface Start {
  /** The folder that it runs in: that of its release, or the home. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly output: LoggedOutput
}

/**
 * Opens the address for reports, and starts the bot that the settings name: program, module, or the built-in one.
 * @throws CatalystError RUNTIME_CHANGED
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
  const start = { folder, environment, output }
  const { BOT_COMMAND: command, BOT_MODULE: module } = settings
  if (command !== undefined) preferSmallHeap()
  controlled.bot =
    command === undefined
      ? await startModule(run, module as string, start) // with neither of them nothing runs: whyNoBot
      : await startProgram(run, command, { ...start, onLine: proofs.onLine, reportUrl: reports.url })
  return controlled.bot
}

function startProgram(
  run: Run,
  command: string,
  { folder, environment, output, onLine, reportUrl }: Start & Pick<Proofs, 'onLine'> & { readonly reportUrl: string },
): Promise<BotRun> {
  const { config, claim, log, clock, closing } = run
  const { settings } = config
  return runProgram(clock, {
    command,
    folder,
    environment: { PYTHONUNBUFFERED: '1', ...environment },
    instance: claim.instance,
    log,
    onLine,
    output,
    stopSignal: settings.BOT_STOP_SIGNAL as StopSignal, // one of the choices
    stopCommand: settings.BOT_STOP_COMMAND,
    onStart(program) {
      run.running()
      if (program === undefined) return
      run.note({ program })
      closing.push(watchForSigns(run, program.pid, reportUrl))
    },
  })
}

async function startModule(run: Run, path: string, { folder, environment, output }: Start): Promise<BotRun> {
  const { config, monitor, log, botLog, paths, clock, closing, dryRun, once } = run
  adoptEnvironment(environment)
  process.chdir(folder)
  closing.push(takeModuleOutput(clock, output))
  const bot = path === BUILT_IN ? await run.builtIn() : await loadModule(path, folder)
  log.info(`the bot: ${bot.name}`)
  run.running()
  const ctx = moduleContext({ log, botLog, monitor, settings: environment, dataFolder: paths.data, dryRun })
  return runModule(clock, { bot, ctx, monitor, pauseMs: timings(config.settings).cycleMs, once })
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
