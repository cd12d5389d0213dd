import type { Config } from '#core/config/load.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { growThreadPool } from '#core/platform/process/thread-pool.js'
import type { HomeWatchOptions } from '#core/watchdog/run/options.js'
import type { SharedWatchdogOptions } from '#core/watchdog/shared/run-shared.js'

/**
 * Returns what the watchdog of a home needs of the parts above it: its services, and what recovers and repairs a
 * deployment.
 */
export async function loadWatchdogParts(): Promise<
  (
    paths: HomePaths,
    config: Config,
  ) => Pick<HomeWatchOptions, 'services' | 'command' | 'recover' | 'repair' | 'takeBack'>
> {
  const { botServices } = await import('#core/service/open-services.js')
  const { botCommand } = await import('#core/watchdog/child.js')
  const { recoverUnattended } = await import('#core/deploy/recover-unattended.js')
  const { repairUnattended } = await import('#core/deploy/repair/repair-unattended.js')
  return (paths, config) => ({
    services: () => botServices(realClock, paths, config),
    command: botCommand(paths.home),
    recover: (supervisor, onNote) => recoverUnattended(realClock, paths, supervisor, onNote),
    repair: (broken, options) => repairUnattended(realClock, paths, { ...broken, ...options }),
    async takeBack(failing, options) {
      const { takeBackUnattended } = await import('#core/deploy/bake/take-back.js')
      return takeBackUnattended(realClock, paths, { ...failing, ...options })
    },
  })
}

/** Returns what opens the watch of each home of the shared watchdog. Each line that it prints names its home. */
export async function openSharedHomes(print: (line: string) => void): Promise<SharedWatchdogOptions['open']> {
  growThreadPool() // a disk that hangs keeps one
  const partsOf = await loadWatchdogParts()
  return (paths, config) => ({
    ...partsOf(paths, config),
    console: (line) => print(line.replace(/\}\s*$/, `,"home":${JSON.stringify(paths.home)}}\n`)),
  })
}
