import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseEnvFile } from '#core/config/env-file.js'
import { readConfig } from '#core/config/load.js'
import { ChatServer, telegramAnswers } from '../../support/alerts/chat-server.js'
import { Discord, KEY } from '../../support/alerts/discord.js'
import { MAIL_PASSWORD, MailServer } from '../../support/alerts/mail-server.js'
import { TestRepository } from '../../support/deploy/repository.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { ROOT } from '../../support/e2e/root.js'

const TOKEN = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi'
const CHAT = '-1001234567890'
const NTFY_TOKEN = 'tk_secret-of-the-topic'
const DUMP = fs.readFileSync(join(ROOT, 'test/fixtures/pm2/dump.pm2.json'), 'utf8')

describe('e2e: init', () => {
  const { home: newHome, run, closeLater } = endToEnd()
  let discord: Discord

  beforeEach(async () => {
    discord = await new Discord().open()
  })

  afterEach(() => discord.close())

  async function opened<T extends { open(): Promise<T>; close(): Promise<void> }>(one: T): Promise<T> {
    await one.open()
    closeLater(() => one.close())
    return one
  }

  /** A folder without an .env. */
  function bare(): Home {
    const home = newHome()
    fs.rmSync(home.path('.env'), { force: true })
    return home
  }

  /** A stranger's bot, as it was cloned. */
  function stranger(files: Readonly<Record<string, string>> = {}): Home {
    const home = bare()
    const start = { 'package.json': JSON.stringify({ scripts: { start: 'node src/bot.js' } }), 'src/bot.js': '' }
    for (const [name, text] of Object.entries({ ...start, ...files })) home.write(name, text)
    return home
  }

  /** `catalyst init` in this home, which never touches the services of the machine that tests run on. */
  async function init(home: Home, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const line = [
      join(ROOT, 'bin/run.js'),
      'init',
      ...(words.includes('--service') ? [] : ['--no-service']),
      ...words,
      '--home',
      home.folder,
    ]
    const options = { folder: home.folder, env: { XDG_CONFIG_HOME: home.path('.config'), ...env } }
    const { code, stdout, stderr } = await run(process.execPath, line, options).result()
    return { code, stdout, stderr, said: stdout + stderr }
  }

  const settings = (home: Home) => parseEnvFile(home.read('.env')).values

  it('writes what it found, for its owner alone, once a message has arrived; a repeat changes nothing', async () => {
    const home = stranger()
    const first = await init(home, ['--yes', '--port', '0'], { ADMIN_ALERT_WEBHOOK: discord.webhook })
    expect(first.code, first.said).to.equal(0)
    expect(settings(home)).to.include({
      BOT_COMMAND: 'node src/bot.js',
      HEALTH_CHECK_PORT: '0',
      ADMIN_ALERT_WEBHOOK: discord.webhook,
    })
    if (process.platform !== 'win32') expect(home.mode('.env')).to.equal('600')
    expect(first.stdout).to.match(/catalyst watchdog run --home \S+ --enabled/) // not without: it is switched off
    expect(discord.asked).to.deep.equal(['POST takes', 'PATCH takes'])
    expect(first.said).to.not.contain(KEY)
    const text = home.read('.env')
    const again = await init(home, [])
    expect(again.code, again.said).to.equal(0)
    expect(again.stderr).to.match(/There already: its program \(node src\/bot\.js\), an alert channel \(discord\)\./)
    expect(home.read('.env')).to.equal(text)
  })

  it('needs --yes or flags without a terminal, and names them', async () => {
    const home = stranger()
    const { code, stderr } = await init(home, [])
    expect(code).to.equal(2)
    expect(stderr)
      .to.match(/Which command runs the bot\?/)
      .and.to.match(/catalyst init --home \S+ --yes/)
      .and.to.match(/--alert-channel, and --alert, --service/)
    expect(home.has('.env')).to.equal(false)
  })

  it('goes through without a question where each has its flag', async () => {
    const home = stranger()
    const flags = ['--command', 'node other.js', '--name', 'x', '--proof', 'log', '--set', 'BOT_LOG_PROOF=polled']
    home.write('other.js', '')
    const { code, said } = await init(home, [...flags, '--port', '9', '--no-alert', '--no-deploy', '--no-drill'])
    expect(code, said).to.equal(0)
    expect(settings(home)).to.deep.equal({
      BOT_COMMAND: 'node other.js',
      BOT_NAME: 'x',
      BOT_PROOF: 'log',
      BOT_LOG_PROOF: 'polled',
      HEALTH_CHECK_PORT: '9',
    })
  })

  it('leaves every byte of an .env that is there, and a value that it was not asked for', async () => {
    const text = `# mine\nTELEGRAM=${TOKEN}\nBOT_NAME=kept # so\n`
    const home = stranger({
      '.env': text,
      'package.json': JSON.stringify({ main: 'src/bot.js', dependencies: { telegraf: '4' } }),
      'node_modules/telegraf/x': '',
    })
    const { code, said } = await init(home, ['--yes', '--no-alert'])
    expect(code, said).to.equal(0)
    expect(home.read('.env').startsWith(text)).to.equal(true)
    expect(settings(home)).to.include({ BOT_NAME: 'kept', BOT_TELEGRAM_TOKEN: TOKEN })
    expect(settings(home).BOT_PROOF).to.match(/^telegram/)
    expect(said).to.not.contain(TOKEN)
  })

  it('writes nothing where the alert channel takes no message, or a value can not be', async () => {
    const home = stranger()
    discord.become('fails')
    const failed = await init(home, ['--yes'], { ADMIN_ALERT_WEBHOOK: discord.webhook })
    expect(failed.code).to.equal(1)
    expect(failed.stderr)
      .to.match(/The test alert was not sent: discord: /)
      .and.not.contain(KEY)
    const wrong = await init(home, ['--yes', '--set', 'BOT_START_TIMEOUT=soon'])
    expect(wrong.code).to.equal(78)
    expect(home.has('.env')).to.equal(false)
  })

  /** An `.env` to which nothing can be added, and what is said of it. */
  const FAULTY: readonly (readonly [what: string, bytes: Buffer, says: RegExp])[] = [
    ['is UTF-16', Buffer.from('\ufeffTOKEN=a\n', 'utf16le'), /save it as UTF-8/],
    ['is Latin-1', Buffer.from('# für mich\nTOKEN=a\n', 'latin1'), /save it as UTF-8/],
    ['has an open quote', Buffer.from('TOKEN="a\n'), /TOKEN has no closing "/],
    ['has a wrong value', Buffer.from('HEALTH_CHECK_PORT=99999\n'), /HEALTH_CHECK_PORT/],
  ]
  for (const [what, bytes, says] of FAULTY)
    it(`leaves an .env that ${what} as it is, byte for byte, and says why`, async () => {
      const home = stranger()
      fs.writeFileSync(home.path('.env'), bytes)
      const { code, stderr } = await init(home, ['--yes', '--no-alert'])
      expect(code, stderr).to.equal(78)
      expect(stderr)
        .to.match(says)
        .and.to.match(/Nothing was changed/)
      expect(fs.readFileSync(home.path('.env')).equals(bytes)).to.equal(true)
    })

  // where a service manager runs, it would really install
  if (process.platform === 'linux' && !fs.existsSync('/run/systemd/system'))
    it('refuses a service that is asked for by its flag where none can be', async () => {
      const home = stranger()
      const { code, stderr } = await init(home, ['--yes', '--no-alert', '--service'])
      expect(code, stderr).to.equal(1)
      expect(stderr)
        .to.match(/no service manager.* Nothing was changed\./)
        .and.match(/catalyst init .*--no-service/)
      expect(home.has('.env')).to.equal(false)
    })

  it('says so where .env is a folder, as of a virtual environment', async () => {
    const home = stranger({ '.env/pyvenv.cfg': '' })
    const { code, stderr } = await init(home, ['--yes', '--no-alert'])
    expect(code, stderr).to.equal(78)
    expect(stderr).to.match(/\.env is a folder/)
  })

  it('refuses a command for a shell, and what contradicts the settings that are there', async () => {
    const home = stranger()
    const shell = await init(home, ['--yes', '--no-alert', '--command', 'tsc && node bot.js'])
    expect(shell.code, shell.said).to.equal(78)
    expect(shell.stderr).to.match(/run without a shell/)
    expect(home.has('.env')).to.equal(false)
    home.write('.env', 'BOT_MODULE=src/bot.js\n')
    const both = await init(home, ['--yes', '--no-alert', '--command', 'node src/bot.js'])
    expect(both.stderr).to.match(/BOT_COMMAND and BOT_MODULE are both set/)
    expect(home.read('.env')).to.equal('BOT_MODULE=src/bot.js\n')
  })

  it('says which files of a usual name there are beside the one it takes', async () => {
    const home = bare()
    for (const name of ['bot.js', 'index.js']) home.write(name, '')
    const { stderr } = await init(home, ['--yes', '--no-alert'])
    expect(stderr).to.match(/Found as well: node index\.js\. To take another one: catalyst init .*--command/)
  })

  it('says that git tracks .env', async () => {
    const home = stranger({ '.env': `TOKEN=${TOKEN}\n` })
    const repository = new TestRepository(home.folder)
    repository.git('add', '-f', '.env')
    const { code, said } = await init(home, ['--yes', '--no-alert'])
    expect(code, said).to.equal(0)
    expect(said).to.match(/git tracks .*\.env: .*rm --cached \.env/)
  })

  it('sends its message by the channels whose settings are there, and writes them; .env has the last word', async () => {
    const telegram = await opened(new ChatServer(telegramAnswers(TOKEN, CHAT)))
    const ntfy = await opened(new ChatServer())
    const mail = await opened(new MailServer())
    const home = stranger({ '.env': `ALERT_NTFY_URL=${ntfy.url}/topic\n` })
    const env = {
      ALERT_NTFY_URL: 'http://127.0.0.1:1/other',
      ALERT_NTFY_TOKEN: NTFY_TOKEN,
      BOT_TELEGRAM_TOKEN: TOKEN,
      ALERT_TELEGRAM_API: telegram.url,
      ALERT_EMAIL_SMTP: mail.url(),
    }
    const mails = ['--set', 'ALERT_EMAIL_FROM=bot@example.com', '--set', 'ALERT_EMAIL_TO=me@example.com']
    const words = ['--yes', '--json', '--set', `ALERT_TELEGRAM_CHAT=${CHAT}`, ...mails]
    const { code, stdout, said } = await init(home, words, env)
    expect(code, said).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.include({
      alert_channel: 'checked',
      alert_channels: ['telegram', 'ntfy', 'email'],
    })
    expect(settings(home)).to.include({
      ALERT_CHANNELS: 'telegram,ntfy,email',
      ALERT_TELEGRAM_TOKEN: TOKEN,
      ALERT_TELEGRAM_CHAT: CHAT,
      ALERT_NTFY_URL: `${ntfy.url}/topic`,
      ALERT_NTFY_TOKEN: NTFY_TOKEN,
      ALERT_EMAIL_SMTP: mail.url(),
    })
    expect([telegram.received.length, ntfy.received.length, mail.mails.length]).to.deep.equal([2, 2, 2])
    for (const secret of [TOKEN, NTFY_TOKEN, MAIL_PASSWORD, ntfy.url]) expect(said).to.not.contain(secret)
    const { faults } = readConfig(home.folder, {})
    expect(faults).to.deep.equal([])
  })

  it('adds the channel that is named to the one of .env, and says what it lacks', async () => {
    const slack = await opened(new ChatServer())
    const home = stranger({ '.env': `ADMIN_ALERT_WEBHOOK=${discord.webhook}\n` })
    const lacking = await init(home, ['--yes', '--alert-channel', 'slack'])
    expect(lacking.code, lacking.said).to.equal(2)
    expect(lacking.stderr)
      .to.match(/slack needs ALERT_SLACK_WEBHOOK/)
      .and.to.match(/--set NAME=/)
    const env = { ALERT_SLACK_WEBHOOK: `${slack.url}/services/the-secret-of-this-hook` }
    const { code, said } = await init(home, ['--yes', '--alert-channel', 'slack'], env)
    expect(code, said).to.equal(0)
    expect(settings(home)).to.include({ ALERT_CHANNELS: 'discord,slack', ...env })
    expect(slack.received).to.have.length(2)
    expect(said).to.not.contain('the-secret-of-this-hook')
    slack.answer = () => ({ status: 403, body: 'no_service' })
    const failed = await init(home, ['--yes', '--alert-channel', 'slack'])
    expect(failed.code).to.equal(1)
    expect(failed.stderr)
      .to.match(/The test alert was not sent: slack: /)
      .and.not.contain('the-secret-of-this-hook')
  })

  it('shows by --dry-run what it would write, without secrets, and writes nothing', async () => {
    const home = stranger()
    const { code, stdout, said } = await init(home, ['--yes', '--dry-run', '--set', `MY_TOKEN=${TOKEN}`])
    expect(code, said).to.equal(0)
    expect(stdout).to.match(/write into \.env: BOT_COMMAND=node src\/bot\.js/)
    expect(said).to.not.contain(TOKEN)
    expect(home.has('.env')).to.equal(false)
  })

  it('says what to install where the packages of the bot are missing', async () => {
    const home = stranger({ 'package-lock.json': '{}', 'package.json': '{"scripts":{"start":"gone"}}' })
    const { code, stderr } = await init(home, ['--yes', '--no-alert'])
    expect(code).to.equal(1)
    expect(stderr)
      .to.match(/Install them: npm ci/)
      .and.not.match(/Correct BOT_COMMAND/)
  })

  it('says what was not taken, and how to go on, where only a shell understands the script', async () => {
    const home = stranger({ 'package.json': JSON.stringify({ scripts: { start: 'tsc && node dist/bot.js' } }) })
    const { code, stderr } = await init(home, ['--yes'])
    expect(code).to.equal(2)
    expect(stderr).to.match(/Name the program itself: catalyst init .*--command "node dist\/bot\.js"/)
  })

  it('takes an app of pm2 over, and its secrets only into .env', async () => {
    const home = bare()
    home.write('index.js', '')
    home.write('dump.pm2', DUMP.replaceAll('/srv/bots/bot', home.folder))
    const words = ['--from-pm2', '--app', 'tele', '--yes', '--no-alert']
    const { code, said } = await init(home, words, { PM2_HOME: home.folder })
    expect(code, said).to.equal(0)
    expect(settings(home)).to.include({
      BOT_COMMAND: "node --max-old-space-size=256 index.js --loop 'two words'",
      BOT_NAME: 'tele',
      BOT_TOKEN: TOKEN,
      BOT_MAX_RSS_MB: '300',
    })
    expect(said)
      .to.match(/No counterpart: cron_restart/)
      .and.not.contain(TOKEN)
    if (process.platform !== 'win32') expect(home.mode('.env')).to.equal('600')
  })

  it('does not go on while pm2 still runs that app, and says how', async () => {
    const home = bare()
    home.write('index.js', '')
    home.write('tele.pid', String(process.pid))
    const dump = DUMP.replaceAll('/srv/bots/bot', home.folder).replaceAll(
      '/home/ann/.pm2/pids/tele-0.pid',
      home.path('tele.pid'),
    )
    home.write('apps.json', dump)
    const words = ['--from-pm2', '--pm2-list', home.path('apps.json'), '--app', 'tele', '--yes', '--no-alert']
    const { code, stderr } = await init(home, words)
    expect(code).to.equal(1)
    expect(stderr)
      .to.match(/tele still runs under pm2/)
      .and.to.match(/pm2 delete tele && pm2 save/)
  })

  it('lists the apps where it can not tell which is meant, each with a home of its own', async () => {
    const home = bare()
    home.write('dump.pm2', DUMP)
    const { code, stderr } = await init(home, ['--from-pm2', '--yes'], { PM2_HOME: home.folder })
    expect(code).to.equal(2)
    expect(stderr)
      .to.match(/--app pyb --home \/srv\/bots\/py/)
      .and.to.match(/mkdir \/srv\/bots\/bot-web && catalyst init --from-pm2 --app web --home \/srv\/bots\/bot-web/)
  })

  it('keeps .env out of git', async () => {
    const home = stranger()
    const repository = new TestRepository(home.folder)
    await init(home, ['--yes', '--no-alert'])
    expect(repository.git('status', '--porcelain', '--untracked-files=all')).to.not.match(/\.env|\.catalyst/)
  })

  it('names a module for Catalyst as what it is', async () => {
    const home = bare()
    home.write('bot.mjs', "export default { name: 'mine', cycle() {} }\n")
    const { code, said } = await init(home, ['--yes', '--no-alert', '--port', '0'])
    expect(code, said).to.equal(0)
    expect(settings(home)).to.include({ BOT_MODULE: 'bot.mjs' }).and.not.have.property('BOT_COMMAND')
  })

  it('says all of it as JSON, by names alone', async () => {
    const home = stranger()
    const { stdout } = await init(home, ['--yes', '--no-alert', '--json', '--set', `MY_TOKEN=${TOKEN}`])
    const { bot, settings: changed, alert_channel, alert_channels, steps } = JSON.parse(stdout)
    expect(bot).to.deep.equal({ from: 'package.json, "start"', command: 'node src/bot.js' })
    expect(changed.added).to.include('MY_TOKEN')
    const told = { alert_channel, alert_channels, steps }
    expect(told).to.deep.equal({ alert_channel: 'unchanged', alert_channels: [], steps: [] })
    expect(stdout).to.not.contain(TOKEN)
  })
})
