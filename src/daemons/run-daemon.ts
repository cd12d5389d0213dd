import { join } from 'node:path'
import { loadFullConfig } from '#bots/config.js'
import { consoleDrained, logConsole } from '#cli/console.js'
import { errorText } from '#cli/error-text.js'
import { talk } from '#cli/screen.js'
import { toServiceLogs } from '#cli/service/service-output.js'
import { findHome } from '#core/config/home.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import type { Descriptors } from '#core/logging/service-logs.js'
import { startMark } from '#core/logging/start-mark.js'
import { realClock } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { tell } from '#core/platform/process/stderr.js'
import { whyNotByRoot } from '#core/platform/process/trust.js'
import { quoteWord } from '#core/text.js'

/** The home of a daemon, or the folder of a shared watchdog, and where its output goes. */
export type What = Pick<
  Parameters<typeof import('#core/bot/run/run-bot.js').runBot>[1],
  'paths' | 'config' | 'console' | 'descriptors'
>

/**
 * Runs a daemon, as services and the watchdog's child run them, without the command line around them. So a bot is up
 * sooner after a crash, and takes less memory. See bin/run.js.
 */
export async function runDaemon(
  role: 'bot' | 'watchdog',
  home: string,
  daemon: (what: What) => Promise<number>,
): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}) // a full disk behind them must not end a bot
  const toManager = process.stderr.write.bind(process.stderr)
  let descriptors: Descriptors = { 1: 1, 2: 2 }
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
    process.exitCode = await daemon({ paths, config, console, descriptors })
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
