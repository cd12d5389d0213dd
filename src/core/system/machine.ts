import os from 'node:os'

/** How this machine is. */
export interface MachineState {
  readonly memoryTotalBytes: number
  readonly memoryFreeBytes: number
  /** Of the last 1, 5 and 15 minutes; zeros on Windows, which has none. */
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
