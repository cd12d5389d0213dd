import type { Gauges } from '#core/health/gauges/gauges.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { Identity } from '#core/health/report.js'
import { STATUSES } from '#core/health/status.js'
import { START_REASONS } from '#core/journal/start-reason.js'
import { type AnyFamily, byLabel, counter, flag, gauge, info, stateSet, timestamp } from './family.js'

/** The use of resources by the process that runs the bot. */
export interface ProcessFigures {
  readonly residentBytes: number
  readonly cpuSeconds: number
  /** The wall time at which it began, in ms since 1970. */
  readonly startedAt: number
  readonly node: string
}

/** The figures of which the bot's metrics are made. */
export interface BotFigures {
  readonly monitor: HealthMonitor
  readonly gauges: Gauges
  readonly identity: Pick<Identity, 'version' | 'release' | 'environment'>
  /** The rating of the release; undefined: there is none, or it isn't known. */
  readonly rating?: string | undefined
  readonly process: ProcessFigures
  /** The memory of a program with all that it has started; undefined: the bot is none, or that isn't known. */
  readonly programBytes?: number | undefined
}

const ANEW = 'Begins at 0 at each start of the bot.'
const MB = 1024 * 1024

/** Returns what this process uses. */
export function processFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage()
  return {
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    startedAt: performance.timeOrigin,
    node: process.version,
  }
}

/** Returns the metrics of a running bot. Nothing is gathered for them: they are read off. */
export function botMetrics({ monitor, gauges, identity, rating, process: own, programBytes }: BotFigures): AnyFamily[] {
  const { status } = monitor.state()
  const { version, release, environment } = identity
  return [
    info('catalyst_build_info', 'Version of Catalyst, and of the node that runs it.', { version, node: own.node }),
    info('catalyst_release_info', 'Release that runs, and its rating; empty: the working tree of the home.', {
      release: release ?? '',
      rating: rating ?? '',
      environment,
    }),
    ...healthMetrics(monitor, status),
    ...workMetrics(monitor),
    ...machineMetrics(gauges),
    gauge(
      'catalyst_program_memory_bytes',
      'Memory of the program that runs as the bot, with all that it has started; on Linux.',
      programBytes,
    ),
    gauge(
      'process_resident_memory_bytes',
      'Resident memory of the process that runs the bot; without that of a program.',
      own.residentBytes,
    ),
    counter(
      'process_cpu_seconds_total',
      'Processor time of the process that runs the bot; without that of a program.',
      own.cpuSeconds,
    ),
    gauge('process_start_time_seconds', 'Start of the process since 1970.', timestamp(own.startedAt)),
  ]
}

function healthMetrics(monitor: HealthMonitor, status: string): AnyFamily[] {
  const proofs = monitor.proofs()
  const down = monitor.dependencies()
  return [
    stateSet('catalyst_health_status', 'Health of the bot: 1 for the state that it is in.', 'status', STATUSES, status),
    gauge(
      'catalyst_health_status_since_timestamp_seconds',
      'Time since which the health is the same.',
      timestamp(monitor.statusSince),
    ),
    gauge('catalyst_start_timestamp_seconds', 'Last start of the bot.', timestamp(monitor.startedAt)),
    byLabel(
      'counter',
      'catalyst_starts_total',
      'Starts of the bot, by what led to it. Survives restarts.',
      'reason',
      Object.fromEntries(START_REASONS.map((reason) => [reason, monitor.starts[reason] ?? 0])),
    ),
    byLabel(
      'gauge',
      'catalyst_proof_age_seconds',
      'Time since the last proof that the bot works, by the signal; without the time in which it could not be asked.',
      'signal',
      Object.fromEntries(proofs.map(({ name, ageSeconds }) => [name, ageSeconds])),
    ),
    byLabel(
      'gauge',
      'catalyst_proof_expected_gap_seconds',
      'Expected time from one proof to the next, by the signal.',
      'signal',
      Object.fromEntries(proofs.map(({ name, gapSeconds }) => [name, gapSeconds])),
    ),
    byLabel(
      'gauge',
      'catalyst_dependency_up',
      'Whether a dependency of the bot answers.',
      'dependency',
      Object.fromEntries(Object.entries(down).map(([name, state]) => [name, flag(state === 'healthy')])),
    ),
    gauge(
      'catalyst_busy',
      'Whether the bot has said that it must not be interrupted.',
      flag(monitor.announced.busyWith !== undefined),
    ),
  ]
}

function workMetrics(monitor: HealthMonitor): AnyFamily[] {
  const { cycles, alerts, errors, lastCycleAt, cycleSeconds } = monitor.totals
  return [
    counter('catalyst_cycles_total', `Cycles, or proofs, of the bot. ${ANEW}`, cycles),
    counter('catalyst_alerts_total', `Alerts that the bot has sent. ${ANEW}`, alerts),
    counter('catalyst_errors_total', `Errors of the bot. ${ANEW}`, errors),
    gauge(
      'catalyst_last_cycle_timestamp_seconds',
      'Time of the last cycle, or proof; missing before the first.',
      timestamp(lastCycleAt),
    ),
    {
      name: 'catalyst_cycle_duration_seconds',
      help: `Time that cycles take, where the bot tells it. ${ANEW}`,
      type: 'histogram',
      histogram: cycleSeconds,
    },
  ]
}

function machineMetrics({ disk, gpu, eventLoopLagMs, clockOffsetSeconds }: Gauges): AnyFamily[] {
  const bytes = (mb: number | undefined) => mb && mb * MB
  return [
    gauge(
      'catalyst_event_loop_delay_seconds',
      "Delay of the event loop of the bot's process, at the last measurement.",
      eventLoopLagMs / 1000,
    ),
    gauge('catalyst_clock_offset_seconds', "This machine's clock minus the time server's.", clockOffsetSeconds),
    gauge('catalyst_disk_free_bytes', 'Free space of the disk with the data.', disk?.freeBytes),
    gauge(
      'catalyst_disk_used_ratio',
      'Used share of the disk with the data, as df shows it.',
      disk && disk.usedBytes / (disk.usedBytes + disk.freeBytes),
    ),
    gauge(
      'catalyst_gpu_utilization_ratio',
      'Utilization of the busiest GPU.',
      gpu?.utilizationPercent && gpu.utilizationPercent / 100,
    ),
    gauge('catalyst_gpu_memory_used_bytes', 'GPU memory in use.', bytes(gpu?.vramUsedMb)),
    gauge('catalyst_gpu_memory_total_bytes', 'GPU memory.', bytes(gpu?.vramTotalMb)),
    gauge('catalyst_gpu_temperature_celsius', 'Temperature of the hottest GPU.', gpu?.temperatureCelsius),
  ]
}
