import type { History } from '#core/health/history/history.js'
import { keepHistory } from '#core/health/history/keep-history.js'
import { rssMb } from '#core/health/report.js'
import type { Clock } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import { machineState } from '#core/platform/machine.js'
import type { Run } from './run.js'

/** Begins to keep the figures over time. That they can't be written is no fault of the bot's health. */
export function openHistory(
  clock: Clock,
  {
    paths,
    monitor,
    delayMs,
    log,
    closing,
  }: Pick<Run, 'paths' | 'monitor' | 'log' | 'closing'> & {
    /** The delay of the event loop. */
    readonly delayMs: () => number
  },
): History {
  const latch = new FaultLatch((fault) => (fault ? log.warn(fault) : log.info('the history can be written again')))
  const kept = keepHistory(clock, {
    path: paths.history,
    journal: paths.journal,
    sample() {
      const { status } = monitor.state()
      const { cycles, alerts, errors, cycleSeconds } = monitor.totals
      const timed = { timedCycles: cycleSeconds.count, timedMs: cycleSeconds.sum * 1000 }
      return { status, memoryMb: rssMb(), delayMs: delayMs(), totals: { cycles, alerts, errors, ...timed } }
    },
    upSeconds: () => machineState().upSeconds,
    onFault: (fault) => latch.set(fault),
  })
  closing.push(kept.stop)
  return kept.history
}
