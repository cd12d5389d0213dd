import type { Dependency } from '#core/config/rule.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { type Clock, every } from '#core/platform/clock.js'
import { type DiskSpace, diskSpace } from '#core/platform/disk/disk-space.js'
import { run } from '#core/platform/process/processes.js'
import { type ClockCheckOptions, checkClock } from './clock-check.js'
import { probe } from './dependencies.js'

/** The figures of the GPUs; not every GPU reports all of them. */
export interface Gpu {
  readonly utilizationPercent: number | undefined
  readonly vramUsedMb: number | undefined
  readonly vramTotalMb: number | undefined
  readonly temperatureCelsius: number | undefined
}

/** The slow figures, as they were last gathered. A request only reads them. */
export interface Gauges {
  readonly disk: DiskSpace | undefined
  readonly gpu: Gpu | undefined
  readonly eventLoopLagMs: number
  /** This machine's clock minus the time server's; null where that isn't known. */
  readonly clockOffsetSeconds: number | null
}

const LAG_MS = 1000
/**
 * The delay before programs and dependencies are first asked, until the bot is up: starting a program blocks this one
 * for milliseconds.
 */
const FIRST_MS = 1000
const SLOW_MS = 60_000
const GPU_TIMEOUT_MS = 5000

/**
 * Gathers the slow figures in the background: each minute disk, GPU and dependencies, each second the loop's lag, and
 * each hour the clock where a time server is named.
 */
export function startGauges(
  clock: Clock,
  options: {
    dataFolder: string
    dependencies: readonly Dependency[]
    monitor: HealthMonitor
    time?: Omit<ClockCheckOptions, 'monitor' | 'onOffset'> | undefined
  },
): { read(): Gauges; stop(): void } {
  const gauges: { -readonly [K in keyof Gauges]: Gauges[K] } = {
    disk: undefined,
    gpu: undefined,
    eventLoopLagMs: 0,
    clockOffsetSeconds: null,
  }
  let hasGpu = true
  let due = clock.monotonic() + LAG_MS
  const sampleDisk = async () => {
    gauges.disk = await diskSpace(options.dataFolder).catch(() => undefined)
  }
  const sampleGpu = async () => {
    const { failure, gpu } = await askGpu()
    gauges.gpu = gpu
    if (failure === 'ENOENT') hasGpu = false // no such program: it won't come
  }
  const sample = async () => {
    await Promise.all([
      sampleDisk(),
      hasGpu && sampleGpu(),
      ...options.dependencies.map(async (dependency) =>
        options.monitor.setDependency(dependency.name, await probe(dependency)),
      ),
    ])
  }
  void sampleDisk()
  const onOffset = (seconds: number | null) => {
    gauges.clockOffsetSeconds = seconds
  }
  const { monitor, time } = options
  const stops = [
    ...(time ? [checkClock(clock, { ...time, monitor, onOffset })] : []),
    clock.after(FIRST_MS, sample),
    every(clock, SLOW_MS, sample),
    every(clock, LAG_MS, () => {
      gauges.eventLoopLagMs = Math.max(0, Math.round(clock.monotonic() - due))
      due = clock.monotonic() + LAG_MS
    }),
  ]
  return {
    read: () => gauges,
    stop() {
      for (const stop of stops) stop()
    },
  }
}

/**
 * Asks nvidia-smi for the figures; undefined without it or without a GPU. Of several GPUs it takes the busiest, with
 * the memory of all added up.
 */
async function askGpu(): Promise<{ failure: string | undefined; gpu: Gpu | undefined }> {
  const query = [
    '--query-gpu=utilization.gpu,memory.used,memory.total,temperature.gpu',
    '--format=csv,noheader,nounits',
  ]
  const { exit, failure, stdout } = await run('nvidia-smi', query, { timeoutMs: GPU_TIMEOUT_MS })
  return { failure, gpu: exit === 0 ? parseGpus(stdout) : undefined }
}

/** Parses nvidia-smi's lines. Where a GPU says `[N/A]`, that figure is of the other GPUs, or missing. */
export function parseGpus(csv: string): Gpu | undefined {
  const rows = csv.split(/\r?\n/).map((row) => row.split(',').map((field) => field.trim()))
  const gpus = rows.filter((fields) => fields.length === 4)
  const known = (column: number) =>
    gpus
      .map((fields) => fields[column] ?? '')
      .filter((field) => /^\d+(\.\d+)?$/.test(field))
      .map(Number)
  const most = (values: number[]) => (values.length === 0 ? undefined : Math.max(...values))
  const sum = (values: number[]) => (values.length === 0 ? undefined : values.reduce((total, value) => total + value))
  const gpu: Gpu = {
    utilizationPercent: most(known(0)),
    vramUsedMb: sum(known(1)),
    vramTotalMb: sum(known(2)),
    temperatureCelsius: most(known(3)),
  }
  return Object.values(gpu).some((value) => value !== undefined) ? gpu : undefined
}
