import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { TestRepository } from '../../support/deploy/repository.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import type { Running } from '../../support/e2e/process.js'
import { BIN, ROOT } from '../../support/e2e/root.js'
import { until } from '../../support/e2e/until.js'
import { QUICK_SETTINGS } from '../../support/quick-settings.js'

const PATIENCE_MS = 60_000

/** What the page asks for and claims, in its order: paragraphs, points to tick, commands of blocks, rows of tables. */
function partsOf(page: string): string[] {
  const parts: string[] = []
  let isBlock = false
  let goesOn = false
  const isHead = (index: number) => /^[|\s-]+$/.test(lines[index + 1] ?? '')
  const lines = page.split('\n').map((line) => line.trim())
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) isBlock = !isBlock
    else if (isBlock) parts.push(`$ ${line.replace(/\s+#.*/, '')}`)
    else if (/^\|.*[^|\s-].*\|$/.test(line) && !isHead(index)) parts.push(line.replace(/^\| (☐ \| )?(.*) \|$/, '$2'))
    else if (/^[^|#]/.test(line)) {
      if (goesOn && !/^\d+\. /.test(line)) parts.push(`${parts.pop()} ${line}`)
      else parts.push(line.replace(/^\d+\. (☐ )?/, ''))
    }
    goesOn = !isBlock && /^[^|#`]/.test(line)
  }
  return parts
}

const module = (name: string, more = '') => `${more}\nexport default { name: '${name}', cycle() {} }\n`

/** A home with a remote, whose bot a watchdog keeps; v1.2.2 runs, and has proven good. */
class Site {
  readonly home: Home
  readonly repository: TestRepository
  /** What the admin was told. */
  readonly told: string[]
  watchdog: Running | undefined
  /** What the last deployment said, and what was looked at before. */
  said = ''
  shown = ''

  constructor(home: Home, told: string[]) {
    this.home = home
    this.told = told
    this.repository = new TestRepository(home.folder)
    this.repository.commit({
      '.gitignore': '.env\ndata/\n',
      'bot.mjs': module('two'),
      'package-lock.json': LOCK,
      'package.json': PACKAGE,
    })
    this.repository.git('clone', '--quiet', '--bare', '.', 'data/remote.git')
    this.repository.git('remote', 'add', 'origin', 'data/remote.git')
  }

  /** Runs a line of the page; the answer is all that it says. `yes` is what a person would answer. */
  async run(line: string, { exit = 0, yes = false }: { exit?: number; yes?: boolean } = {}): Promise<string> {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '')
    if (words[0] === 'git') return this.repository.git(...words.slice(1))
    const { code, stdout, stderr } = await this.home.catalyst(
      [...words.slice(1), ...(yes ? ['--yes'] : [])],
      PATIENCE_MS,
    )
    expect(code, `${line}\n${stdout}${stderr}`).to.equal(exit)
    return stdout + stderr
  }

  /** A line that goes on in the background. */
  begin(line: string): Running {
    const words = [BIN, ...line.split(' ').slice(1), '--home', this.home.folder]
    return this.home.run(process.execPath, words, { folder: this.home.folder, cwd: os.tmpdir() })
  }

  keep(): void {
    this.watchdog = this.begin('catalyst watchdog run')
  }

  tag(name: string, files: Record<string, string>): void {
    this.repository.commit(files, name)
    this.repository.git('tag', name)
  }

  set(name: string, value: string): void {
    const others = this.home.read('.env').replace(new RegExp(`^${name}=.*\n`, 'm'), '')
    this.home.write('.env', `${others}${name}=${value}\n`)
  }

  runsAs(tag: string): Promise<unknown> {
    return until(async () => {
      const { status, release } = await this.home.health()
      if (status !== 'healthy' || !release?.startsWith(`${tag}-`)) throw new Error(`${status} as ${release}`)
      return true
    }, PATIENCE_MS)
  }
}

const PACKAGE = '{"name":"bot","version":"1.0.0"}\n'
const LOCK = '{"name":"bot","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"bot","version":"1.0.0"}}}\n'
const SETTINGS = {
  ...QUICK_SETTINGS,
  API_KEY: 'key-of-then',
  THRESH: 'old',
}

