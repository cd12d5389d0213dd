import os from 'node:os'

/** The state of this machine. */
export interface MachineState {
  readonly memoryTotalBytes: number
  readonly memoryFreeBytes: number
  /** Averages of the last 1, 5 and 15 minutes; zeros on Windows, which has none. */
  readonly load: readonly number[]
  readonly upSeconds: number
}

export function machineState(): MachineState {
  return {
    memoryTotalBytes: os.totalmem(),
    memoryFreeBytes: os.freemem(),
    load: os.loadavg(),
    upSeconds: Math.round(os.uptime()),
  }
}
