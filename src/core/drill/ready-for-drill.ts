import type { Drill } from '#core/bot/drill.js'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth } from '#core/health/client.js'
import { nameOf, type Services } from '#core/service/services.js'
import { type BotFile, readBotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import { duration } from '#core/text.js'
import { LONGEST_PAUSE_MS } from '#core/watchdog/child.js'
import { Incidents } from '#core/watchdog/incidents.js'
import { watchdogStatus } from '#core/watchdog/status.js'
import { type DrillOptions, patienceMs } from './run-drill.js'
import { whyNobodyComes } from './whose-turn.js'

export type ReadyForDrill = Pick<DrillOptions, 'paths' | 'settings' | 'bot' | 'isWatched' | 'longestPauseMs'> & {
  /** What a person is asked before. */
  readonly question: string
}

/**
 * Looks whether the bot works, and whether anybody would bring it back.
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
      'Let it work first, then see: catalyst health check --wait 60',
    )
  new Incidents(paths.incidents).list() // where that fails, nobody could see how it goes
  const watchdog = await watchdogStatus(paths, settings, clock.now())
  const nobody = whyNobodyComes(drill, {
    manager: services && (await runsAsService(services, bot)) ? services.manager.kind : undefined,
    watchdog,
    restartsOnFreeze: settings.WATCHDOG_RESTART_ON_FREEZE,
  })
  if (nobody !== undefined)
    throw refused(nobody, 'Have it kept: catalyst service install --with-watchdog, or catalyst watchdog run')
  // a bot that has ended several times of late is started again after a pause
  const longestPauseMs = services ? 0 : LONGEST_PAUSE_MS
  const longest = duration(patienceMs(settings, drill, longestPauseMs))
  const question = `The bot (pid ${bot.pid}) is really brought down: ${drill}. It may be away for up to ${longest}. Go on?`
  return { paths, settings, bot, isWatched: watchdog.running, longestPauseMs, question }
}

/** Whether the running bot is the one that the service manager keeps. */
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
