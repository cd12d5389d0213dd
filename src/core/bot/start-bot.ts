import { loadModule } from '#core/bot/runners/load-module.js'
import { type BotRun, moduleContext, runModule } from '#core/bot/runners/run-module.js'
import { pollHealthUrl, runProgram } from '#core/bot/runners/run-program.js'
import { openControlServer } from '#core/bot/servers/control-server.js'
import { openReportServer } from '#core/bot/servers/report-server.js'
import { takeReport } from '#core/bot/servers/reports.js'
import { timings } from '#core/config/timings.js'
import { type Drill, drillRefusal } from './drill.js'
import { adoptEnvironment, botEnvironment } from './environment.js'
import { pollMs } from './proof.js'
import type { Run } from './run.js'

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

/** Opens the address for reports, and starts the bot that the settings name: program, module, or the built-in one. */
export async function startBot(run: Run, controlled: Controlled): Promise<BotRun> {
  const { config, claim, monitor, log, paths, release, clock, closing, dryRun } = run
  const { settings } = config
  const folder = release?.folder ?? paths.home
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
    controlled.bot = await runProgram(clock, {
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
    return controlled.bot
  }
  adoptEnvironment(environment)
  process.chdir(folder)
  const module = settings.BOT_MODULE === undefined ? await run.builtIn() : await loadModule(settings.BOT_MODULE, folder)
  log.info(`the bot: ${module.name}`)
  run.running()
  const ctx = moduleContext({ log, monitor, settings: environment, dataFolder: paths.data, dryRun })
  const pauseMs = timings(settings).cycleMs
  controlled.bot = runModule(clock, { bot: module, ctx, monitor, pauseMs, once: run.once })
  return controlled.bot
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
