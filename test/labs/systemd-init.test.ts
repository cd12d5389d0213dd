import { expect } from 'chai'
import { until } from '../support/e2e/until.js'
import { type BoxHome, SystemdBox } from './systemd-box.js'
import { LONG_MS, startDiscord, toldOf, Watchdog, webhookOf } from './watched.js'

/** From `git clone` to a bot that is watched, and tells its owner. */
const MOST_MS = 10 * 60_000
const MOST_COMMANDS = 5

const BIN = '/opt/box/catalyst/bin/run.js'
/** Quick to notice a freeze; all else as it comes. */
const QUICK = ['--set', 'WATCHDOG_FREEZE_THRESHOLD=15', '--set', 'WATCHDOG_CHECK_INTERVAL=2']

/** A bot that knows nothing of Catalyst, and prints a line in each round. */
const PYTHON_BOT = {
  '.gitignore': '.env\ndata/\n.venv/\n',
  'requirements.txt': '# nothing yet\n',
  'bot.py': `
import asyncio

async def main():
    while True:
        print("polled 3 updates", flush=True)
        await asyncio.sleep(0.5)

asyncio.run(main())
`,
}

/** A bot on a connection, which is started by npm. */
const NODE_BOT = {
  '.gitignore': '.env\ndata/\nnode_modules/\n',
  'package.json': JSON.stringify({
    name: 'feeder',
    version: '2.0.0',
    scripts: { start: 'node src/bot.js' },
    dependencies: { ws: 'file:vendor/ws' },
  }),
  'package-lock.json': JSON.stringify({
    name: 'feeder',
    version: '2.0.0',
    lockfileVersion: 3,
    packages: {
      '': { name: 'feeder', version: '2.0.0', dependencies: { ws: 'file:vendor/ws' } },
      'node_modules/ws': { resolved: 'vendor/ws', link: true },
      'vendor/ws': { name: 'ws', version: '8.0.0' },
    },
  }),
  'vendor/ws/package.json': JSON.stringify({ name: 'ws', version: '8.0.0', main: 'index.js' }),
  'vendor/ws/index.js': "exports.connect = () => require('net').connect(7100, '127.0.0.1')\n",
  'src/bot.js': "require('ws').connect().resume()\n",
}

const TICKER = `require('net').createServer((socket) => {
  const timer = setInterval(() => socket.write('tick'), 500)
  socket.on('error', () => {}).on('close', () => clearInterval(timer))
}).listen(7100, '127.0.0.1')`

