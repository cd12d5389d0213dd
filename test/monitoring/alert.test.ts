import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'
import { startMonitoring, type ToldAlert, watchdogOf } from './programs.js'

const TOKEN = 'open-sesame'
const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.5',
  WATCHDOG_FREEZE_THRESHOLD: '600', // the bot stays frozen: its watchdog is not to be faster than Prometheus
  METRICS_FILE: 'bot.prom',
  BOT_STOP_TIMEOUT: '1',
}

describe('a real Prometheus with a real Alertmanager', () => {
  const { home: emptyHome, moduleHome, serve, run } = endToEnd()

  /** What Alertmanager tells a person. */
  async function receiver() {
    const told: ToldAlert[] = []
    const { url } = await serve((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        told.push(...(JSON.parse(body).alerts as ToldAlert[]))
        response.end()
      })
    })
    const statesOf = (name: string) => told.flatMap(({ status, labels }) => (labels.alertname === name ? [status] : []))
    return { url, told, statesOf }
  }

  it('alerts a person when a bot freezes, and again when that is over', async () => {
    const home = moduleHome(undefined, { HEALTH_TOKEN: TOKEN })
    const bot = await home.started()
    const { url, told, statesOf } = await receiver()
    const where = { bot: `127.0.0.1:${home.botFile().endpoint?.port}`, token: TOKEN }
    const { query } = await startMonitoring(emptyHome().folder, run, where, url)
    await until(
      async () => (await query('catalyst_health_status{status="healthy",bot="CatalystBot"} == 1')).length === 1,
    )
    bot.kill('SIGSTOP')
    await until(() => statesOf('CatalystBotDown').includes('firing'))
    expect(told[0]).to.deep.include({
      status: 'firing',
      labels: { alertname: 'CatalystBotDown', bot: 'CatalystBot', severity: 'critical' },
    })
    expect(told[0]?.annotations.summary).to.equal('CatalystBot gives no answer')
    bot.kill('SIGCONT')
    await until(() => statesOf('CatalystBotDown').includes('resolved'))
    expect(statesOf('CatalystBotDown')).to.deep.equal(['firing', 'resolved'])
  })

  it('hears of a bot that is down by the file of its watchdog, and of a pause nothing', async () => {
    const home = moduleHome(undefined, WATCHED)
    watchdogOf(home, run)
    await until(() => /^catalyst_watchdog_bot_up\{.*\} 1$/m.test(home.read('bot.prom')))
    // what node exporter does with the files of its folder
    const node = await serve((_, response) => response.end(home.read('bot.prom')))
    const { url, told, statesOf } = await receiver()
    const where = { node: `127.0.0.1:${node.port}` }
    const { query } = await startMonitoring(emptyHome().folder, run, where, url)
    await until(async () => (await query('catalyst_watchdog_bot_up == 1')).length === 1)
    const pause = { by: 'ann', since: new Date().toISOString(), until: new Date(Date.now() + 3_600_000).toISOString() }
    home.write('.catalyst/state/pause.json', JSON.stringify({ ...pause, why: null }))
    await until(async () => (await query('catalyst:paused == 1')).length === 1)
    process.kill(home.botFile().pid, 'SIGSTOP')
    await until(async () => (await query('catalyst_watchdog_bot_status{status="unreachable"} == 1')).length === 1)
    await new Promise((resolve) => setTimeout(resolve, 3000)) // in which it would have fired
    expect(told).to.deep.equal([])
    home.write('.catalyst/state/pause.json', '{}')
    await until(() => statesOf('CatalystBotDown').includes('firing'))
    process.kill(home.botFile().pid, 'SIGCONT')
    await until(() => statesOf('CatalystBotDown').includes('resolved'))
  })

  it('understands each query of the dashboard, and has an answer to the most', async () => {
    const home = moduleHome(undefined, { ...WATCHED, HEALTH_SERVICES: 'db=http://127.0.0.1:9/' })
    watchdogOf(home, run)
    await until(() => home.has('.catalyst/state/bot.json') && home.botFile().endpoint)
    const { url } = await receiver()
    const where = { bot: `127.0.0.1:${home.botFile().endpoint?.port}` }
    const { query } = await startMonitoring(emptyHome().folder, run, where, url)
    await until(
      async () =>
        (await query('rate(catalyst_cycles_total[10s]) > 0 and on (bot) catalyst_watchdog_bot_up')).length > 0,
    )
    const { panels } = JSON.parse(readFileSync(join(ROOT, 'docs', 'monitoring', 'grafana-dashboard.json'), 'utf8'))
    const queries: string[] = panels.flatMap(({ targets = [] }) => targets.map(({ expr }: { expr: string }) => expr))
    const silent: string[] = []
    for (const expr of queries) {
      const filled = expr.replaceAll('$bot', '.*').replaceAll('$__rate_interval', '10s')
      if ((await query(filled)).length === 0) silent.push(expr)
    }
    expect(
      silent.filter((expr) => !expr.endsWith('> 0') && !expr.includes('program_memory')),
      'but for incidents and a program, of which there were none',
    ).to.deep.equal([])
  })
})
