import net from 'node:net'
import { expect } from 'chai'
import { healthEndpoint } from '#core/health/endpoint/endpoint.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { healthReport } from '#core/health/report.js'
import { botMetrics, processFigures } from '#core/metrics/bot-metrics.js'
import { exposition } from '#core/metrics/exposition.js'
import { ask, type Listener, serve } from '#core/platform/net/http.js'
import { aMonitor } from '../../../support/builders/monitor.js'
import { aStatusPage } from '../../../support/builders/status-page.js'
import { FakeClock } from '../../../support/fake-clock.js'

const identity = { name: '<Bot>', version: '1.2.3', release: null, environment: 'test', features: { quickchart: true } }

describe('the health endpoint', () => {
  let listener: Listener
  let clock: FakeClock
  let monitor: HealthMonitor

  async function open(token?: string, metricsOf?: () => Promise<string>) {
    clock = new FakeClock()
    monitor = aMonitor(clock, {
      limits: { startTimeoutMs: 1000, freezeThresholdMs: 1000 },
      signals: [{ name: 'cycle', setMs: 1000 }],
    })
    const gpu = { utilizationPercent: 35.2, vramUsedMb: 384, vramTotalMb: 8192, temperatureCelsius: 60 }
    // a third of the disk is kept back for root
    const disk = { freeBytes: 125_300_000_000, usedBytes: 125_300_000_000, totalBytes: 375_900_000_000 }
    const gauges = { disk, gpu, eventLoopLagMs: 1, clockOffsetSeconds: 0.012 }
    const report = () => healthReport(monitor, gauges, identity, clock.now())
    const handler = healthEndpoint({
      instance: 'abc',
      access: { token, host: '127.0.0.1' },
      state: () => monitor.state(),
      report,
      metrics:
        metricsOf ?? (() => exposition('Bot', botMetrics({ monitor, gauges, identity, process: processFigures() }))),
      page: aStatusPage(clock, { report }),
    })
    listener = await serve({ host: '127.0.0.1', port: 0 }, handler)
  }
  const get = (path: string, more: Partial<Parameters<typeof ask>[1]> = {}) =>
    ask(`http://127.0.0.1:${listener.port}${path}`, { timeoutMs: 5000, ...more })

  afterEach(() => listener.close())

  it('leaves out the figures that no GPU reports', async () => {
    await open()
    const gpu = { utilizationPercent: undefined, vramUsedMb: 0, vramTotalMb: undefined, temperatureCelsius: 55 }
    const report = healthReport(
      monitor,
      { disk: undefined, gpu, eventLoopLagMs: 1, clockOffsetSeconds: 0.012 },
      identity,
      clock.now(),
    )
    expect(report)
      .to.include({ vram_used_mb: 0, gpu_temperature: 55 })
      .and.to.not.have.any.keys('gpu_utilization', 'vram_total_mb')
  })

  it('answers ping with ok while the bot starts and works, with 503 and the reason while it does not', async () => {
    await open()
    expect(await get('/health/ping')).to.include({ status: 200, body: 'ok\n' })
    monitor.recordCycle()
    expect(await get('/health/ping?x=1')).to.include({ status: 200, body: 'ok\n' })
    await clock.turn(2000)
    const frozen = await get('/health/ping')
    expect(frozen.status).to.equal(503)
    expect(frozen.body).to.match(/^unhealthy: no cycle for 2 s/)
    monitor.setStopping()
    expect(await get('/health/ping')).to.include({ status: 503, body: 'stopping\n' })
  })

  it('has every figure in /health/detailed, with the code that its status means', async () => {
    await open()
    expect((await get('/health/detailed')).status, 'starting').to.equal(503)
    monitor.recordCycle({ durationMs: 250 })
    monitor.recordAlert()
    monitor.setDependency('discord', undefined)
    const { status, body, headers } = await get('/health/detailed')
    expect(status).to.equal(200)
    expect(headers['catalyst-instance']).to.equal('abc')
    const report = JSON.parse(body)
    expect(report).to.include({
      status: 'healthy',
      uptime_seconds: 0,
      last_cycle_seconds_ago: 0,
      cycles_today: 1,
      alerts_today: 1,
      alerts_week: 1,
      errors_last_hour: 0,
      gpu_utilization: 35.2,
      vram_used_mb: 384,
      vram_total_mb: 8192,
      gpu_temperature: 60,
      disk_free_gb: 125.3,
      disk_used_percent: 50,
      version: '1.2.3',
      release: null,
      environment: 'test',
      proof: 'cycle',
      total_cycles: 1,
      cycle_seconds_p50: 0.25,
      cycle_seconds_p95: 0.25,
      pid: process.pid,
      event_loop_lag_ms: 1,
      name: '<Bot>',
    })
    expect(report.features).to.deep.equal({ quickchart: true })
    expect(report.services).to.deep.equal({ discord: 'healthy' })
    expect(report.reasons).to.deep.equal([])
    expect(report.rss_mb).to.be.above(10)
    for (const time of [report.timestamp, report.started_at]) expect(Date.parse(time)).to.be.above(0)
  })

  it('answers HEAD like GET, without a body, and refuses other methods and paths', async () => {
    await open()
    for (const path of ['/health/ping', '/health', '/health/detailed', '/metrics', '/']) {
      const [head, whole] = [await get(path, { method: 'HEAD' }), await get(path)]
      expect(head.status, path).to.equal(whole.status)
      expect(head.body).to.equal('')
      expect(head.headers['content-type']).to.equal(whole.headers['content-type'])
    }
    expect((await get('/health/ping', { method: 'POST', body: 'x' })).status).to.equal(405)
    expect((await get('/nowhere')).status).to.equal(404)
    expect((await get('/health/../etc/passwd')).status).to.equal(404)
  })

  it('shows a page to a browser and the list of addresses to everything else', async () => {
    await open()
    const page = await get('/', { headers: { Accept: 'text/html,*/*' } })
    expect(page.headers['content-type']).to.include('text/html')
    expect(page.headers['catalyst-instance']).to.equal('abc')
    expect(page.body).to.include('<title>Starting · &#60;Bot&#62;</title>').and.to.not.include('<Bot>')
    expect((await get('/')).body).to.include('/health/ping')
  })

  it('has nothing but the page below /page', async () => {
    await open()
    for (const path of ['/page/', '/page/nothing', '/page/assets/../../package.json', '/page/chart?chart=none'])
      expect((await get(path)).status, path).to.equal(404)
    expect((await get('/page/charts')).status).to.equal(200)
    expect((await get('/page/charts', { method: 'POST', body: '' })).status).to.equal(405)
  })

  it('gives the figures to Prometheus', async () => {
    await open()
    monitor.recordCycle()
    const { body } = await get('/metrics')
    expect(body)
      .to.include('catalyst_health_status{status="healthy",bot="Bot"} 1')
      .and.to.include('catalyst_cycles_total{bot="Bot"} 1')
    for (const line of body.trimEnd().split('\n').filter(Boolean))
      expect(line).to.match(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? -?[\d.e+]+)$/)
  })

  it('says so when the figures for Prometheus can not be had', async () => {
    await open(undefined, () => Promise.reject(new Error('out of order')))
    expect(await get('/metrics')).to.include({ status: 500, body: 'no metrics: out of order\n' })
    expect((await get('/health/ping')).status).to.equal(200)
  })

  it('wants the token for everything but ping', async () => {
    await open('right')
    expect((await get('/health/ping')).status).to.equal(200)
    for (const path of ['/', '/health', '/health/detailed', '/metrics', '/page/charts']) {
      const { status, body } = await get(path)
      expect(status, path).to.equal(401)
      expect(body).to.not.include('right')
      expect((await get(path, { headers: { Authorization: 'Bearer right' } })).status).to.be.oneOf([200, 503])
    }
  })

  it('wants it for every part of the page: data, events and files', async () => {
    await open('right')
    for (const path of ['/page/charts', '/page/day', '/page/events', '/page/assets/page.js', '/page/icon-healthy.svg'])
      for (const headers of [{}, { Authorization: 'Bearer wrong' }])
        expect((await get(path, { headers })).status, path).to.equal(401)
  })

  it('gives ping alone to a tunnel without a token', async () => {
    await open()
    const tunnel = { headers: { 'X-Forwarded-For': '1.2.3.4' } }
    expect((await get('/health/ping', tunnel)).status).to.equal(200)
    expect((await get('/health/detailed', tunnel)).status).to.equal(403)
    expect((await get('/metrics', { headers: { Host: 'bot.example.com' } })).status).to.equal(403)
    for (const path of ['/page/charts', '/page/events', '/page/assets/page.js'])
      expect((await get(path, tunnel)).status, path).to.equal(403)
  })

  it('answers others while slow, silent and huge requests hang on', async () => {
    await open()
    const sockets = Array.from({ length: 200 }, () => net.connect(listener.port, '127.0.0.1').on('error', () => {}))
    sockets.slice(0, 100).forEach((socket) => void socket.write('GET /health/ping HTTP/1.1\r\nX-Slow: '))
    sockets
      .slice(100, 150)
      .forEach((socket) => void socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n'))
    expect((await get('/health/ping')).body).to.equal('ok\n')
    // it may be cut off before it has said all, and then it never sees the answer
    const huge = await get('/health/ping', { headers: { 'X-Huge': 'x'.repeat(100_000) } }).then(
      ({ status }) => status,
      (error: Error) => error.message,
    )
    expect(huge).to.be.oneOf([431, 'the connection was cut', 'write EPIPE'])
    for (const socket of sockets) socket.destroy()
  })
})
