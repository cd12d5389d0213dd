import { readFullConfig } from '#bots/config.js'
import { loadWatchdogParts, openSharedHomes } from '#cli/watchdog/watchdog-parts.js'
import { realClock } from '#core/platform/clock.js'
import { runDaemon, type What } from './run-daemon.js'

/** Runs `watchdog run` for a home, or the shared one for all homes in its folder. */
export function main(words: 'watchdog run' | 'watchdog run --all', home: string): Promise<void> {
  return runDaemon('watchdog', home, words === 'watchdog run' ? watchdog : sharedWatchdog)
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
