import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'
import { watchdogOf } from './programs.js'

const DOCS = join(ROOT, 'docs', 'monitoring')

/** What Prometheus' own tool says, and its exit code. */
function promtool(args: readonly string[], { input = '', folder = DOCS } = {}): { code: number | null; text: string } {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: folder, input, encoding: 'utf8' })
  if (error) throw error
  return { code: status, text: stdout + stderr }
}

describe("Prometheus' own tool", () => {
  const { moduleHome, run } = endToEnd()
  afterEach(removeTempFolders)

  it('has nothing to say about the metrics of a bot and of its watchdog, not even with names that are hostile', async () => {
    const bot = `export default { name: 'x', cycle(ctx) { ctx.recordAlert('a'); ctx.recordError(new Error('e')) } }`
    const home = moduleHome(bot, {
      BOT_NAME: 'We"ird \\ } bot{a="b"} 1',
      HEALTH_SERVICES: 'db=http://127.0.0.1:9/',
      WATCHDOG_ENABLED: '1',
      WATCHDOG_CHECK_INTERVAL: '0.2',
      METRICS_FILE: 'bot.prom',
    })
    watchdogOf(home, run)
    await until(() => home.has('.catalyst/state/bot.json') && home.botFile().endpoint)
    const scraped = await until(async () => {
      const { body } = await home.ask('/metrics')
      return /^catalyst_watchdog_bot_up\{.*\} 1$/m.test(body) && body.includes('catalyst_dependency_up') && body
    })
    const written = await until(() => home.read('bot.prom'))
    for (const input of [scraped, written])
      expect(promtool(['check', 'metrics'], { input })).to.deep.equal({ code: 0, text: '' })
    expect(scraped.match(/^# TYPE/gm)?.length).to.be.greaterThan(30)
  })

  it('takes the settings and the rules of the guide', () => {
    expect(promtool(['check', 'config', 'prometheus.yml'])).to.include({ code: 0 })
    expect(promtool(['check', 'rules', 'catalyst.rules.yml'])).to.include({ code: 0 })
  })

  it('finds that each alert fires when it should, and is silent when it should', () => {
    const { code, text } = promtool(['test', 'rules', 'catalyst.rules.test.yml'])
    expect(code, text).to.equal(0)
  })

  it('has a test of each alert, which fails without it', function () {
    this.timeout(300_000) // one run of the tool for each alert
    const rules = fs.readFileSync(join(DOCS, 'catalyst.rules.yml'), 'utf8')
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string)
    expect(alerts).to.have.length(16)
    const folder = tempFolder()
    fs.copyFileSync(join(DOCS, 'catalyst.rules.test.yml'), join(folder, 'catalyst.rules.test.yml'))
    for (const alert of alerts) {
      const never = rules.replace(
        new RegExp(`(- alert: ${alert}\\n +expr: )(>-\\n( {10}.*\\n)+|.+\\n)`),
        '$1vector(0) == 1\n',
      )
      expect(never, alert).to.not.equal(rules)
      fs.writeFileSync(join(folder, 'catalyst.rules.yml'), never)
      const { code, text } = promtool(['test', 'rules', 'catalyst.rules.test.yml'], { folder })
      expect(code, `${alert}: ${text}`).to.equal(1)
    }
  })
})
