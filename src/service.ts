import { consoleDrained, logConsole } from '#cli/console.js'
import { findHome } from '#core/config/home.js'
import { loadConfig } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { homePaths } from '#core/state/home-paths.js'
import { packageVersion } from '#core/system/package.js'
import { realSystem } from '#core/system/system.js'

/**
 * What services run: `bot start` and `watchdog run` for a home, without the command line around them. So a bot is up
 * sooner after a crash, and takes less memory. See bin/run.js.
 */
export async function main(topic: string, home: string): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // a full disk behind them ends no bot
  try {
    const paths = homePaths(findHome({ flag: home, cwd: process.cwd() }))
    const config = loadConfig(paths.home, process.env)
    const console = logConsole(config.settings.LOG_PLAIN)
    process.exitCode =
      topic === 'watchdog' ? await watchdog({ paths, config, console }) : await bot({ paths, config, console })
  } catch (error) {
    if (!(error instanceof CatalystError)) throw error
    process.stderr.write(`${[`Error: ${error.message}`, ...error.suggestions].join('\n  ')}\n`)
    process.exitCode = error.exit
  }
  await consoleDrained(realSystem.clock)
  process.exit(process.exitCode ?? EXIT.failed)
}

type What = Pick<Parameters<typeof import('#core/bot/run-bot.js').runBot>[1], 'paths' | 'config' | 'console'>

async function bot(what: What): Promise<number> {
  const { runBot } = await import('#core/bot/run-bot.js')
  const builtIn = async () => (await import('#bots/news/index.js')).newsBot({ demo: false })
  return runBot(realSystem, {
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
  return runWatchdog(realSystem, { ...what, isService: true })
}