describe('init on a real systemd: from git clone to a watched bot', () => {
  const box = new SystemdBox()
  let discord: BoxHome

  before(async () => {
    await box.start()
    discord = await startDiscord(box)
    discord.write('ticker.cjs', TICKER)
    await box.root(`systemd-run --unit=ticker --working-directory=${discord.inside} node ticker.cjs`)
  })

  after(() => box.stop())

  const titles = (name: string) => toldOf(discord, webhookOf(name)).map(({ title }) => title)

  /** The bare repository of a stranger, which alice may read. */
  async function published(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const source = await box.home(`${name}-source`, files)
    const git = 'git -c user.name=stranger -c user.email=stranger@example.com'
    const bare = `/opt/box/${name}.git`
    await box.root(
      `cd ${source.inside} && chown -R root: . && git init -q && git add -A && ${git} commit -qm first && git clone -q --bare . ${bare} && chown -R alice: ${bare}`,
    )
    return bare
  }

  /** The folder that is cloned into, seen from both sides. */
  async function cloneOf(name: string): Promise<BoxHome> {
    await box.root(`mkdir -p /opt/box/homes/${name}`)
    return box.home(name, {})
  }

  /** Waits for the words in an alert to the owner. */
  const isTold = (name: string, words: RegExp) =>
    until(() => {
      if (titles(name).some((title) => words.test(title))) return true
      throw new Error(JSON.stringify(titles(name)))
    }, 120_000)

  it('leads a bot in Python there by questions, in ten minutes and five commands', async function () {
    this.timeout(MOST_MS + LONG_MS)
    const bare = await published('stranger', PYTHON_BOT)
    const home = await cloneOf('stranger')
    const began = Date.now()
    const commands = [
      ['su', '-', 'alice', '-c', `git clone -q ${bare} ${home.inside}`],
      ['node', BIN, 'init', '--home', home.inside, ...QUICK],
    ]
    const clone = await box.exec(...(commands[0] as string[]))
    expect(clone.code, clone.output).to.equal(0)
    const { code, output } = await box.inTerminal(
      commands[1] as string[],
      [
        ['Which command runs the bot?', '\r'],
        ['Its name', '\r'],
        ['How does the bot prove', '\u001b[B\u001b[B\r'],
        ['A pattern', 'polled\r'],
        ['Where are alerts to go', '\r'],
        ['A Discord webhook', `${webhookOf('stranger')}\r`],
        ['Install it as a service', '\r'],
        ['A watchdog beside it', '\r'],
        ['Deploy the commit', '\r'],
        ['At the end a drill', '\r'],
      ],
      500,
    )
    expect(code, output).to.equal(0)
    expect(output)
      .to.match(/commit-\w+ is live and healthy/)
      .and.to.match(/It came back by itself/)
    expect(output).to.not.contain(webhookOf('stranger'))
    expect(home.read('.env'))
      .to.match(/^BOT_COMMAND=.venv\/bin\/python bot.py$/m)
      .and.to.match(/^BOT_PROOF=log$/m)
    expect(await box.root(`stat -c '%U %a' ${home.inside}/.env`)).to.equal('alice 600')
    expect(await box.root('systemctl is-active stranger stranger-watchdog')).to.equal('active\nactive')
    const passed = Date.now() - began
    expect(passed, `${passed / 1000} s`).to.be.below(MOST_MS)
    expect(commands.length).to.be.at.most(MOST_COMMANDS)
    console.log(`      ${commands.length} commands, ${Math.round(passed / 1000)} s`)

    const watchdog = new Watchdog(home, home.outside)
    const sound = await watchdog.calm()
    const since = Date.now()
    await box.root(`kill -STOP $(pgrep -f 'python bot.py$')`)
    await watchdog.broughtBack(sound, since)
    await isTold('stranger', /stranger.*(frozen|froze|silent|stuck|hang)/i)
    await box.root('systemctl disable -q --now stranger-watchdog stranger')
  })

  it('leads a bot of npm there without a question, as a service of its owner, and a repeat finds all of it', async function () {
    this.timeout(MOST_MS)
    const bare = await published('feeder', NODE_BOT)
    const home = await cloneOf('feeder')
    await box.root(
      'loginctl enable-linger alice; su - alice -c "git config --global user.name Alice; git config --global user.email alice@example.com"',
    )
    const began = Date.now()
    const asAlice = (line: string) => box.inTerminal(['su', '-', 'alice', '-c', line], [], 500)
    const clone = await asAlice(`git clone -q ${bare} ${home.inside}`)
    expect(clone.code, clone.output).to.equal(0)
    const line = `cd ${home.inside} && ADMIN_ALERT_WEBHOOK=${webhookOf('feeder')} node ${BIN} init ${QUICK.join(' ')} --port 8090 --yes`
    const first = await asAlice(line)
    expect(first.code, first.output).to.equal(0)
    expect(first.output)
      .to.match(/v2\.0\.0-\w+ is live and healthy/)
      .and.to.match(/It came back by itself/)
    expect(home.read('.env'))
      .to.match(/^BOT_COMMAND=node src\/bot.js$/m)
      .and.to.match(/^BOT_PROOF=network$/m)
    console.log(`      2 commands, ${Math.round((Date.now() - began) / 1000)} s`)

    const env = home.read('.env')
    const again = await asAlice(`cd ${home.inside} && node ${BIN} init --yes </dev/null`)
    expect(again.code, again.output).to.equal(0)
    expect(again.output).to.match(/There already: its program .*its service, its watchdog, a version .*a drill/)
    expect(home.read('.env')).to.equal(env)
    await asAlice(`node ${BIN} service uninstall --yes --home ${home.inside}`)
  })
})
