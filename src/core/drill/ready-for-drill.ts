import type { Drill } from '#core/bot/drill.js'
import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth } from '#core/health/client.js'
import { type BotFile, readBotFile } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { Incidents } from '#core/incidents/store.js'
import type { Clock } from '#core/platform/clock.js'
import { nameOf, type Services } from '#core/service/services.js'
import { duration } from '#core/text.js'
import { longestPauseMs as longestChildPauseMs } from '#core/watchdog/child.js'
import { watchdogStatus } from '#core/watchdog/status.js'
import { type DrillOptions, timeLimitMs } from './run-drill.js'
import { whyNobodyRestarts } from './who-restarts.js'

export type ReadyForDrill = Pick<DrillOptions, 'paths' | 'settings' | 'bot' | 'isWatched' | 'longestPauseMs'> & {
  /** The question to a person before the drill. */
  readonly question: string
}

/**
 * Checks that the bot works, and that somebody would restart it.
 * @throws CatalystError DRILL_REFUSED
 */
export async function readyForDrill(
  clock: Clock,
  drill: Drill,
  home: { paths: HomePaths; settings: Settings; services: Services | undefined },
): Promise<ReadyForDrill> {
  const { paths, settings, services } = home
  const { status, reasons } = await askHealth(paths, settings)
  const bot = readBotFile(paths.bot)
  if (bot === undefined || (status !== 'healthy' && status !== 'degraded'))
    throw refused(
      `The bot is ${[status, ...reasons].join(': ')}.`,
      'Wait until it works: catalyst health check --wait 60',
    )
  new Incidents(paths.incidents).list() // where that fails, nobody could see how it goes
  const watchdog = await watchdogStatus(paths, settings, clock.now())
  const nobody = whyNobodyRestarts(drill, {
    manager: services && (await runsAsService(services, bot)) ? services.manager.kind : undefined,
    watchdog,
    restartsOnFreeze: settings.WATCHDOG_RESTART_ON_FREEZE,
  })
  if (nobody !== undefined)
    throw refused(
      nobody,
      'Give it a supervisor: catalyst service install --with-watchdog, or catalyst watchdog run --enabled',
    )
  // a bot that has exited several times of late is started again after a pause; the exit by a drill delays no start
  const longestPauseMs = services ? 0 : longestChildPauseMs(timings(settings).restartDelayMs)
  const longest = duration(timeLimitMs(settings, drill, longestPauseMs))
  const question = `The running bot (pid ${bot.pid}) will really be brought down: ${drill}. It may be down for up to ${longest}. Continue?`
  return { paths, settings, bot, isWatched: watchdog.running, longestPauseMs, question }
}

/** Returns whether the running bot is the one that the service manager supervises. */
async function runsAsService(services: Services, { pid }: BotFile): Promise<boolean> {
  const reading = await services.manager.read(nameOf(services, 'bot'))
  return (
    reading?.state === 'running' && (reading.pid === null || reading.pid === pid || services.manager.kind === 'nssm')
  )
}

function refused(why: string, suggestion: string): CatalystError {
  return new CatalystError(`${why} Nothing was done.`, {
    code: 'DRILL_REFUSED',
    exit: EXIT.failed,
    suggestions: [suggestion],
  })
}
