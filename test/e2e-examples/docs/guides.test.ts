import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ChatServer, telegramAnswers } from '../../support/alerts/chat-server.js'
import { TestRepository } from '../../support/deploy/repository.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { BIN, ROOT } from '../../support/e2e/root.js'
import { until } from '../../support/e2e/until.js'
import { QUICK_SETTINGS } from '../../support/quick-settings.js'

const GUIDES = ['ten-minutes', '3am', 'costs', 'security']
const PATIENCE_MS = 60_000

/** Every command of ours in a page, once: lines of blocks without their remarks, and code spans. */
function commandLines(page: string): string[] {
  const block = /^( *)```\w*\n([\s\S]*?)^\1```$/gm
  const lines = [...page.matchAll(block)].flatMap(([, , text = '']) =>
    text.split('\n').map((line) => line.replace(/\s+#.*/, '').trim()),
  )
  const spans = [...page.replaceAll(block, '').matchAll(/`([^`]+)`/g)].map(([, span = '']) =>
    span.replaceAll(/\s+/g, ' '),
  )
  return [...new Set([...lines, ...spans].filter((line) => line.startsWith('catalyst ')))]
}

interface Stop {
  readonly line: string
  /** What it says. */
  readonly says?: RegExp
  /** Default: 0. */
  readonly exit?: number
  /** It would ask: yes is said beforehand. */
  readonly asks?: true
}

/** Run in this order, in a home whose bot a watchdog keeps, and that has been brought down once. */
const TOUR: readonly Stop[] = [
  { line: 'catalyst status', says: /^healthy|works/m },
  { line: 'catalyst health check', says: /^healthy/ },
  { line: 'catalyst drill crash --yes', says: /It came back by itself/ },
  { line: 'catalyst incident list', says: /ended/ },
  { line: 'catalyst incident show', says: /ended/ },
  { line: 'catalyst watchdog status', says: /left/ },
  { line: 'catalyst logs --level error --since 1h', says: /drill/ },
  { line: 'catalyst logs --level warning --since 2h' },
  { line: 'catalyst history --since 1d', says: /deployment of v1\.2\.3/ },
  { line: 'catalyst config check' },
  { line: 'catalyst config show', says: /LOG_MAX_MB[\s\S]*DEPLOY_KEEP_RELEASES/ },
  { line: 'catalyst alert test', says: /discord +sent/ },
  { line: 'catalyst ls' },
  { line: 'catalyst deploy info', says: /active +v1\.2\.3-\w+/ },
  { line: 'catalyst deploy run v1.2.3 --dry-run', says: /is active already/ },
  { line: 'catalyst deploy backup', says: /^Backed up, and verified/ },
  { line: 'catalyst deploy backups', says: /by hand/ },
  { line: 'catalyst deploy recover', says: /./ },
  { line: 'catalyst deploy repair', asks: true, says: /./ },
  { line: 'catalyst deploy prune --dry-run' },
  { line: 'catalyst deploy prune' },
  { line: 'catalyst deploy restore', asks: true, says: /./ },
  { line: 'catalyst deploy rollback --last-good --yes', says: /v1\.2\.2-\w+ is live and healthy/ },
]

/** They go on until they are ended: run before the tour, and during it. */
const FOREGROUND = ['catalyst bot start', 'catalyst logs --follow']

const ASKS = 'asks in a terminal: test/labs/systemd-init, test/e2e-examples/init-terminal'
const LABS = 'needs an installed service: test/labs'
const INIT = 'run below, in a folder of its own'
/** Not on the tour, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'catalyst init': ASKS,
  'catalyst init --yes': INIT,
  'catalyst init --yes --dry-run': INIT,
  'catalyst init --yes --alert-channel telegram --set ALERT_TELEGRAM_CHAT=-1001234567890': INIT,
  'catalyst init --from-pm2': INIT,
  'catalyst init --from-pm2 --app mybot': INIT,
  'catalyst init --from-pm2 --app mybot --dry-run --yes': INIT,
  'catalyst service status': LABS,
  'catalyst service start': LABS,
  'catalyst service stop': LABS,
  'catalyst service restart': LABS,
  'catalyst service install': LABS,
  'catalyst service install --with-watchdog': LABS,
  'catalyst deploy tag v1.2.3 --push': 'run before the tour',
}

const module = (name: string) => `export default { name: '${name}', cycle() {} }\n`

describe('the guides: docs/ten-minutes, 3am, costs, security', () => {
  const { moduleHome, home: newHome, serve, run, closeLater } = endToEnd()

  const wordsOf = (line: string) => line.split(' ').slice(1)

  async function said(home: Home, { line, exit = 0, asks, says }: Stop): Promise<void> {
    const words = wordsOf(line === 'catalyst ls' ? 'catalyst ls' : line)
    const own = line === 'catalyst ls' ? words : [...words, '--home', home.folder]
    const options = { folder: home.folder, cwd: os.tmpdir(), env: { XDG_CONFIG_HOME: home.path('.config') } }
    const { code, stdout, stderr } = await run(
      process.execPath,
      [BIN, ...own, ...(asks ? ['--yes'] : [])],
      options,
    ).result(PATIENCE_MS)
    expect(code, `${line}\n${stdout}${stderr}`).to.equal(exit)
    if (says) expect(stdout + stderr, line).to.match(says)
  }

  it('have no command that is neither run nor excused, and none is excused in vain', () => {
    const pages = GUIDES.map((name) => fs.readFileSync(join(ROOT, 'docs', `${name}.md`), 'utf8'))
    const known = [...TOUR.map(({ line }) => line), ...FOREGROUND, ...Object.keys(ELSEWHERE)]
    expect([...new Set(pages.flatMap(commandLines))]).to.have.members(known)
    expect(known).to.have.length(new Set(known).size)
  })

  it('their commands do what they say', async function () {
    this.timeout(400_000)
    const { url } = await serve((_, response) => response.writeHead(200).end('{"id": "4711"}'))
    const settings = { ...QUICK_SETTINGS, ADMIN_ALERT_WEBHOOK: `${url}/api/webhooks/1/secret-of-it` }
    const home = moduleHome(module('two'), settings)
    const repository = new TestRepository(home.folder)
    repository.commit({ '.gitignore': '.env\ndata/\n.config/\n', 'bot.mjs': module('two') })
    repository.git('clone', '--quiet', '--bare', '.', 'data/remote.git')
    repository.git('remote', 'add', 'origin', 'data/remote.git')

    const bot = home.inForeground(wordsOf('catalyst bot start'))
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    bot.kill('SIGINT')
    expect((await bot.result()).code).to.equal(0)

    home.inForeground(wordsOf('catalyst watchdog run'))
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    const logs = home.inForeground(wordsOf('catalyst logs --follow'))
    for (const tag of ['v1.2.2', 'v1.2.3']) {
      if (tag === 'v1.2.3') repository.commit({ 'bot.mjs': module('three') })
      await said(home, { line: `catalyst deploy tag ${tag} --push` })
      await said(home, { line: `catalyst deploy run ${tag}`, asks: true, says: /is live and healthy/ })
    }
    for (const stop of TOUR) {
      if (/drill|status/.test(stop.line)) await home.status('healthy')
      await said(home, stop)
    }
    logs.kill('SIGINT')
    expect((await logs.result()).code).to.be.oneOf([0, 130])
  })

  it('catalyst init --yes leads a bot to its settings, and --dry-run says so beforehand', async () => {
    const home = newHome()
    fs.rmSync(home.path('.env'), { force: true })
    home.write('bot.js', '')
    const safe = (line: string) => `${line} --no-service --port 0`
    await said(home, {
      line: safe('catalyst init --yes --dry-run'),
      says: /write into \.env: BOT_COMMAND=node bot\.js/,
    })
    expect(home.has('.env')).to.equal(false)
    await said(home, { line: safe('catalyst init --yes'), says: /added .*BOT_COMMAND/ })
    const token = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi'
    const telegram = await new ChatServer(telegramAnswers(token, '-1001234567890')).open()
    closeLater(() => telegram.close())
    fs.appendFileSync(home.path('.env'), `BOT_TELEGRAM_TOKEN=${token}\nALERT_TELEGRAM_API=${telegram.url}\n`)
    const line = 'catalyst init --yes --alert-channel telegram --set ALERT_TELEGRAM_CHAT=-1001234567890'
    await said(home, { line: safe(line), says: /added .*ALERT_CHANNELS/ })
    await said(home, { line: `${safe('catalyst init')} --no-alert`, says: /There already: its program/ })
  })

  it("catalyst init --from-pm2 takes an app over from pm2's list, and lists the others", async () => {
    const home = newHome()
    fs.rmSync(home.path('.env'), { force: true })
    home.write('index.js', '')
    const list = fs.readFileSync(join(ROOT, 'test/fixtures/pm2/dump.pm2.json'), 'utf8')
    home.write('apps.json', list.replaceAll('/srv/bots/bot', home.folder).replaceAll('"tele"', '"mybot"'))
    const from = (line: string) => `${line} --pm2-list ${home.path('apps.json')} --no-service --no-alert --port 0`
    await said(home, { line: from('catalyst init --from-pm2'), exit: 2, says: /--from-pm2 --app web --home/ })
    const taken = /write into \.env: BOT_STOP_TIMEOUT=5/
    await said(home, { line: from('catalyst init --from-pm2 --app mybot --dry-run --yes'), says: taken })
    await said(home, {
      line: from('catalyst init --from-pm2 --app mybot --proof process'),
      says: /No counterpart: cron_restart/,
    })
  })
})
