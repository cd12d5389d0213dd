import { expect } from 'chai'
import { botMetrics } from '#core/metrics/bot-metrics.js'
import { exposition } from '#core/metrics/exposition.js'
import { aMonitor } from '../../support/builders/monitor.js'
import { FakeClock } from '../../support/fake-clock.js'

const IDENTITY = { version: '1.2.3', release: 'v1-abc', environment: 'test' }
const PROCESS = { residentBytes: 1024, cpuSeconds: 2.5, startedAt: 1000, node: 'v20.1.0' }
const DISK = { freeBytes: 100, usedBytes: 300, totalBytes: 500 }
const GPU = { utilizationPercent: 35, vramUsedMb: 1, vramTotalMb: 2, temperatureCelsius: 60 }

describe("the bot's metrics", () => {
  const clock = new FakeClock()

  async function linesOf(monitor: ReturnType<typeof aMonitor>, gauges = {}): Promise<string[]> {
    const text = await exposition(
      'Bot',
      botMetrics({
        monitor,
        gauges: { disk: DISK, gpu: GPU, eventLoopLagMs: 12, clockOffsetSeconds: -0.25, ...gauges },
        identity: IDENTITY,
        rating: 'good',
        process: PROCESS,
      }),
    )
    return text.split('\n').map((line) => line.replace(/,?bot="Bot"/, '').replace('{}', ''))
  }

  it('are in base units, with what the bot has done since its start', async () => {
    const monitor = aMonitor(clock)
    monitor.setRunning()
    monitor.recordStart('watchdog')
    monitor.recordCycle({ durationMs: 250 })
    monitor.recordCycle({ durationMs: 700_000 })
    monitor.recordAlert()
    monitor.recordError()
    monitor.setDependency('db', 'refused')
    const endedAt = clock.now() / 1000
    await clock.turn(2000)
    const lines = await linesOf(monitor)
    expect(lines).to.include.members([
      'catalyst_build_info{version="1.2.3",node="v20.1.0"} 1',
      'catalyst_release_info{release="v1-abc",rating="good",environment="test"} 1',
      'catalyst_health_status{status="degraded"} 1',
      'catalyst_health_status{status="healthy"} 0',
      'catalyst_starts_total{reason="watchdog"} 1',
      'catalyst_starts_total{reason="exit"} 0',
      'catalyst_cycles_total 2',
      'catalyst_alerts_total 1',
      'catalyst_errors_total 1',
      `catalyst_last_cycle_timestamp_seconds ${endedAt}`,
      'catalyst_proof_age_seconds{signal="cycle"} 2',
      'catalyst_proof_expected_gap_seconds{signal="cycle"} 30',
      'catalyst_dependency_up{dependency="db"} 0',
      'catalyst_cycle_duration_seconds_bucket{le="0.1"} 0',
      'catalyst_cycle_duration_seconds_bucket{le="0.25"} 1',
      'catalyst_cycle_duration_seconds_bucket{le="300"} 1',
      'catalyst_cycle_duration_seconds_bucket{le="+Inf"} 2',
      'catalyst_cycle_duration_seconds_sum 700.25',
      'catalyst_event_loop_delay_seconds 0.012',
      'catalyst_clock_offset_seconds -0.25',
      'catalyst_disk_free_bytes 100',
      'catalyst_disk_used_ratio 0.75',
      'catalyst_gpu_utilization_ratio 0.35',
      'catalyst_gpu_memory_used_bytes 1048576',
      'catalyst_gpu_temperature_celsius 60',
      'process_resident_memory_bytes 1024',
      'process_cpu_seconds_total 2.5',
      'process_start_time_seconds 1',
    ])
  })

  it('are without what is not known yet', async () => {
    const lines = await linesOf(aMonitor(clock), { disk: undefined, gpu: undefined, clockOffsetSeconds: null })
    const names = ['last_cycle', 'proof_age', 'disk_', 'gpu_', 'clock_', 'dependency']
    expect(lines.filter((line) => names.some((name) => line.includes(`catalyst_${name}`)))).to.deep.equal([])
  })

  it('never make a counter go backward while the bot runs', async () => {
    const monitor = aMonitor(clock)
    let before = new Map<string, number>()
    for (let turn = 0; turn < 50; turn++) {
      if (turn % 2 === 0) monitor.recordCycle({ durationMs: turn })
      if (turn % 3 === 0) monitor.recordError()
      if (turn % 5 === 0) monitor.recordAlert()
      await clock.turn(3_600_000) // through midnights, and out of the windows of an hour and a week
      const lines = (await linesOf(monitor)).filter((line) => /^catalyst_\w+_(total|bucket|count|sum)/.test(line))
      const now = new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]))
      for (const [name, value] of before) expect(now.get(name), name).to.be.at.least(value)
      before = now
    }
    expect(before.get('catalyst_cycles_total')).to.equal(25)
  })
})
