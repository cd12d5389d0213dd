import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import type http from 'node:http'
import { join } from 'node:path'
import { expect } from 'chai'
import { ruleOf, SCHEMA, type SettingName } from '#core/config/schema.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { ROOT } from '../../support/e2e/root.js'
import { until } from '../../support/e2e/until.js'
import { tempFolder } from '../../support/temp.js'

const DOC = fs.readFileSync(join(ROOT, 'docs', 'outside-monitoring.md'), 'utf8')

/** The document's blocks of a language; without one they are commands. */
const blocks = (language: string) =>
  [...DOC.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].flatMap(([, indent = '', name, text = '']) =>
    name === language ? [text.replaceAll(new RegExp(`^${indent}`, 'gm'), '')] : [],
  )

/** As typed, without the remark behind. */
const COMMAND_LINES = blocks('')
  .flatMap((text) => text.split('\n'))
  .map((line) => line.replace(/\s+#.*/, ''))
  .filter((line) => line !== '')

/** What the lines that ask the bot itself answer; run by a shell, with nothing but the port put in. */
const ASKS: Readonly<Record<string, { stdout: RegExp | string }>> = {
  'curl -fsS http://127.0.0.1:8080/health/ping': { stdout: 'ok\n' },
  'curl -fsSI http://127.0.0.1:8080/health/ping': { stdout: /^HTTP\/1\.1 200 OK\r\n(.+\r\n)+\r\n$/ },
  "curl -fsS -H 'CF-Ray: 1' http://127.0.0.1:8080/health/ping": { stdout: 'ok\n' },
  "curl -sS -H 'CF-Ray: 1' http://127.0.0.1:8080/health": {
    stdout: /^only \/health\/ping is open to requests from outside/,
  },
  'curl.exe -fsS http://127.0.0.1:8080/health/ping': { stdout: 'ok\n' }, // the same program under its name on Windows
}

/** Run below, in tests of their own. */
const TRY_DISCORD = `curl -fsS -H 'Content-Type: application/json' -d @alert.json "$DISCORD_WEBHOOK"`
const LOOK_AT_STATUS = 'catalyst watchdog status'
const LOOK_AT_LOGS = 'catalyst logs --grep HEARTBEAT_URL'

/** Not run here, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'cloudflared tunnel --url http://127.0.0.1:8080': 'needs cloudflared and Cloudflare',
  'sudo cloudflared service install TOKEN': 'needs an account at Cloudflare; installs a service',
  'cloudflared tunnel login': 'needs an account at Cloudflare',
  'cloudflared tunnel create bot': 'needs an account at Cloudflare',
  'cloudflared tunnel route dns bot bot.example.com': 'needs an account and a domain at Cloudflare',
  'cloudflared tunnel ingress validate': 'needs cloudflared',
  'cloudflared tunnel ingress rule https://bot.example.com/health/ping': 'needs cloudflared',
  'cloudflared tunnel run bot': 'needs an account at Cloudflare',
  'sudo cloudflared --config /home/YOU/.cloudflared/config.yml service install': 'needs an account; installs a service',
  'curl -fsS https://bot.example.com/health/ping': 'needs the tunnel',
  'catalyst health check --url https://bot.example.com': 'needs the tunnel',
  'cloudflared.exe service install TOKEN': 'needs Windows and an account at Cloudflare',
  'sc.exe query Cloudflared': 'needs Windows',
  'New-NetFirewallRule -DisplayName catalyst -Direction Inbound -Protocol TCP -LocalPort 8080 -RemoteAddress 192.168.1.20 -Action Allow':
    'needs Windows and an administrator',
}

/** `npm test` needs nothing but Node and git: the lines for curl are run where there is one. */
const HAS_CURL = process.platform !== 'win32' && spawnSync('curl', ['--version']).status === 0

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '5', // nothing here is silent, though a busy machine may let it seem so
  BOT_STOP_TIMEOUT: '1',
  SERVICE_RESTART_DELAY: '0.2',
}
/** Works, and ends once, when it is told to. */
const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', cycle() {
    if (!fs.existsSync('exit')) return
    fs.rmSync('exit')
    process.exit(3)
  } }`

describe('docs/outside-monitoring.md', () => {
  const { moduleHome, serve, run } = endToEnd()

  const shell = (line: string, folder: string, env: Record<string, string> = {}) =>
    run('sh', ['-c', line], { folder, env }).result()

  /** The addresses, in their order, that a monitor in place of the vendor's is asked for. */
  async function standIn(answer: (response: http.ServerResponse) => void) {
    const asked: string[] = []
    const { url } = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`.replace(/\brid=[0-9a-f-]{36}$/, 'rid').replace(/\?rid$/, ''))
      answer(response)
    })
    return { asked, url }
  }

  /** A home with the document's HEARTBEAT_URL for this vendor, its host replaced. */
  function toldHome(vendor: string, url: string): Home {
    const addresses = blocks('ini').flatMap((text) => /^HEARTBEAT_URL=(.+)/.exec(text)?.[1] ?? [])
    const { pathname, search } = new URL(addresses.find((address) => address.includes(vendor)) ?? '')
    return moduleHome(MODULE, { ...WATCHED, HEARTBEAT_URL: `${url}${pathname}${search}` })
  }

  it('has no command that is neither run nor excused, and none is excused in vain', () => {
    const known = [...Object.keys(ASKS), TRY_DISCORD, LOOK_AT_STATUS, LOOK_AT_LOGS, ...Object.keys(NOT_RUN)]
    expect([...new Set(COMMAND_LINES)]).to.have.members(known)
  })

  it('names the defaults that the settings have', () => {
    const named = [...DOC.matchAll(/`([A-Z_]+)`\s\(`?([\w.]+)`?(?: s)?\)/g)].filter(([, name = '']) => name in SCHEMA)
    expect(named.length).to.be.greaterThan(8)
    for (const [text, name, value] of named) expect(ruleOf(name as SettingName).default, text).to.equal(value)
  })

  if (HAS_CURL)
    it('its requests to the bot are answered as it says', async () => {
      const home = moduleHome()
      await home.healthy()
      for (const [line, { stdout }] of Object.entries(ASKS)) {
        const typed = line.replace(/^curl\.exe/, 'curl').replace(':8080', `:${home.botFile().endpoint?.port}`)
        const answer = await shell(typed, home.folder)
        expect(answer, line).to.include({ code: 0, stderr: '' })
        if (typeof stdout === 'string') expect(answer.stdout, line).to.equal(stdout)
        else expect(answer.stdout, line).to.match(stdout)
      }
    })

  it('who may see what, by its tables', async () => {
    const tunnel = { 'CF-Ray': '1', Host: 'bot.example.com' }
    const right = { Authorization: 'Bearer a-long-random-word' }
    for (const [settings, headers, code] of [
      [{}, {}, 200],
      [{}, tunnel, 403],
      [{}, { Host: 'bot.example.com' }, 403],
      [{ HEALTH_TOKEN: 'a-long-random-word' }, {}, 401],
      [{ HEALTH_TOKEN: 'a-long-random-word' }, tunnel, 401],
      [{ HEALTH_TOKEN: 'a-long-random-word' }, { ...tunnel, ...right }, 200],
    ] as const) {
      const home = moduleHome(undefined, settings)
      const bot = await home.started()
      const why = JSON.stringify([settings, headers])
      for (const method of ['GET', 'HEAD']) {
        expect((await home.ask('/metrics', { method, headers })).status, why).to.equal(code)
        expect((await home.ask('/health/ping', { method, headers })).status, why).to.equal(200)
      }
      expect((await home.ask('/health/ping', { method: 'POST' })).status).to.equal(405)
      const wrong = await home.ask('/ping', { headers })
      expect(wrong.status).to.equal(404)
      expect(wrong.body, 'no keyword monitor takes it for a ping that is well').to.not.match(/ok/i)
      bot.kill('SIGTERM')
      await bot.result()
    }
  })

  it('its path lets nothing but ping through the tunnel', () => {
    const [config = ''] = blocks('yaml')
    const path = new RegExp(/path: (\S+)/.exec(config)?.[1] ?? '')
    for (const refused of ['/', '/health', '/health/detailed', '/metrics', '/health/ping/x', '/x/health/ping'])
      expect(path.test(refused), refused).to.equal(false)
    expect(path.test('/health/ping')).to.equal(true)
    expect(config.trimEnd()).to.match(/- service: http_status:404$/)
  })

  it('Healthchecks.io is told that all is well, of an incident, and that all is well again', async () => {
    const { asked, url } = await standIn((response) => response.end('OK'))
    const home = toldHome('hc-ping.com', `${url}/ping`) // its host is replaced: it is known by its path
    const dog = home.watchdog()
    await until(() => asked.includes('GET /ping/UUID'))
    home.write('exit', '')
    await until(() => asked.includes('POST /ping/UUID/fail') && asked.at(-1) === 'GET /ping/UUID')
    expect(new Set(asked)).to.deep.equal(new Set(['GET /ping/UUID/start', 'GET /ping/UUID', 'POST /ping/UUID/fail']))
    dog.kill('SIGTERM')
    await dog.result()
    expect(asked.at(-1)).to.equal('POST /ping/UUID/log')
  })

  it("so is Uptime Kuma's push monitor, in its own words", async () => {
    const { asked, url } = await standIn((response) => response.end('{"ok":true}'))
    const home = toldHome('/api/push/', url)
    home.watchdog()
    const isWell = (line = '') => /^GET \/api\/push\/TOKEN\?status=up&msg=healthy&ping=\d+$/.test(line)
    const isIncident = (line: string) => /^GET \/api\/push\/TOKEN\?status=down&msg=ended\+.+&ping=$/.test(line)
    await until(() => asked.some(isWell))
    home.write('exit', '')
    await until(() => asked.some(isIncident) && isWell(asked.at(-1)))
    expect(asked.filter((line) => !isWell(line) && !isIncident(line))).to.deep.equal([])
  })

  it('a heartbeat that is not taken is in the log, where it says', async () => {
    const { asked, url } = await standIn((response) => response.writeHead(301, { Location: '/elsewhere' }).end())
    const home = toldHome('hc-ping.com', url)
    home.watchdog()
    await until(() => home.read('data/logs/watchdog.log').includes('HEARTBEAT_URL'))
    const typed = (line: string) => home.catalyst(line.split(' ').slice(1))
    expect((await typed(LOOK_AT_LOGS)).stdout).to.contain('HEARTBEAT_URL does not take the heartbeat: HTTP 301')
    expect((await typed(LOOK_AT_STATUS)).code).to.equal(0)
    expect(
      asked.filter((line) => line.includes('elsewhere')),
      'not followed',
    ).to.deep.equal([])
  })

  describe("Discord's message", () => {
    const [body = ''] = blocks('json')
    /** Of UptimeRobot's; each put in may be as long as a monitor's name or a reason gets. */
    const VARIABLES = ['monitorFriendlyName', 'alertTypeFriendlyName', 'alertDetails']
    const sent = body.replaceAll(/\*(\w+)\*/g, 'x'.repeat(500))

    it("is JSON within Discord's limits, also with long values", () => {
      expect([...body.matchAll(/\*(\w+)\*/g)].map(([, name]) => name)).to.deep.equal(VARIABLES)
      expect(discordFault(sent)).to.equal(undefined)
      expect(discordFault(sent.replaceAll('x', 'xx'))).to.equal('content')
      expect(discordFault(sent.replace('UptimeRobot', 'Discord'))).to.equal('username')
      expect(JSON.parse(body).allowed_mentions).to.deep.equal({ parse: [] })
    })

    if (HAS_CURL)
      it('arrives by the line that is to try it', async () => {
        const got: string[] = []
        const { url } = await serve((request, response) => {
          let text = ''
          request.on('data', (chunk) => {
            text += chunk
          })
          request.on('end', () => {
            got.push(`${request.method} ${request.url} ${request.headers['content-type']}`, text)
            response.writeHead(discordFault(text) === undefined ? 204 : 400).end()
          })
        })
        const folder = tempFolder()
        fs.writeFileSync(join(folder, 'alert.json'), body)
        const env = { DISCORD_WEBHOOK: `${url}/api/webhooks/1/secret` }
        expect(await shell(TRY_DISCORD, folder, env)).to.include({ code: 0, stderr: '' })
        expect(got[0]).to.equal('POST /api/webhooks/1/secret application/json')
        expect(JSON.parse(got[1] as string)).to.deep.equal(JSON.parse(body))
      })
  })
})

/** The field that Discord refuses. Source: its documentation, 'Execute Webhook' and 'Create Webhook'. */
function discordFault(text: string): string | undefined {
  const { content, username } = JSON.parse(text)
  if (typeof content !== 'string' || content.length < 1 || content.length > 2000) return 'content'
  return username.length < 1 || username.length > 80 || /clyde|discord/i.test(username) ? 'username' : undefined
}
