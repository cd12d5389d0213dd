import fs from 'node:fs'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

describe('e2e: settings and folders that are wrong', () => {
  const { home: emptyHome, moduleHome, programHome } = endToEnd()

  it('bot start lists all faults at once, exits 78, shows no value, and leaves nothing behind', async () => {
    const secret = 'ftp://hooks.example.com/swordfish'
    const home = emptyHome({
      HEALTH_CHECK_PORT: 'eighty',
      BOT_CYCLE_SECONDS: '-7',
      LOG_LEVEL: 'loudest',
      ADMIN_ALERT_WEBHOOK: secret,
      BOT_COMMAND: 'node a.js',
      BOT_MODULE: 'b.mjs',
    })
    const { code, stdout, stderr } = await home.start().result()
    expect(code).to.equal(78)
    const words = stderr
    expect(words).to.contain('The settings have 5 faults')
    for (const name of ['HEALTH_CHECK_PORT', 'BOT_CYCLE_SECONDS', 'LOG_LEVEL', 'ADMIN_ALERT_WEBHOOK', 'BOT_COMMAND']) {
      expect(words).to.contain(`- ${name} `)
    }
    for (const value of ['swordfish', 'eighty', 'loudest']) expect(stdout + stderr).to.not.contain(value)
    expect(home.files('.')).to.deep.equal(['.env'])
  })

  it('the environment goes over .env, and an unreadable line is a fault with its number', async () => {
    const home = moduleHome()
    await home.healthy([], { BOT_NAME: 'From outside' })
    expect((await home.health()).name).to.equal('From outside')
    const torn = emptyHome()
    torn.write('.env', 'HEALTH_CHECK_PORT=0\nthis is no setting\n')
    const { code, stderr } = await torn.start().result()
    expect(code).to.equal(78)
    expect(stderr).to.contain('line 2: expected NAME=value')
  })

  it('a home that is not there is wrong usage', async () => {
    const home = emptyHome()
    fs.rmSync(home.folder, { recursive: true })
    expect((await home.start().result()).code).to.equal(2)
    expect((await home.catalyst(['health', 'check'])).code).to.equal(3)
  })

  it('a home that cannot be written to gives 77 and says what is in the way', async () => {
    await Promise.all(
      ['.catalyst', 'data', '.catalyst/state'].map(async (path) => {
        const home = moduleHome()
        home.write(path, 'in the way')
        const { code, stderr } = await home.start().result()
        expect(code, path).to.equal(77)
        expect(stderr)
          .to.contain("can't be written to")
          .and.to.match(/ENOTDIR|EEXIST/)
      }),
    )
  })

  it('a log that cannot be written does not end the bot: stderr says so and the bot is degraded', async () => {
    const home = moduleHome("export default { name: 'b', cycle: (ctx) => ctx.log.info('a line') }")
    home.write('data/logs', 'in the way')
    const bot = await home.started()
    const report = await home.status('degraded')
    expect(report.reasons[0]).to.match(/^the log can't be written: .*ENOTDIR/)
    await until(() => /catalyst: the log in \S+ can't be written: /.test(bot.stderr))
    await until(() => bot.stdout.includes('health endpoint: http://'))
    expect((await home.catalyst(['health', 'check'])).code).to.equal(1)
    fs.rmSync(home.path('data/logs'))
    await home.status('healthy')
    await until(() => bot.stderr.includes('the log can be written again'))
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.logged()).to.include('the bot has exited (exit code 0)')
  })

  it('a journal that cannot be written does not end the bot either', async () => {
    const home = moduleHome()
    fs.mkdirSync(home.path('.catalyst/journal.jsonl'), { recursive: true })
    const bot = await home.started()
    expect((await home.status('degraded')).reasons[0]).to.match(/^the journal can't be written: EISDIR/)
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
  })

  it("a bot sees what is in .env, but not Catalyst's own secrets; so does its process", async () => {
    const settings = {
      MY_API_KEY: 'mine-0123456789',
      PLAIN: 'a "quoted" word # and more',
      ADMIN_ALERT_WEBHOOK: 'https://discord.example.com/api/webhooks/admin',
      HEARTBEAT_URL: 'https://hc.example.com/beat',
      HEALTH_TOKEN: 'token-0123456789',
    }
    const outside = { NOTIFY_SOCKET: '/run/notify', HEARTBEAT_URL: 'https://hc.example.com/outside' }
    const report = 'const of = (env) => JSON.stringify(env)'
    const module = moduleHome(
      `import fs from 'node:fs'
      ${report}
      export default { name: 'b', cycle(ctx) { fs.writeFileSync('seen.json', '[' + of(ctx.settings) + ',' + of(process.env) + ']') } }`,
      settings,
    )
    const program = programHome(
      `import fs from 'node:fs'
      ${report}
      fs.writeFileSync('seen.json', '[' + of(process.env) + ']')
      setInterval(() => {}, 1000)`,
      settings,
    )
    await Promise.all(
      [module, program].map(async (home) => {
        home.start([], outside)
        const seen: Record<string, string>[] = await until(() => JSON.parse(home.read('seen.json')))
        for (const environment of seen) {
          expect(environment).to.include({ MY_API_KEY: settings.MY_API_KEY, PLAIN: settings.PLAIN })
          expect(environment).to.include({ CATALYST_HOME: home.folder, CATALYST_INSTANCE: home.botFile().instance })
          expect(environment.CATALYST_REPORT_URL).to.match(/^http:\/\/127\.0\.0\.1:\d+\/\S{20,}$/)
          expect(environment).to.not.have.any.keys(
            'ADMIN_ALERT_WEBHOOK',
            'HEALTH_TOKEN',
            'HEARTBEAT_URL',
            'NOTIFY_SOCKET',
          )
        }
      }),
    )
  })

  it('a secret that the bot prints is in no file and on no screen', async () => {
    const settings = {
      MY_API_KEY: 'swordfish-0123456789',
      DISCORD_WEBHOOK_URL: 'http://127.0.0.1:9/api/webhooks/42/marlin-0123456789',
      OLD_PASSWORD: 'pass"word\\with/all',
      PEM_KEY: '-----BEGIN KEY-----\nMIIEvQmackerel0123456789\n-----END KEY-----',
    }
    const program = programHome(
      `const { MY_API_KEY: key, DISCORD_WEBHOOK_URL: hook, OLD_PASSWORD: password, PEM_KEY: pem } = process.env
      console.log(pem)
      console.log('key ' + key)
      console.error('ERROR POST ' + new URL(hook).pathname + ' failed; ' + encodeURIComponent(hook))
      console.log(JSON.stringify({ key, pass: password }))
      await fetch(process.env.CATALYST_REPORT_URL + '/alert', { method: 'POST', body: 'sent with ' + key })
      await fetch(process.env.CATALYST_REPORT_URL + '/error', { method: 'POST', body: JSON.stringify({ message: password }) })
      console.log('all is said')
      process.exitCode = 1`,
      settings,
    )
    const module = moduleHome(
      `export default { name: 'b', cycle(ctx) {
        ctx.log.info({ settings: ctx.settings, key: ctx.settings.MY_API_KEY }, 'key ' + ctx.settings.MY_API_KEY)
        ctx.recordAlert(ctx.settings.DISCORD_WEBHOOK_URL)
        setTimeout(() => { throw new Error('all is said: ' + ctx.settings.OLD_PASSWORD) }, 10)
      } }`,
      { ...settings, LOG_LEVEL: 'TRACE' },
    )
    await Promise.all(
      [program, module].map(async (home) => {
        const { code, stdout, stderr } = await home.start().result()
        expect(code).to.equal(1)
        expect(stdout).to.contain('all is said').and.to.contain('key [hidden]')
        const files = home.allFiles().filter((path) => !/^(\.env|bot\.mjs|program\.mjs)$/.test(path))
        expect(files).to.include.members(['data/logs/bot.jsonl', 'data/logs/errors.log', '.catalyst/journal.jsonl'])
        for (const [where, text] of [['screen', stdout + stderr], ...files.map((path) => [path, home.read(path)])]) {
          expect(text, where).to.not.match(/swordfish|marlin|mackerel|word\\*with/)
        }
      }),
    )
  })
})
