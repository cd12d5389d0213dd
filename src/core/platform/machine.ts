import os from 'node:os'

/** The state of this machine. */
export interface MachineState {
  /** The machine's memory, or the limit of the container or service that this process runs in. */
  readonly memoryTotalBytes: number
  /** The memory that this process can still get. */
  readonly memoryFreeBytes: number
  /** Averages of the last 1, 5 and 15 minutes; zeros on Windows, which has none. */
  readonly load: readonly number[]
  readonly upSeconds: number
}

export function machineState(): MachineState {
  return {
    memoryTotalBytes: Math.min(os.totalmem(), memoryLimit() ?? Number.POSITIVE_INFINITY),
    memoryFreeBytes: process.availableMemory(),
    load: os.loadavg(),
    upSeconds: Math.round(os.uptime()),
  }
}

/** Returns the limit that a cgroup, such as a container's, sets to the memory of this process, in bytes, if one does. */
export function memoryLimit(): number | undefined {
  const limit = process.constrainedMemory() // without a limit it is 0, or beyond the machine's memory
  return limit > 0 && limit < os.totalmem() ? limit : undefined
}
