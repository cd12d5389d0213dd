import type { HealthMonitor } from '#core/health/monitor.js'
import type { Matches } from './pattern.js'

/** The part of a line that is compared: a flood of long lines must not keep us from everything else. */
const COMPARED = 4096

/** Returns what takes each line of a program's output: those that prove that it works, and those that are errors. */
export function lineWatcher(
  { proof, error }: { readonly proof: Matches | undefined; readonly error: Matches | undefined },
  monitor: Pick<HealthMonitor, 'observe' | 'recordError'>,
): (line: string) => void {
  return (line) => {
    const text = line.slice(0, COMPARED)
    if (proof?.(text)) monitor.observe('log', { is: 'proof' })
    if (error?.(text)) monitor.recordError()
  }
}
