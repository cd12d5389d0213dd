import { judgeNetwork } from '#core/bot/signs/judge-network.js'
import { signsOf } from '#core/bot/signs/signs.js'
import { watchSigns } from '#core/bot/signs/watch-signs.js'
import { timings } from '#core/config/timings.js'
import type { Run } from './run.js'

/**
 * Watches a program for the signs that it is deaf. They are told where only its process is watched, and are proof where
 * BOT_PROOF names the network. Returns what ends that.
 */
export function watchForSigns(
  { clock, monitor, config, paths, release }: Run,
  pid: number,
  reportUrl: string,
): () => void {
  if (process.platform !== 'linux') return () => {}
  const { freezeThresholdMs } = timings(config.settings)
  const limits = { freezeThresholdMs }
  return watchSigns(clock, {
    pid,
    release: release?.name ?? null,
    file: paths.rhythm,
    freezeThresholdMs,
    reportUrl,
    isAwaited: () => monitor.signals.includes('network') && !monitor.hasProven('network'),
    onObservation(watch, now) {
      monitor.setSigns(signsOf(watch, now, limits).map(({ text }) => text))
      if (monitor.signals.includes('network')) monitor.observe('network', judgeNetwork(watch, now, limits))
    },
  })
}
