import { type Clock, every } from '#core/system/clock.js'
import { diskSpace } from '#core/system/files.js'
import { run } from '#core/system/processes.js'
import type { HealthMonitor } from './monitor.js'
import { probe, type Service } from './services.js'

export interface Gpu {
  readonly utilizationPercent: number
  readonly vramUsedMb: number
  readonly vramTotalMb: number
  readonly temperatureCelsius: number
}

/** The slow figures, as they were last seen. A request only reads them. */
export interface Gauges {
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | undefined
  readonly gpu: Gpu | undefined
  readonly eventLoopLagMs: number
}

const LAG_MS = 1000
/** Programs and services are first asked when the bot is up: starting a program holds this one up for milliseconds. */
const FIRST_MS = 1000
const SLOW_MS = 60_000
const GPU_TIMEOUT_MS = 5000

/** Gathers the slow figures in the background: each minute disk, GPU and services, each second the loop's lag. */
export function startGauges(
  clock: Clock,
  options: { dataFolder: string; services: readonly Service[]; monitor: HealthMonitor },
): { read(): Gauges; stop(): void } {
  const gauges: { -readonly [K in keyof Gauges]: Gauges[K] } = { disk: undefined, gpu: undefined, eventLoopLagMs: 0 }
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
      ...options.services.map(async (service) => options.monitor.setService(service.name, await probe(service))),
    ])
  }
  void sampleDisk()
  const stops = [
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

/** What nvidia-smi tells; undefined without it or without a GPU. Several GPUs: the busiest, memory added up. */
async function askGpu(): Promise<{ failure: string | undefined; gpu: Gpu | undefined }> {
  const query = [
    '--query-gpu=utilization.gpu,memory.used,memory.total,temperature.gpu',
    '--format=csv,noheader,nounits',
  ]
  const { exit, failure, stdout } = await run('nvidia-smi', query, { timeoutMs: GPU_TIMEOUT_MS })
  return { failure, gpu: exit === 0 ? parseGpus(stdout) : undefined }
}

export function parseGpus(csv: string): Gpu | undefined {
  const rows = csv
    .trim()
    .split(/\r?\n/)
    .map((row) => row.split(',').map((field) => Number(field.trim())))
    .filter((row) => row.length === 4 && row.every(Number.isFinite)) as [number, number, number, number][]
  if (rows.length === 0) return undefined
  return {
    utilizationPercent: Math.max(...rows.map(([utilization]) => utilization)),
    vramUsedMb: rows.reduce((sum, [, used]) => sum + used, 0),
    vramTotalMb: rows.reduce((sum, [, , total]) => sum + total, 0),
    temperatureCelsius: Math.max(...rows.map(([, , , temperature]) => temperature)),
  }
}
