import { loadModule } from '#core/bot/runners/load-module.js'
import { type BotRun, moduleContext, runModule } from '#core/bot/runners/run-module.js'
import { pollHealthUrl, runProgram } from '#core/bot/runners/run-program.js'
import { readRuntimeFault } from '#core/bot/runtime/read-runtime.js'
import { withRemedy } from '#core/bot/runtime/runtime-fault.js'
import { openControlServer } from '#core/bot/servers/control-server.js'
import { openReportServer } from '#core/bot/servers/report-server.js'
import { takeReport } from '#core/bot/servers/reports.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { type Drill, drillRefusal } from './drill.js'
import { adoptEnvironment, botEnvironment } from './environment.js'
import { pollMs } from './proof.js'
import type { Run } from './run.js'

/**
 * Opens the addresses for control and reports, and starts the bot that the settings name: program, module, or the
 * built-in one.
 * @throws CatalystError RUNTIME_CHANGED
 */
export async function startBot(run: Run): Promise<BotRun> {
  const { config, claim, monitor, log, paths, release, clock, closing, dryRun } = run
  const { settings } = config
  const folder = release?.folder ?? paths.home
  refuseChangedRuntime(run)
  let bot: BotRun | undefined
  const control = await openControlServer({
    instance: claim.instance,
    report: run.report,
    onStop: () => run.stopRequest.ask('control'),
    onDrill: (drill) => beginDrill(run, drill, bot),
  })
  closing.push(control.close)
  run.note({ control: control.url })
  const reports = await openReportServer((report) => takeReport(report, { settings, monitor, log }))
  closing.push(reports.close)
  const environment = botEnvironment(config.environment, {
    CATALYST_HOME: paths.home,
    CATALYST_INSTANCE: claim.instance,
    CATALYST_REPORT_URL: reports.url,
    ...(release && { CATALYST_RELEASE: release.name, CATALYST_COMMIT: release.commit }),
    ...(dryRun && { CATALYST_DRY_RUN: '1' }),
  })
  if (monitor.proof === 'url')
    closing.push(pollHealthUrl(clock, settings.BOT_HEALTH_URL as string, pollMs(settings), monitor, log))
  if (settings.BOT_COMMAND !== undefined) {
    bot = await runProgram(clock, {
      command: settings.BOT_COMMAND,
      folder,
      environment: { PYTHONUNBUFFERED: '1', ...environment },
      instance: claim.instance,
      log,
      onStart(program) {
        run.running()
        if (program) run.note({ program })
      },
    })
    return bot
  }
  adoptEnvironment(environment)
  process.chdir(folder)
  const module = settings.BOT_MODULE === undefined ? await run.builtIn() : await loadModule(settings.BOT_MODULE, folder)
  log.info(`the bot: ${module.name}`)
  run.running()
  const ctx = moduleContext({ log, monitor, settings: environment, dataFolder: paths.data, dryRun })
  const pauseMs = timings(settings).cycleMs
  bot = runModule(clock, { bot: module, ctx, monitor, pauseMs, once: run.once })
  return bot
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
  const refusal = drillRefusal(drill, { kind, proof: monitor.proof, platform: process.platform })
  if (refusal !== undefined) return refusal
  log.warn(`catalyst drill ${drill}: the bot is brought down on purpose`)
  journal.append('drill', { drill, pid: process.pid })
  run.closing.push(clock.after(DRILL_MS, () => bot.drill(drill)))
  return undefined
}