/** Needs an installed service, a person, or somebody else's machine: what is said there is proven in test/labs, or not at all. */
const ELSEWHERE = async () => {}
/** A heading of what follows, or a line that people fill in. */
const nothing = async () => {}
/** A check that goes on until somebody ends it. */
const SLOW = 'node -e "setInterval(() => {}, 1000)"'

type Proof = (site: Site) => Promise<unknown>
const says =
  (line: string, pattern: RegExp, options: { exit?: number; yes?: boolean } = {}): Proof =>
  async (site) =>
    expect(await site.run(line, options), line).to.match(pattern)
/** One of the steps that the last deployment has shown. */
const step =
  (pattern: RegExp): Proof =>
  async (site) =>
    expect(site.said).to.match(pattern)
/** Where the bot of this home never comes to it, that these are still the words. */
const isMessage =
  (words: string): Proof =>
  async () =>
    expect(sources(), words).to.include(words)

let text: string | undefined
function sources(): string {
  const folder = join(ROOT, 'src')
  text ??= fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => fs.readFileSync(join(folder, name), 'utf8'))
    .join('\n')
  return text
}

const ships = async (site: Site, line: string, tag: string): Promise<void> => {
  site.said = await site.run(line, { yes: true })
  expect(site.said, 'it ends with').to.match(new RegExp(`^${tag}-\\w+ is live and healthy`, 'm'))
  await site.runsAs(tag)
}

