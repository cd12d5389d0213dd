import { join } from 'node:path'
import { consoleDrained, logConsole } from '#cli/console.js'
import { errorText } from '#cli/error-text.js'
import { toServiceLogs } from '#cli/service-output.js'
import { findHome } from '#core/config/home.js'
import { loadConfig } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Descriptors } from '#core/logging/service-logs.js'
import { type HomePaths, homePaths } from '#core/state/home-paths.js'
import { realClock } from '#core/system/clock.js'
import { exists } from '#core/system/files.js'
import { packageVersion } from '#core/system/package.js'

/**
 * What services run, and a watchdog as its child: `bot start` and `watchdog run` for a home, without the command line
 * around them. So a bot is up sooner after a crash, and takes less memory. See bin/run.js.
 */
export async function main(topic: string, home: string): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // a full disk behind them ends no bot
  const toManager = process.stderr.write.bind(process.stderr)
  let descriptors: Descriptors = { 1: 1, 2: 2 }
  try {
    const paths = homePaths(findHome({ flag: home, cwd: process.cwd() }))
    if (process.env.CATALYST_SERVICE !== undefined) {
      refuseEmptyHome(paths)
      descriptors = toServiceLogs(paths.logs, topic === 'watchdog' ? 'watchdog' : 'bot')
    }
    const config = loadConfig(paths.home, process.env)
    const console = logConsole(config.settings.LOG_PLAIN)
    process.exitCode =
      topic === 'watchdog'
        ? await watchdog({ paths, config, console, descriptors })
        : await bot({ paths, config, console, descriptors })
  } catch (error) {
    if (!(error instanceof CatalystError)) throw error
    const text = errorText(error)
    process.stderr.write(text)
    if (descriptors[2] !== 2) toManager(text) // its journal is where people look first
    process.exitCode = error.exit
  }
  await consoleDrained(realClock)
  process.exit(process.exitCode ?? EXIT.failed)
}

/** The home was moved away: a bot without its settings would be another one, and make the home anew. */
function refuseEmptyHome({ home, services }: HomePaths): void {
  if (exists(join(home, '.env')) || exists(services)) return
  throw new CatalystError(`${home} has neither settings nor a service of its own: it was moved or emptied.`, {
    code: 'HOME_MISSING',
    exit: EXIT.settings,
    suggestions: ['Install the service where the home is now: catalyst service install --home FOLDER'],
  })
}

type What = Pick<
  Parameters<typeof import('#core/bot/run-bot.js').runBot>[1],
  'paths' | 'config' | 'console' | 'descriptors'
>

async function bot(what: What): Promise<number> {
  const { runBot } = await import('#core/bot/run-bot.js')
  const builtIn = async () => (await import('#bots/news/index.js')).newsBot({ demo: false })
  return runBot(realClock, {
    ...what,
    version: packageVersion(),
    builtIn,
    once: false,
    dryRun: false,
    service: process.env.CATALYST_SERVICE,
  })
}

async function watchdog(what: What): Promise<number> {
  const { runWatchdog } = await import('#core/watchdog/run-watchdog.js')
  const { botServices } = await import('#core/service/open-home.js')
  const { botCommand } = await import('#core/watchdog/child.js')
  const { recoverUnattended } = await import('#core/deploy/recover-unattended.js')
  const services = () => botServices(realClock, what.paths, what.config)
  return runWatchdog(realClock, {
    ...what,
    services,
    command: botCommand(what.paths.home),
    recover: (keeper, tell) => recoverUnattended(realClock, what.paths, keeper, tell),
  })
}
