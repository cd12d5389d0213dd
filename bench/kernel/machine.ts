import os from 'node:os'

/** What a run was measured on. */
export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memory_bytes: number
  readonly kernel: string
  readonly node: string
  /** Of the last minute, at the beginning. */
  readonly load_average: number
}

export function thisMachine(): Machine {
  return {
    date: new Date().toISOString(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    memory_bytes: os.totalmem(),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    load_average: os.loadavg()[0] as number,
  }
}

/** The share of the cores that may be busy before figures suffer. */
const BUSY_SHARE = 0.25

/** Returns what is to be said of a machine that is busy with other things; undefined where it is idle. */
export function loadWarning({ load_average: load, cores }: Machine): string | undefined {
  if (load <= cores * BUSY_SHARE) return undefined
  return `the load average is ${load.toFixed(2)} on ${cores} cores: times are distorted, ratios less so`
}

/** Returns the machine in one line. */
export function machineText({ date, cpu, cores, memory_bytes, kernel, node, load_average }: Machine): string {
  const memory = `${(memory_bytes / 2 ** 30).toFixed(0)} GB`
  const load = `load average ${load_average.toFixed(2)}`
  return `${date.slice(0, 10)}: ${cpu}, ${cores} cores, ${memory}, ${kernel}, Node ${node.slice(1)}, ${load}`
}

/** What a program needs to be found, and on Windows to run at all. */
const KEPT = ['PATH', 'HOME', 'SystemRoot', 'USERPROFILE', 'TEMP', 'PATHEXT']

/**
 * Takes everything but what programs are found by out of this process's environment, which all that it starts inherits. A
 * set NODE_EXTRA_CA_CERTS alone adds 45 ms to each start of node, on both sides, and hides half of a distance. Returns the
 * environment as it was, for what must reach a package registry.
 */
export function cleanEnvironment(): Record<string, string> {
  const before = { ...process.env } as Record<string, string>
  for (const name of Object.keys(process.env)) if (!KEPT.includes(name)) delete process.env[name]
  return before
}
