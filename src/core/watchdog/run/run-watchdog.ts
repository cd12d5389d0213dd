import { listenForStop } from '#core/bot/stop-request.js'
import { EXIT } from '#core/errors.js'
import { registerHome } from '#core/home/registry.js'
import { keepServiceLogsShort } from '#core/logging/service-logs.js'
import { retentionOf } from '#core/logging/write/retention.js'
import type { Clock } from '#core/platform/clock.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { leaveOutOptimizer, preferSmallHeap } from '#core/platform/process/heap-preference.js'
import { openHomeWatch } from './home-watch.js'
import { notifyManager } from './notify-manager.js'
import type { RunWatchdogOptions } from './options.js'

/**
 * Watches the bot of a home, restarts it and alerts the admin, until it is asked to stop. Returns the process's exit
 * code.
 * @throws CatalystError WATCHDOG_OFF, WATCHDOG_RUNNING
 */
export async function runWatchdog(clock: Clock, options: RunWatchdogOptions): Promise<number> {
  const { paths, config, descriptors } = options
  useProxiesOf(config.environment)
  const closing: (() => unknown)[] = []
  const end = listenForStop(() => {})
  closing.push(end.stopListening)
  try {
    const watch = await openHomeWatch(clock, options)
    closing.push(() => watch.close())
    void registerHome(clock, paths.home)
    const { log, line } = watch
    if (descriptors) {
      const logs = {
        role: 'watchdog',
        folder: paths.logs,
        retention: retentionOf(config.settings),
        descriptors,
      } as const
      closing.push(keepServiceLogsShort(clock, { ...logs, onFault: (fault) => log.warn(fault) }))
    }
    closing.push(notifyManager(clock, { line, onFault: (what) => log.error(what) }))
    preferSmallHeap()
    leaveOutOptimizer()
    await watch.run(end.signal)
    await watch.tellEnd(end.askedBy())
    return EXIT.done
  } finally {
    for (const close of closing.reverse()) await close()
  }
}
