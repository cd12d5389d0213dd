import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { BIN } from '../../support/e2e/root.js'
import { isAlive } from '../../support/e2e/still-running.js'
import { until } from '../../support/e2e/until.js'

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '2', // a busy machine needs a part of it to start the next bot
  BOT_START_TIMEOUT: '10',
  BOT_STOP_TIMEOUT: '1',
  SERVICE_RESTART_DELAY: '0.2',
}

/** Works, until there is a file that says how to go wrong; it is taken away first, so that the next bot works. */
const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', async cycle() {
    const deed = ['block', 'hang', 'exit'].find((name) => fs.existsSync(name))
    if (!deed) return
    fs.rmSync(deed)
    if (deed === 'block') for (;;) {}
    if (deed === 'exit') process.exit(3)
    await new Promise(() => {})
  } }`

describe('e2e: the watchdog without a service', () => {
  const { moduleHome, serve, run } = endToEnd()

  const watched = (home: Home) =>
    home
      .read('data/logs/watchdog.log')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line).msg as string]))

  const saw = (home: Home, text: string) => until(() => watched(home).some((line) => line.includes(text)))

  async function botOf(home: Home): Promise<number> {
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    return home.botFile().pid
  }

  const another = (home: Home, pid: number) =>
    until(async () => {
      if (home.botFile().pid === pid) return false
      return (await home.health()).status === 'healthy' && home.botFile().pid
    })

  for (const [how, env] of [
    ['in the terminal', {}],
    ['as a service', { CATALYST_SERVICE: 'Lab-watchdog' }],
  ] as const) {
    it(`starts the bot, and ends it when it is asked to end itself, ${how}`, async () => {
      const home = moduleHome(MODULE, WATCHED)
      const dog = home.watchdog(env)
      const pid = await botOf(home)
      await saw(home, 'the bot is healthy')
      dog.kill('SIGTERM')
      expect((await dog.result()).code).to.equal(0)
      expect(isAlive(pid)).to.equal(false)
      expect(home.kinds().at(-1)).to.equal('bot.stop')
      expect(home.has('.catalyst/state/watchdog.lock')).to.equal(false)
    })
  }

  for (const deed of ['block', 'hang', 'exit'])
    it(`brings a bot back that is in trouble: ${deed}`, async () => {
      const home = moduleHome(MODULE, WATCHED)
      home.watchdog()
      const pid = await botOf(home)
      await saw(home, 'the bot is healthy')
      home.write(deed, '')
      await another(home, pid)
      await saw(home, 'recovered')
      const { code, stdout } = await home.catalyst(['watchdog', 'status', '--json'])
      expect(code).to.equal(0)
      expect(JSON.parse(stdout)).to.deep.include({ running: true, restarts_used: deed === 'exit' ? 0 : 1 })
      expect(isAlive(pid)).to.equal(false)
      expect(JSON.parse(home.read('.catalyst/state/watchdog.json')).restarts).to.have.length(deed === 'exit' ? 0 : 1)
    })

  it('asks a bot that was given another token meanwhile', async () => {
    const home = moduleHome(MODULE, { ...WATCHED, HEALTH_TOKEN: 'token-of-before' })
    home.watchdog()
    await until(() => home.botFile().endpoint)
    await saw(home, 'the bot is healthy')
    const { pid } = home.botFile()
    home.write('.env', home.read('.env').replace('token-of-before', 'token-of-today'))
    home.write('exit', '')
    await until(() => home.botFile().pid !== pid && home.botFile().endpoint)
    await saw(home, 'recovered') // it answers with its new token, and is understood
    expect(watched(home).join('\n')).to.not.include('refuses our HEALTH_TOKEN')
  })

  it('sends the admin one alert per incident, edited as it goes on', async () => {
    const requests: { method: string; url: string; body: string }[] = []
    const { url } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        requests.push({ method: request.method ?? '', url: request.url ?? '', body })
        if (requests.length === 1) return response.writeHead(429).end('{"retry_after": 0.05}')
        response.writeHead(200).end('{"id": "4711"}')
      })
    })
    const home = moduleHome(MODULE, { ...WATCHED, ADMIN_ALERT_WEBHOOK: `${url}/api/webhooks/1/secret-of-it` })
    home.watchdog()
    const pid = await botOf(home)
    await saw(home, 'the bot is healthy')
    home.write('block', '')
    await another(home, pid)
    await until(() => requests.at(-1)?.body.includes('recovered'))
    const made = requests.filter(({ method }) => method === 'POST')
    expect(
      made.map((one) => one.url),
      'refused once, then made',
    ).to.deep.equal(Array(2).fill('/api/webhooks/1/secret-of-it?wait=true'))
    for (const { method, url: path } of requests.slice(2))
      expect(`${method} ${path}`).to.equal('PATCH /api/webhooks/1/secret-of-it/messages/4711')
    const { embeds, allowed_mentions } = JSON.parse(requests.at(-1)?.body ?? '')
    expect(embeds[0].title).to.equal('CatalystBot: recovered')
    expect(allowed_mentions).to.deep.equal({ parse: [] })
    expect(home.read('data/logs/watchdog.log')).to.not.contain('secret-of-it')
  })

  it('tells an outside monitor whether all is well', async () => {
    const asked: string[] = []
    const { url } = await serve((request, response) => {
      asked.push(request.url ?? '')
      response.end('OK')
    })
    const home = moduleHome(MODULE, { ...WATCHED, HEARTBEAT_URL: `${url}/secret-beat` })
    home.watchdog()
    await until(() => asked.includes('/secret-beat'))
    const pid = await botOf(home)
    home.write('exit', '')
    await another(home, pid)
    await until(() => asked.includes('/secret-beat/fail') && asked.at(-1) === '/secret-beat')
    expect(home.read('data/logs/watchdog.log')).to.not.contain('secret-beat')
  })

  it('watches a bot that somebody else has started', async () => {
    const home = moduleHome(MODULE, WATCHED)
    const bot = await home.healthy()
    home.watchdog()
    await saw(home, 'the bot is healthy')
    home.write('block', '')
    await another(home, bot.pid)
    expect((await bot.result()).signal).to.equal('SIGKILL')
  })

  it('leaves a bot alone that was stopped on purpose', async () => {
    const home = moduleHome(MODULE, WATCHED)
    home.write(
      '.catalyst/state/desired-state.json',
      JSON.stringify({ desired: 'stopped', by: 'ann', at: '2026-03-01T12:00:00Z' }),
    )
    home.watchdog()
    await saw(home, 'the bot is unreachable')
    const seen = Date.now()
    await until(() => JSON.parse(home.read('.catalyst/state/watchdog.json')).checked_at > seen + 1000)
    expect(home.kinds()).to.deep.equal([])
    expect(home.processes().size, 'the watchdog alone').to.equal(1)
  })

  it('does nothing in a pause, which status shows, and acts again after it', async () => {
    const home = moduleHome(MODULE, WATCHED)
    home.watchdog()
    const pid = await botOf(home)
    await saw(home, 'the bot is healthy')
    const first = await home.catalyst(['watchdog', 'pause', '--for', '2h', 'moving'])
    expect(first.stdout).to.match(/^The watchdog is paused until .*: moving\. End it before: catalyst watchdog resume/)
    const again = await home.catalyst(['watchdog', 'pause', '--for', '1d', '--json', 'moving on'])
    expect(JSON.parse(again.stdout)).to.nested.include({
      'replaced.why': 'moving',
      'paused.why': 'moving on',
      running: true,
    })
    home.write('block', '')
    await until(() => watched(home).some((line) => /^the bot is un/.test(line)))
    const seen = Date.now()
    await until(() => JSON.parse(home.read('.catalyst/state/watchdog.json')).checked_at > seen + 3000)
    expect(isAlive(pid)).to.equal(true)
    expect(home.has('.catalyst/incidents')).to.equal(false)
    for (const command of [['watchdog', 'status'], ['status'], ['ls']]) {
      const { stdout } = await run(process.execPath, [BIN, ...command], { folder: home.folder }).result()
      expect(stdout, command.join(' ')).to.match(/paused/)
    }
    const { paused, next } = JSON.parse((await home.catalyst(['status', '--json'])).stdout)
    expect(paused.why).to.equal('moving on')
    expect(next.command).to.contain('catalyst watchdog resume')
    expect((await home.catalyst(['watchdog', 'resume'])).stdout).to.contain('The watchdog acts again.')
    await another(home, pid)
    expect((await home.health()).watchdog_paused_until).to.equal(null)
    expect(home.kinds()).to.include.members(['watchdog.pause', 'watchdog.resume', 'incident'])
    expect((await home.catalyst(['watchdog', 'resume'])).stdout).to.equal('The watchdog is not paused.\n')
  })

  it('runs once per home, and names the one that runs', async () => {
    const home = moduleHome(MODULE, WATCHED)
    const first = home.watchdog()
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    const second = await home.watchdog().result()
    expect(second.code).to.equal(75)
    expect(second.stderr).to.contain(`A watchdog already runs for ${home.folder}: pid ${first.pid}`)
  })

  for (const [what, settings, says] of [
    ['it is switched off', { ...WATCHED, WATCHDOG_ENABLED: '0' }, 'The watchdog is switched off'],
    ['the endpoint is', { ...WATCHED, HEALTH_CHECK_ENABLED: '0' }, 'The health endpoint is switched off'],
  ] as const) {
    it(`exits 78 where ${what}`, async () => {
      const { code, stderr } = await moduleHome(MODULE, settings).watchdog().result()
      expect(code).to.equal(78)
      expect(stderr).to.contain(says)
    })
  }
})
