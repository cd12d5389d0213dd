import { join } from 'node:path'
import { loadFullConfig, readFullConfig } from '#bots/config.js'
import { consoleDrained, logConsole } from '#cli/console.js'
import { errorText } from '#cli/error-text.js'
import { talk } from '#cli/screen.js'
import { toServiceLogs } from '#cli/service/service-output.js'
import { loadWatchdogParts, openSharedHomes } from '#cli/watchdog/watchdog-parts.js'
import { findHome } from '#core/config/home.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import type { Descriptors } from '#core/logging/service-logs.js'
import { startMark } from '#core/logging/start-mark.js'
import { realClock } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { packageVersion } from '#core/platform/package.js'
import { tell } from '#core/platform/process/stderr.js'
import { whyNotByRoot } from '#core/platform/process/trust.js'
import { quoteWord } from '#core/text.js'

/** The daemons, by their command's words. */
export type Daemon = 'bot start' | 'watchdog run' | 'watchdog run --all'

/**
 * Runs a daemon for a home, or for the folder of a shared watchdog, as services and the watchdog's child run them,
 * without the command line around them. So a bot is up sooner after a crash, and takes less memory. See bin/run.js.
 */
export async function main(daemon: Daemon, home: string): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // a full disk behind them must not end a bot
  const toManager = process.stderr.write.bind(process.stderr)
  let descriptors: Descriptors = { 1: 1, 2: 2 }
  const role = daemon === 'bot start' ? 'bot' : 'watchdog'
  try {
    const paths = homePaths(findHome({ flag: home, cwd: process.cwd() }).home)
    refuseOthersHome(paths)
    if (process.env.CATALYST_SERVICE !== undefined) {
      refuseEmptyHome(paths)
      descriptors = toServiceLogs(paths.logs, role)
      tell(startMark(role, process.pid, Date.now()))
    }
    const config = loadFullConfig(paths.home, process.env)
    const console = logConsole(config.settings.LOG_PLAIN)
    process.exitCode = await DAEMONS[daemon]({ paths, config, console, descriptors })
  } catch (error) {
    if (!(error instanceof CatalystError)) throw error
    const text = errorText(error)
    talk(text)
    if (descriptors[2] !== 2) toManager(`${text}\n`) // its journal is where people look first
    process.exitCode = error.exit
  }
  await consoleDrained(realClock)
  process.exit(process.exitCode ?? EXIT.failed)
}

const DAEMONS: Readonly<Record<Daemon, (what: What) => Promise<number>>> = {
  'bot start': bot,
  'watchdog run': watchdog,
  'watchdog run --all': sharedWatchdog,
}

/** Refuses a home that was given to somebody else since its service was installed for root. */
function refuseOthersHome({ home }: HomePaths): void {
  const fault = whyNotByRoot(home)
  if (fault === undefined) return
  throw new CatalystError(`${fault}. Nothing was started.`, {
    code: 'NOT_ALLOWED',
    exit: EXIT.notAllowed,
    suggestions: [`Have it run as its owner: catalyst service install --home ${quoteWord(home)}`],
  })
}

/** Refuses a home that was moved away: a bot without its settings would be another one, and create the home anew. */
function refuseEmptyHome({ home, services }: HomePaths): void {
  if (exists(join(home, '.env')) || exists(services)) return
  throw new CatalystError(`${home} has neither settings nor a service of its own: it was moved or emptied.`, {
    code: 'HOME_MISSING',
    exit: EXIT.settings,
    suggestions: ['Install the service where the home is now: catalyst service install --home FOLDER'],
  })
}

type What = Pick<
  Parameters<typeof import('#core/bot/run/run-bot.js').runBot>[1],
  'paths' | 'config' | 'console' | 'descriptors'
>

async function bot(what: What): Promise<number> {
  const { runBot } = await import('#core/bot/run/run-bot.js')
  const builtIn = async () => (await import('#bots/news/index.js')).newsBot({ demo: false })
  const pageFacts = async () => (await import('#core/condition/page-facts.js')).pageFacts(realClock, what)
  return runBot(realClock, {
    ...what,
    pageFacts,
    version: packageVersion(),
    builtIn,
    once: false,
    dryRun: false,
    service: process.env.CATALYST_SERVICE,
    isChild: process.env.CATALYST_CHILD !== undefined,
    watchdogMetrics: async () => {
      const { readWatchdogMetrics } = await import('#core/watchdog/watchdog-metrics.js')
      return readWatchdogMetrics(what.paths, what.config.settings, realClock.now())
    },
  })
}

async function watchdog(what: What): Promise<number> {
  const { runWatchdog } = await import('#core/watchdog/run/run-watchdog.js')
  const partsOf = await loadWatchdogParts()
  return runWatchdog(realClock, { ...what, ...partsOf(what.paths, what.config) })
}

async function sharedWatchdog({ paths, config: { settings }, console, descriptors }: What): Promise<number> {
  const open = await openSharedHomes(console)
  const { runSharedWatchdog } = await import('#core/watchdog/shared/run-shared.js')
  const read = (home: string) => readFullConfig(home, process.env)
  return runSharedWatchdog(realClock, { paths, settings, console, open, read, ...(descriptors && { descriptors }) })
}
