import { adoptEnvironment, botEnvironment } from './environment.js'
import { loadModule } from './load-module.js'
import { openPrivateDoor } from './private-door.js'
import { pollMs, turnsToReports } from './proof.js'
import type { Run } from './run.js'
import { type BotRun, moduleContext, runModule } from './run-module.js'
import { pollHealthUrl, runProgram, takeReport } from './run-program.js'

/** Opens the private door and starts the bot that the settings name: program, module, or the built-in one. */
export async function startBot(run: Run): Promise<BotRun> {
  const { config, claim, monitor, log, paths, release, system, closing, dryRun } = run
  const { settings } = config
  const folder = release?.folder ?? paths.home
  const door = await openPrivateDoor({
    onStop: () => run.end.ask('control'),
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
    closing.push(pollHealthUrl(system.clock, settings.BOT_HEALTH_URL as string, pollMs(settings), monitor, log))
  if (settings.BOT_COMMAND !== undefined) {
    return runProgram(system.clock, {
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
  }
  adoptEnvironment(environment)
  process.chdir(folder)
  const bot = settings.BOT_MODULE === undefined ? await run.builtIn() : await loadModule(settings.BOT_MODULE, folder)
  log.info(`the bot: ${bot.name}`)
  run.running()
  const ctx = moduleContext({ log, monitor, settings: environment, dataFolder: paths.data, dryRun })
  return runModule(system.clock, { bot, ctx, monitor, pauseMs: settings.BOT_CYCLE_SECONDS * 1000, once: run.once })
}