/** Everything that the page says, in its order, with what proves it. */
const WALK: readonly (readonly [part: string, proof: Proof])[] = [
  [
    'Copy it for each version, and tick what is done. `v1.2.3` is the new version, `v1.2.2` the one that runs. What stands behind each point is the command that does it, or proves it. [deploy.md](deploy.md) says how it works.',
    (site) => site.runsAs('v1.2.2'),
  ],
  // Before
  [
    "the bot's own tests pass | your tests. Set `DEPLOY_CHECK_COMMAND`, and each deployment runs them on exactly what it ships",
    async (site) => site.set('DEPLOY_CHECK_COMMAND', 'node --check bot.mjs'),
  ],
  ['the settings have no fault | `catalyst config check`', says('catalyst config check', /./)],
  [
    'the settings in force are those you mean | `catalyst config show`',
    says('catalyst config show', /DEPLOY_CHECK_COMMAND +node --check bot\.mjs +\.env/),
  ],
  ['the bot works now | `catalyst health check` (exit code 0)', says('catalyst health check', /^healthy/)],
  ['its service runs, and starts with the machine | `catalyst service status`', ELSEWHERE],
  [
    'the watchdog runs, and has restarts left | `catalyst watchdog status`',
    says('catalyst watchdog status', /^watchdog +runs[\s\S]*[1-3] left/),
  ],
  [
    'the admin is reached | `catalyst alert test`',
    async (site) => {
      await site.run('catalyst alert test')
      expect(site.told).to.not.deep.equal([])
    },
  ],
  [
    'nothing is unfinished; you know what is active, and what is ahead | `catalyst deploy info`',
    async (site) => {
      site.repository.commit({ 'bot.mjs': module('three') })
      const info = await site.run('catalyst deploy info')
      expect(info)
        .to.match(/^active +v1\.2\.2-\w+, good$/m)
        .and.match(/^ahead +1 commit here$/m)
      expect(info).to.not.include('interrupted')
    },
  ],
  [
    'there is a version to go back to | `catalyst deploy rollback --last-good --dry-run`',
    says('catalyst deploy rollback --last-good --dry-run', /^v1\.2\.2-\w+ → v1\.2\.1-\w+:$/m),
  ],
  [
    'what it depends on is written down | `package-lock.json` or `requirements.txt` is committed; else `DEPLOY_INSTALL_COMMAND` is set',
    says('git ls-files package-lock.json', /^package-lock\.json$/),
  ],
  [
    'no secret is in git, nor open to every user of the machine | `git ls-files .env` prints nothing; `catalyst config check` has no hint of `.env`',
    async (site) => {
      await says('git ls-files .env', /^$/)(site)
      expect(await site.run('catalyst config check')).to.not.contain('.env')
    },
  ],
  [
    'the disk has room for one more release | `catalyst health check --json` (`disk_free_gb`)',
    says('catalyst health check --json', /"disk_free_gb": [\d.]+/),
  ],
  [
    'the settings are backed up under a label, before those of the new version are written | `catalyst deploy backup --name before-v1.2.3`',
    says('catalyst deploy backup --name before-v1.2.3', /-before-v1\.2\.3/),
  ],
  [
    'a database that this version migrates is named in `DEPLOY_SNAPSHOT` | `catalyst config show`; then it comes back with the old version where the new one fails its proof',
    async (site) => {
      site.home.write('data/prices.json', 'of today')
      site.set('DEPLOY_SNAPSHOT', 'prices.json')
      await says('catalyst config show', /DEPLOY_SNAPSHOT +prices\.json +\.env/)(site)
    },
  ],
  [
    'new settings of this version are in `.env` | both versions must be able to live with them: the old one comes back to them where the new one fails its proof. A rollback later brings the old settings, too',
    async (site) => site.set('THRESH', 'new'),
  ],
  // The steps
  ['Tell those who use the bot.', ELSEWHERE],
  [
    'Commit and push what is to be shipped: `git status` is clean.',
    async (site) => {
      await site.run('git push --quiet origin main')
      expect(await site.run('git status --porcelain')).to.equal('')
    },
  ],
  ['Tag the commit.', nothing],
  [
    '$ catalyst deploy tag v1.2.3 --message "Quieter at night" --push',
    async (site) => {
      const said = await site.run('catalyst deploy tag v1.2.3 --message "Quieter at night" --push')
      expect(said).to.match(/^v1\.2\.3 is \w{8}, and pushed\.$/m)
      expect(await site.run('git ls-remote --tags origin')).to.include('refs/tags/v1.2.3')
    },
  ],
  ['See what would be done.', nothing],
  [
    '$ catalyst deploy run v1.2.3 --dry-run',
    async (site) => {
      site.shown = await site.run('catalyst deploy run v1.2.3 --dry-run')
      expect(site.shown).to.match(/^v1\.2\.2-\w+ → v1\.2\.3-\w+:\n 1\. back up the settings$/m)
    },
  ],
  [
    'Ship it. It shows the same again, and asks.',
    async (site) => expect(await site.run('catalyst deploy run v1.2.3', { exit: 2 })).to.include(site.shown),
  ],
  ['$ catalyst deploy run v1.2.3', (site) => ships(site, 'catalyst deploy run v1.2.3', 'v1.2.3')],
  ['What used to be steps of their own is done by that one command, each shown with its time:', nothing],
  ['`back up the settings`', step(/^done +back up the settings \(\d+\.\d s\)$/m)],
  [
    '`write the files of v1.2.3` in place of `git pull`; `install: …` in place of `pip install` by hand; `check: …`',
    step(
      /^done +write the files of v1\.2\.3 [\s\S]*^done +install: npm ci [\s\S]*^done +check: node --check bot\.mjs /m,
    ),
  ],
  [
    '`switch from … to …` and `restart the bot`, in place of stopping the service, waiting, and starting it',
    step(/^done +switch from v1\.2\.2-\w+ to v1\.2\.3-\w+ [\s\S]*^done +restart the bot /m),
  ],
  [
    '`wait until the bot is healthy`, in place of asking the endpoint by hand; rolls back by itself if it does not become so',
    step(/^done +wait until the bot is healthy as v1\.2\.3-/m),
  ],
  ['`remove old releases and backups`', step(/^done +remove old releases and backups /m)],
  [
    'It ends with `… is live and healthy`, and exit code 0. With exit code 1 it is not live, and mostly what ran before is back: read what it says, then [common issues](#common-issues).',
    step(/^v1\.2\.3-\w+ is live and healthy/m),
  ],
  // Validation after
  ['At once:', nothing],
  ['$ catalyst health check --wait 60', says('catalyst health check --wait 60', /^healthy/)],
  ['$ catalyst deploy info', says('catalyst deploy info', /^active +v1\.2\.3-\w+, good$/m)],
  [
    '$ catalyst logs --level warning --since 15m',
    async (site) => {
      site.shown = await site.run('catalyst logs --level warning --since 15m')
    },
  ],
  [
    'it is healthy | `catalyst health check --wait 60` (exit code 0)',
    says('catalyst health check --wait 60', /^healthy/),
  ],
  [
    'it runs as the new version, and that is good | `catalyst deploy info`: `active` and `bot` name it',
    says('catalyst deploy info', /^active +v1\.2\.3-\w+, good$[\s\S]*^bot +healthy \(as v1\.2\.3-\w+\)$/m),
  ],
  [
    'no new warnings | `catalyst logs --level warning --since 15m`',
    async (site) => expect(await site.run('catalyst logs --level warning --since 15m')).to.equal(site.shown),
  ],
  [
    'an outside monitor sees it | its page, or its last ping: [outside-monitoring.md](outside-monitoring.md)',
    ELSEWHERE,
  ],
  ['After 10 minutes, and the next day:', nothing],
  [
    'cycles, alerts and errors are as they were before | `catalyst health check --json`',
    says('catalyst health check --json', /"total_cycles": \d+[\s\S]*/),
  ],
  [
    "it hasn't ended unasked | `catalyst history --since 1h`",
    async (site) => {
      const history = await site.run('catalyst history --since 1h')
      expect(history)
        .to.match(/v1\.2\.3-\w+ is good/)
        .and.not.match(/by itself|crashed|was killed/)
    },
  ],
  ['the watchdog has seen nothing | `catalyst incident list`', says('catalyst incident list', /^No incident is known/)],
  [
    "memory and disk don't grow | `rss_mb` and `disk_used_percent` in the same JSON",
    async (site) =>
      expect(await site.run('catalyst health check --json'))
        .to.match(/"rss_mb": \d/)
        .and.match(/"disk_used_percent": \d/),
  ],
  [
    'the next day: no errors that are new | `catalyst logs --level error --since 24h`',
    says('catalyst logs --level error --since 24h', /^/),
  ],
  // Sign-off
  ...[
    'version, and its commit |',
    'the version before |',
    'shipped by, at (UTC) |',
    'validated by, at (UTC) |',
    'gone back? why? |',
  ].map((part) => [part, nothing] as const),
  [
    'The first three lines stand in the journal, too: `catalyst history --kind deploy --json`.',
    async (site) => {
      const entries = JSON.parse(await site.run('catalyst history --kind deploy --json'))
      const begun = entries.findLast(({ kind }: { kind: string }) => kind === 'deploy.begin')
      expect(begun.release).to.match(/^v1\.2\.3-/)
      expect(begun.commit).to.equal(site.repository.git('rev-parse', 'v1.2.3^{commit}'))
      expect(begun.from).to.match(/^v1\.2\.2-/)
      expect(begun.by).to.be.a('string').and.not.equal('')
      expect(begun.time).to.match(/Z$/)
    },
  ],
  // Three ways back
  [
    'A version that does not become healthy needs none of them: what ran before is back already.',
    async (site) => {
      site.tag('v1.3.0', { 'bot.mjs': module('four', "throw new Error('no such price')") })
      site.said = await site.run('catalyst deploy run v1.3.0', { exit: 1, yes: true })
      expect(site.said).to.match(/v1\.2\.3-\w+ is back, and healthy/)
      await site.runsAs('v1.2.3')
      expect(site.home.read('.env'), 'with the current settings').to.include('THRESH=new')
    },
  ],
  [
    '**With time to look**: the wizard. It shows the versions that have worked, which settings change, and asks.',
    nothing,
  ],
  [
    '$ catalyst deploy rollback', // there is no terminal here: test/labs walks through the wizard
    says('catalyst deploy rollback', /Back to which version\? There is no terminal to ask on/, { exit: 2 }),
  ],
  ['**To a version that you know**:', nothing],
  [
    '$ catalyst deploy rollback v1.2.2',
    async (site) => {
      site.set('API_KEY', 'key-of-today')
      await ships(site, 'catalyst deploy rollback v1.2.2', 'v1.2.2')
    },
  ],
  [
    '**In a hurry, or in a script**: the last good version, which is the newest good one older than the active one, without a question. Once more, and it goes further back.',
    nothing,
  ],
  [
    '$ catalyst deploy rollback --last-good --yes',
    async (site) => {
      await ships(site, 'catalyst deploy rollback --last-good', 'v1.2.1')
      await site.run('catalyst deploy rollback --last-good', { exit: 1, yes: true })
    },
  ],
  [
    "Each restores the settings with which that version proved good, with today's secrets; `--with-secrets` also its own secrets. The data stays that of today; `--with-data` brings back that of then, and keeps today's. The settings alone:",
    async (site) => {
      expect(site.home.read('.env')).to.include('THRESH=old').and.include('API_KEY=key-of-today')
      expect(site.home.read('data/prices.json')).to.equal('of today')
      expect(await site.run('catalyst deploy snapshots')).to.match(/^\S+ +v1\.2\.2-\w+ /m)
      const shown = await site.run('catalyst deploy rollback v1.2.3 --with-data --dry-run')
      expect(shown).to.match(/have the data of the snapshot \S+ put back, and today's kept/)
      await ships(site, 'catalyst deploy rollback v1.2.3 --with-secrets', 'v1.2.3')
      expect(site.home.read('.env')).to.include('THRESH=new').and.include('API_KEY=key-of-then')
    },
  ],
  [
    '$ catalyst deploy restore before-v1.2.3',
    async (site) => {
      await site.run('catalyst deploy restore before-v1.2.3', { yes: true })
      expect(site.home.read('.env')).to.include('THRESH=old')
    },
  ],
  ['$ catalyst service restart', ELSEWHERE],
  [
    'A deployment or rollback that was interrupted, as by a power cut, is resumed or rolled back by the watchdog; or by hand:',
    async (site) => {
      site.set('DEPLOY_CHECK_COMMAND', SLOW)
      site.tag('v1.4.0', { 'bot.mjs': module('five') })
      const deployment = site.begin('catalyst deploy run v1.4.0 --yes')
      await until(() => site.home.read('.catalyst/state/deployment.json').includes('"begun": 4'))
      deployment.kill('SIGKILL')
      await until(() => !site.home.has('.catalyst/state/deployment.json'), PATIENCE_MS)
      await site.runsAs('v1.2.3')
    },
  ],
  ['$ catalyst deploy recover', says('catalyst deploy recover', /^No deployment was interrupted/)],
  ['Afterwards: [validation](#validation-after) once more.', nothing],
  // Who to call
  ...[
    "the bot's code | |",
    'this machine | |',
    'the network, the tunnel | |',
    'keys and accounts of services it uses | |',
    'the people who must know that it is down | |',
  ].map((part) => [part, nothing] as const),
  // Common issues
  [
    '`did not go live: it crashed`, `it would not start` | `catalyst logs --level warning`; repair it, and deploy the next version',
    async (site) => {
      expect(site.said).to.be.a('string')
      await isMessage('it would not start')(site)
      expect(await site.run('catalyst logs --level warning')).to.include('no such price')
    },
  ],
  [
    '`did not go live: after … s it was starting` | It needs longer: raise `BOT_START_TIMEOUT`. Or its cycles never end well: `catalyst logs --level warning`',
    async (site) => {
      site.set('DEPLOY_CHECK_COMMAND', '')
      site.set('BOT_START_TIMEOUT', '2')
      site.tag('v1.5.0', { 'bot.mjs': 'export default { name: "late", cycle: () => new Promise(() => {}) }' })
      const said = await site.run('catalyst deploy run v1.5.0', { exit: 1, yes: true })
      expect(said).to.match(/did not go live: after 2 s it was (starting|unhealthy)/)
      site.set('BOT_START_TIMEOUT', '20')
      await site.runsAs('v1.2.3')
    },
  ],
  [
    '`npm ci failed`, `pip … failed` | The last lines stand below it, all of them in `.catalyst/releases/VERSION.log`. Nothing that runs was touched',
    async (site) => {
      const { pid } = site.home.botFile()
      const broken = LOCK.replaceAll('1.0.0"}}', '1.0.0","dependencies":{"absent":"1"}}}')
      site.tag('v1.6.0', {
        'bot.mjs': module('six'),
        '.npmrc': 'offline=true\nfetch-retries=0\n', // what is absent is not looked for elsewhere
        'package-lock.json': broken,
        'package.json': `${PACKAGE.trim().slice(0, -1)},"dependencies":{"absent":"2"}}`,
      })
      const said = await site.run('catalyst deploy run v1.6.0', { exit: 1, yes: true })
      expect(said)
        .to.match(/npm ci failed/)
        .and.match(/npm (error|ERR!)/)
        .and.include('Nothing that runs was touched')
      const log = site.home.files('.catalyst/releases').find((name) => /^v1\.6\.0-.*\.log$/.test(name))
      expect(site.home.read(`.catalyst/releases/${log}`)).to.match(/npm (error|ERR!)/)
      expect(site.home.botFile().pid).to.equal(pid)
    },
  ],
  [
    '`npm ci failed` and `Failed to replace env in config`, or 401 of a registry | Installing sees no secrets: name the one that it needs in `DEPLOY_INSTALL_ENV`',
    async (site) => {
      site.set('NPM_TOKEN', 'token-of-the-registry')
      site.set('DEPLOY_INSTALL_COMMAND', 'node -e "process.exit(process.env.NPM_TOKEN ? 5 : 4)"')
      expect(await site.run('catalyst deploy run v1.6.0', { exit: 1, yes: true })).to.include('exit code 4')
      site.set('DEPLOY_INSTALL_ENV', 'NPM_TOKEN')
      expect(await site.run('catalyst deploy run v1.6.0', { exit: 1, yes: true })).to.include('exit code 5')
      site.set('DEPLOY_INSTALL_ENV', '')
      site.set('DEPLOY_INSTALL_COMMAND', '')
    },
  ],
  [
    '`Nothing is installed for …` | Set `DEPLOY_INSTALL_COMMAND`',
    async (site) => {
      site.repository.git('rm', '--quiet', 'package-lock.json')
      site.tag('v1.7.0', { 'bot.mjs': module('seven'), 'yarn.lock': '' })
      expect(await site.run('catalyst deploy run v1.7.0 --dry-run')).to.match(
        /Nothing is installed for yarn\.lock: set DEPLOY_INSTALL_COMMAND/,
      )
    },
  ],
  [
    "`has files of its own where the home's are to appear` | Do what it says: take them out of git, or share less",
    async (site) => {
      site.tag('v1.8.0', { 'data/x': 'x' })
      expect(await site.run('catalyst deploy run v1.8.0 --dry-run', { exit: 1 })).to.match(
        /has files of its own where the home's are to appear: data\/x[\s\S]*git rm -r --cached data[\s\S]*DEPLOY_SHARED_PATHS=\.env/,
      )
      site.repository.git('rm', '-r', '--cached', '--quiet', 'data')
      site.repository.git('commit', '--quiet', '--message=mend it')
    },
  ],
  [
    '`has proven bad` | Deploy one that repairs it. If it was not to blame, such as a service that was down: `catalyst deploy run v1.2.3 --force`',
    async (site) => {
      expect(await site.run('catalyst deploy run v1.3.0 --dry-run', { exit: 1 })).to.match(
        /v1\.3\.0 has proven bad [\s\S]*deploy run .*v1\.3\.0 --force/,
      )
      await ships(site, 'catalyst deploy run v1.2.3 --force', 'v1.2.3')
    },
  ],
  [
    '`could not be asked for new versions` | `git fetch --tags` must work without a question. To ship what is here: `catalyst deploy run v1.2.3 --skip-fetch`',
    async (site) => {
      await site.run('git fetch --tags')
      site.repository.git('remote', 'set-url', 'origin', 'data/nowhere.git')
      expect(await site.run('catalyst deploy run v1.2.3 --dry-run', { exit: 1 })).to.include(
        'could not be asked for new versions',
      )
      expect(await site.run('catalyst deploy run v1.2.3 --skip-fetch')).to.include('is active already')
      site.repository.git('remote', 'set-url', 'origin', 'data/remote.git')
    },
  ],
  [
    '`There is not enough room for`, `is full (ENOSPC)` | It names the disk: `df -h`, `catalyst deploy prune`, `DEPLOY_KEEP_RELEASES`',
    isMessage('There is not enough room for'),
  ], // a full disk is filled in test/faults
  [
    '`This home is being changed`, exit code 75 | Somebody else deploys: wait',
    async (site) => {
      site.set('DEPLOY_CHECK_COMMAND', SLOW)
      const other = site.begin('catalyst deploy run v1.4.0 --yes')
      await until(() => site.home.read('.catalyst/state/deployment.json').includes('"begun": 4'))
      expect(await site.run('catalyst deploy run v1.7.0', { exit: 75, yes: true })).to.include(
        'This home is being changed',
      )
      other.kill('SIGINT')
      await other.result(PATIENCE_MS)
      site.set('DEPLOY_CHECK_COMMAND', '')
    },
  ],
  ['`was interrupted` | `catalyst deploy recover`', isMessage('was interrupted.')], // test/e2e/deploy.test.ts comes to it
  [
    '`was built with is gone`, `were built for another node` | `catalyst deploy repair`',
    async (site) => {
      await isMessage('was built with is gone')(site) // test/e2e/deploy-repair.test.ts comes to both
      await isMessage('were built for another node')(site)
      expect(await site.run('catalyst deploy repair')).to.match(/^Nothing is wrong with the runtime/)
    },
  ],
  [
    'exit code 77 | You are not permitted to restart the service: type the line that it prints; on Windows, in a terminal as administrator',
    isMessage('Only root may restart the service'),
  ],
  [
    '`Nothing supervises the bot` | `catalyst service install --with-watchdog`',
    async (site) => {
      site.watchdog?.kill('SIGTERM')
      await site.watchdog?.result(PATIENCE_MS)
      expect(await site.run('catalyst deploy run v1.4.0 --dry-run')).to.include('Nothing supervises the bot')
    },
  ],
  [
    "the service won't start | `catalyst service status`, then `catalyst config check`; [services.md](services.md#at-3-am)",
    async () => expect(fs.readFileSync(join(ROOT, 'docs/services.md'), 'utf8')).to.match(/^#+ At 3 a\.?m/im),
  ],
  [
    "the endpoint doesn't answer | `catalyst health check` says why; another program may hold `HEALTH_CHECK_PORT`",
    async (site) => {
      expect(await site.run('catalyst health check', { exit: 2 })).to.match(/no bot runs/)
      site.keep()
      await site.runsAs('v1.2.3')
    },
  ],
  [
    'the bot froze, or ended by itself | `catalyst incident show`',
    async (site) => {
      process.kill(site.home.botFile().pid, 'SIGKILL')
      await until(() => site.home.kinds().includes('incident'), PATIENCE_MS)
      await site.runsAs('v1.2.3')
      expect(await site.run('catalyst incident show')).to.match(/ended/)
    },
  ],
  [
    "the watchdog doesn't bring it back | `catalyst watchdog status`: are its restarts used up, is `WATCHDOG_ENABLED=1`?",
    says('catalyst watchdog status', /[1-3] left/),
  ],
  ['no messages | `catalyst alert test`', says('catalyst alert test', /./)],
  // Maintenance
  ['always | somebody outside looks | an outside monitor on `/health/ping`, and `HEARTBEAT_URL`', ELSEWHERE],
  ['daily | does it work? | `catalyst health check`', says('catalyst health check', /^healthy/)],
  [
    'weekly | what went wrong? | `catalyst incident list`, `catalyst logs --level error --since 7d`',
    async (site) => {
      expect(await site.run('catalyst incident list')).to.match(/ended/)
      expect(await site.run('catalyst logs --level error --since 7d')).to.include('no such price')
    },
  ],
  [
    'weekly | what was done? | `catalyst history --since 7d`',
    says(
      'catalyst history --since 7d',
      /deployment of v1\.2\.3-\w+: deployed[\s\S]*rollback to v1\.2\.2-\w+: deployed/,
    ),
  ],
  [
    'monthly | does it really come back? It is down for some seconds | `catalyst drill crash --yes`',
    says('catalyst drill crash', /It came back by itself/, { yes: true }),
  ],
  [
    'monthly | can we roll back? | `catalyst deploy rollback --last-good --dry-run`',
    says('catalyst deploy rollback --last-good --dry-run', /→ v1\.2\.\d-\w+:$/m),
  ],
  [
    'monthly | are there backups, and do they go elsewhere, too? | `catalyst deploy backups`; copy `.catalyst/backups` and `data` to another place',
    says('catalyst deploy backups', /-before-v1\.2\.3 +v1\.2\.2-\w+ +by hand/),
  ],
  [
    'monthly | room on the disk | `catalyst deploy prune --dry-run`, then `catalyst deploy prune`',
    async (site) => {
      site.set('DEPLOY_KEEP_RELEASES', '1')
      const [told, json] = [
        await site.run('catalyst deploy prune --dry-run'),
        JSON.parse(await site.run('catalyst deploy prune --dry-run --json')),
      ]
      expect(told).to.match(/^Would remove: v/)
      for (const name of json.releases) expect(told).to.include(name)
      expect(await site.run('catalyst deploy prune')).to.equal(told.replace('Would remove', 'Removed'))
      expect(
        await site.run('catalyst deploy rollback --last-good --dry-run'),
        'the version to roll back to stays',
      ).to.include('→')
    },
  ],
  [
    'yearly, and when somebody leaves | new keys, new webhooks | `catalyst deploy backup`, change them in `.env`, `catalyst service restart`',
    says('catalyst deploy backup', /^Backed up, and verified/),
  ],
  [
    "after an update of node | paths in the service's entry | `catalyst service status`; it says when `catalyst service install` is needed",
    ELSEWHERE,
  ],
  [
    'Logs need nothing: they are rotated at 10 MB and removed after `LOG_ROTATION_DAYS`, or beyond `LOG_MAX_MB` each.',
    ELSEWHERE,
  ],
  // Version history
  [
    '$ catalyst deploy list-tags --limit 100',
    says(
      'catalyst deploy list-tags --limit 100',
      /^v1\.3\.0 .* bad .*\n[\s\S]*^v1\.2\.3 .* good +active .*Quieter at night$/m,
    ),
  ],
  [
    '$ catalyst history --kind deploy',
    says('catalyst history --kind deploy', /deployment of v1\.3\.0-\w+: rolled back/),
  ],
]

describe('docs/deployment-checklist.md', () => {
  const { moduleHome, serve } = endToEnd()
  const page = fs.readFileSync(join(ROOT, 'docs', 'deployment-checklist.md'), 'utf8')

  it('says nothing that is not walked through here, word by word and in its order', () => {
    expect(partsOf(page)).to.deep.equal(WALK.map(([part]) => part))
  })

  it('is true from its first point to its last', async function () {
    this.timeout(400_000)
    const told: string[] = []
    const { url } = await serve((request, response) => {
      request.on('data', (chunk) => told.push(String(chunk)))
      response.writeHead(200).end('{"id": "4711"}')
    })
    const settings = { ...SETTINGS, ADMIN_ALERT_WEBHOOK: `${url}/api/webhooks/1/secret-of-it` }
    const site = new Site(moduleHome(module('two'), settings), told)
    site.keep()
    await until(() => site.home.botFile().endpoint)
    await site.home.status('healthy')
    for (const tag of ['v1.2.1', 'v1.2.2']) {
      site.tag(tag, { 'bot.mjs': module(tag) })
      await site.run(`catalyst deploy run ${tag}`, { yes: true })
    }
    await site.runsAs('v1.2.2')
    for (const [part, proof] of WALK) {
      try {
        await proof(site)
      } catch (error) {
        throw new Error(`${part}\n${(error as Error).message}`, { cause: error })
      }
    }
  })
})
