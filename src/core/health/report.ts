import { PROCESS_PROOF } from '#core/config/proof/signal-names.js'
import { type Announced, announcedOf } from '#core/health/announced/announced.js'
import type { Gauges, Gpu } from '#core/health/gauges/gauges.js'
import type { DiskSpace } from '#core/platform/disk/disk-space.js'
import type { HealthMonitor } from './monitor.js'
import type { Status } from './status.js'

/** The facts that don't change while a bot runs. */
export interface Identity {
  readonly name: string
  readonly version: string
  readonly release: string | null
  readonly environment: string
  readonly features: Readonly<Record<string, boolean>>
}

/** The JSON of `/health/detailed`. Names are part of the contract; the first ones are those of the Python version. */
export interface HealthReport {
  readonly status: Status
  readonly uptime_seconds: number
  readonly last_cycle_seconds_ago: number | null
  readonly cycles_today: number
  readonly alerts_today: number
  readonly alerts_week: number
  readonly errors_last_hour: number
  readonly gpu_utilization?: number
  readonly vram_used_mb?: number
  readonly vram_total_mb?: number
  readonly gpu_temperature?: number
  readonly disk_free_gb: number | null
  readonly disk_used_percent: number | null
  readonly features: Readonly<Record<string, boolean>>
  readonly services: Readonly<Record<string, string>>
  readonly timestamp: string
  readonly started_at: string
  readonly name: string
  readonly pid: number
  readonly version: string
  readonly release: string | null
  readonly environment: string
  /** The signals that must all be fresh, with commas between; `process` without any. */
  readonly proof: string
  readonly reasons: readonly string[]
  /** The time since which the status is the same. */
  readonly status_since: string
  /** The signs that it is deaf, where only its process is watched. */
  readonly signs: readonly string[]
  /** The work in which the bot must not be interrupted; null: none. */
  readonly busy: Announced | null
  /** The reason for which its start takes longer; null: none. */
  readonly starting: Announced | null
  /** This machine's clock minus the time server's, in seconds; null where that isn't known. */
  readonly clock_offset_seconds: number | null
  readonly total_cycles: number
  readonly cycle_seconds_p50: number | null
  readonly cycle_seconds_p95: number | null
  readonly rss_mb: number
  readonly event_loop_lag_ms: number
  /** The end of a pause of the watchdog, as for maintenance; null: it is not paused. */
  readonly watchdog_paused_until: string | null
}

const GB = 1e9
const MB = 1024 * 1024

/** Returns all figures together. It is cheap: nothing is gathered here. */
export function healthReport(
  monitor: HealthMonitor,
  gauges: Gauges,
  identity: Identity,
  now: number,
  pausedUntil: string | null = null,
): HealthReport {
  const { status, reasons } = monitor.state()
  const counts = monitor.counts()
  const cycles = monitor.cycleSeconds()
  const { disk, gpu } = gauges
  return {
    status,
    uptime_seconds: monitor.uptimeSeconds(),
    last_cycle_seconds_ago: monitor.lastCycleSecondsAgo(),
    cycles_today: counts.cyclesToday,
    alerts_today: counts.alertsToday,
    alerts_week: counts.alertsWeek,
    errors_last_hour: monitor.errorsLastHour(),
    ...(gpu && gpuFigures(gpu)),
    disk_free_gb: disk ? Math.round((disk.freeBytes / GB) * 10) / 10 : null,
    disk_used_percent: disk ? usedPercent(disk) : null,
    features: identity.features,
    services: monitor.dependencies(),
    timestamp: new Date(now).toISOString(),
    started_at: new Date(monitor.startedAt).toISOString(),
    name: identity.name,
    pid: process.pid,
    version: identity.version,
    release: identity.release,
    environment: identity.environment,
    proof: monitor.signals.join(',') || PROCESS_PROOF,
    reasons,
    status_since: new Date(monitor.statusSince).toISOString(),
    signs: monitor.signs,
    busy: announcedOf(monitor.announced.busyWith),
    starting: status === 'starting' ? announcedOf(monitor.announced.startExtension) : null,
    clock_offset_seconds: gauges.clockOffsetSeconds,
    total_cycles: monitor.totalCycles,
    cycle_seconds_p50: cycles.p50,
    cycle_seconds_p95: cycles.p95,
    rss_mb: rssMb(),
    event_loop_lag_ms: gauges.eventLoopLagMs,
    watchdog_paused_until: pausedUntil,
  }
}

/** Returns the memory of this process, in MiB. */
export function rssMb(): number {
  return Math.round(process.memoryUsage.rss() / MB)
}

/** Returns the figures of the GPUs, without those that no GPU reports. */
function gpuFigures(gpu: Gpu): Pick<HealthReport, GpuFigure> {
  const figures: Record<GpuFigure, number | undefined> = {
    gpu_utilization: gpu.utilizationPercent,
    vram_used_mb: gpu.vramUsedMb,
    vram_total_mb: gpu.vramTotalMb,
    gpu_temperature: gpu.temperatureCelsius,
  }
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined))
}

type GpuFigure = 'gpu_utilization' | 'vram_used_mb' | 'vram_total_mb' | 'gpu_temperature'

/** Returns the used share as df shows it: of the space that users other than root can have. */
function usedPercent({ usedBytes, freeBytes }: DiskSpace): number {
  return Math.round((usedBytes / (usedBytes + freeBytes)) * 1000) / 10
}
