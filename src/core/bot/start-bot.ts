import { type Drill, drillRefusal } from './drill.js'
import { adoptEnvironment, botEnvironment } from './environment.js'
import { loadModule } from './load-module.js'
import { openPrivateDoor } from './private-door.js'
import { pollMs, turnsToReports } from './proof.js'
import type { Run } from './run.js'
import { type BotRun, moduleContext, runModule } from './run-module.js'
import { pollHealthUrl, runProgram, takeReport } from './run-program.js'

/** Opens the private door and starts the bot that the settings name: program, module, or the built-in one. */
export async function startBot(run: Run): Promise<BotRun> {
  const { config, claim, monitor, log, paths, release, clock, closing, dryRun } = run
  const { settings } = config
  const folder = release?.folder ?? paths.home
  let bot: BotRun | undefined
  const door = await openPrivateDoor({
    onStop: () => run.end.ask('control'),
    onDrill: (drill) => beginDrill(run, drill, bot),
    onReport(report) {
      if (report.kind === 'cycle' && turnsToReports(settings, monitor.proof)) monitor.setProof('report')
      takeReport(report, monitor, log)
    },
  })
  closing.push(door.close)
  run.note({ control: door.controlUrl })
  const environment = botEnvironment(config.environment, {
    CATALYST_HOME: paths.home,
    CATALYST_INSTANCE: claim.instance,
    CATALYST_REPORT_URL: door.reportUrl,
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
  const pauseMs = settings.BOT_CYCLE_SECONDS * 1000
  bot = runModule(clock, { bot: module, ctx, monitor, pauseMs, once: run.once })
  return bot
}

/** Long enough for the answer to go out. */
const DRILL_MS = 100

/** Why the drill is refused, if it is; else it begins a moment later. */
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
