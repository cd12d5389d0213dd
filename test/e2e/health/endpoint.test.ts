import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

const WORKING = `
export default {
  name: 'working',
  cycle(ctx) {
    ctx.recordAlert('news')
    ctx.recordError(new Error('a small thing'))
  },
}`

describe('e2e: the health endpoint', () => {
  const { moduleHome, programHome, serve } = endToEnd()

  it('answers ping, HEAD, the short and the detailed status, and lists itself', async () => {
    const home = moduleHome()
    await home.healthy()
    const ping = await home.ask('/health/ping')
    expect([ping.status, ping.body]).to.deep.equal([200, 'ok\n'])
    const head = await home.ask('/health/ping', { method: 'HEAD' })
    expect([head.status, head.body, head.headers['content-length']]).to.deep.equal([200, '', '3'])
    const short = await home.ask('/health')
    expect(short.status).to.equal(200)
    expect(JSON.parse(short.body)).to.include({ status: 'healthy' })
    expect((await home.ask('/')).body)
      .to.contain('/health/ping')
      .and.to.contain('/metrics')
    expect((await home.ask('/', { headers: { Accept: 'text/html' } })).body).to.match(/^<!doctype html>/i)
    expect((await home.ask('/metrics')).body).to.match(/^# HELP/m)
    expect((await home.ask('/nothing')).status).to.equal(404)
    const post = await home.ask('/health/ping', { method: 'POST' })
    expect([post.status, post.headers.allow]).to.deep.equal([405, 'GET, HEAD'])
    for (const path of ['/health/ping', '/health', '/nothing']) {
      expect((await home.ask(path)).headers['catalyst-instance']).to.equal(home.botFile().instance)
    }
  })

  it('gives every figure under its name', async () => {
    const home = moduleHome(WORKING, {
      FEATURE_QUICKCHART: '1',
      FEATURE_OLLAMA: '0',
      DEPLOYMENT_ENV: 'staging',
      BOT_NAME: 'Figures',
      HEALTH_SERVICES: `self=http://127.0.0.1:9/`,
    })
    const bot = await home.started()
    const report = await until(async () => {
      const now = await home.health()
      return now.cycles_today >= 2 && now.disk_free_gb !== null && now.services.self !== undefined && now
    })
    expect(report).to.have.all.keys(
      // the original names
      'status',
      'uptime_seconds',
      'last_cycle_seconds_ago',
      'cycles_today',
      'alerts_today',
      'alerts_week',
      'errors_last_hour',
      'disk_free_gb',
      'features',
      'services',
      // and those that came later; the GPU's are absent without one
      'timestamp',
      'started_at',
      'name',
      'pid',
      'version',
      'release',
      'environment',
      'proof',
      'reasons',
      'status_since',
      'signs',
      'busy',
      'starting',
      'clock_offset_seconds',
      'total_cycles',
      'cycle_seconds_p50',
      'cycle_seconds_p95',
      'disk_used_percent',
      'rss_mb',
      'event_loop_lag_ms',
      'watchdog_paused_until',
      ...('gpu_utilization' in report ? ['gpu_utilization', 'vram_used_mb', 'vram_total_mb', 'gpu_temperature'] : []),
    )
    expect(report).to.include({ pid: bot.pid, name: 'Figures', environment: 'staging', release: null, proof: 'cycle' })
    expect(report.features).to.deep.equal({ health_endpoint: true, quickchart: true, ollama: false })
    expect(report.services).to.deep.equal({ self: 'unhealthy' })
    expect(report.alerts_today).to.equal(report.cycles_today)
    expect(report.alerts_week).to.equal(report.alerts_today)
    expect(report.errors_last_hour).to.equal(report.cycles_today)
    expect(report.last_cycle_seconds_ago).to.be.within(0, 5)
    expect(report.uptime_seconds).to.be.within(0, 30)
    expect(report.disk_free_gb).to.be.greaterThan(0)
    expect(report.disk_used_percent).to.be.within(0, 100)
    expect(report.rss_mb).to.be.within(20, 500)
    expect(Math.abs(Date.parse(report.timestamp) - Date.now())).to.be.lessThan(10_000)
    expect(Date.parse(report.started_at)).to.be.lessThan(Date.parse(report.timestamp))
  })

  it('gives Prometheus what a program uses, and goes on counting starts over a restart', async () => {
    const home = programHome('setInterval(() => {}, 1000)')
    const bot = await home.healthy()
    const figure = async (name: string) => {
      const { body } = await home.ask('/metrics')
      const line = body.split('\n').find((one) => one.startsWith(`${name},bot=`) || one.startsWith(`${name}{bot=`))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    }
    if (process.platform === 'linux') expect(await figure('catalyst_program_memory_bytes')).to.be.within(5e6, 500e6)
    expect(await figure('process_resident_memory_bytes')).to.be.within(5e6, 500e6)
    expect(await figure('catalyst_starts_total{reason="other"')).to.equal(1)
    await until(() => home.read('.catalyst/state/counters.json').includes('starts'))
    bot.kill('SIGKILL')
    await bot.result()
    await home.healthy()
    expect(await figure('catalyst_starts_total{reason="other"')).to.equal(1)
    expect(await figure('catalyst_starts_total{reason="exit"')).to.equal(1)
    expect(await figure('catalyst_watchdog_running')).to.equal(0)
  })

  it('shows everything but ping only to who has the token', async () => {
    const home = moduleHome(undefined, { HEALTH_TOKEN: 'open-sesame' })
    await home.started()
    expect((await home.ask('/health/ping')).status).to.equal(200)
    expect((await home.ask('/health/detailed')).status).to.equal(401)
    expect((await home.ask('/health/detailed', { headers: { Authorization: 'Bearer wrong' } })).status).to.equal(401)
    const withToken = { headers: { Authorization: 'Bearer open-sesame' } }
    await until(async () => (await home.ask('/health/detailed', withToken)).status === 200)
    expect((await home.catalyst(['health', 'check'])).code).to.equal(0)
  })

  it('gives a request from outside ping only', async () => {
    const home = moduleHome()
    await home.healthy()
    for (const headers of [{ Host: 'bot.example.com' }, { 'X-Forwarded-For': '203.0.113.9' }]) {
      expect((await home.ask('/health/detailed', { headers })).status).to.equal(403)
      expect((await home.ask('/health/ping', { headers })).status).to.equal(200)
    }
  })

  it("polls a program's own health address, and each good answer is a cycle", async () => {
    let status = 503
    const { url } = await serve((_, response) => response.writeHead(status).end())
    const home = programHome('setInterval(() => {}, 1000)', {
      BOT_HEALTH_URL: `${url}/ready`,
      BOT_CYCLE_SECONDS: '0.1',
      WATCHDOG_FREEZE_THRESHOLD: '0.5',
    })
    await home.started()
    expect(await home.health()).to.include({ status: 'starting', proof: 'url' })
    expect((await home.ask('/health/detailed')).status).to.equal(503)
    status = 204
    expect(await home.status('healthy')).to.include({ proof: 'url' })
    status = 500
    expect((await home.status('unhealthy')).reasons[0]).to.match(/^no cycle for /)
    await until(() => home.logged().some((line) => line === 'BOT_HEALTH_URL: HTTP 500'))
    status = 200
    await home.status('healthy')
  })

  it('is switched off by each of its two switches; then the bot runs all the same, and health check says 3', async () => {
    await Promise.all(
      ['HEALTH_CHECK_ENABLED', 'FEATURE_HEALTH_ENDPOINT'].map(async (name) => {
        const home = moduleHome(WORKING, { [name]: '0' })
        const bot = home.start()
        await until(() => home.kinds().includes('bot.start') && bot.output.includes('a small thing'))
        expect(home.botFile().endpoint).to.equal(undefined)
        const { code, stdout } = await home.catalyst(['health', 'check'])
        expect([code, stdout.split('\n')[0]]).to.deep.equal([3, 'unknown'])
        expect(stdout).to.contain('switched off')
        bot.kill('SIGTERM')
        expect((await bot.result()).code).to.equal(0)
      }),
    )
  })
})
