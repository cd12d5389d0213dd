import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { TestRepository } from '../../support/deploy/repository.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { ROOT } from '../../support/e2e/root.js'
import { until } from '../../support/e2e/until.js'
import { QUICK_SETTINGS } from '../../support/quick-settings.js'

const PAGE = fs.readFileSync(join(ROOT, 'docs', 'from-python.md'), 'utf8')

/** Every command of ours on the page, once: lines of blocks without their remarks, and code spans. */
function commandLines(): string[] {
  const blocks = [...PAGE.matchAll(/^( *)```\w*\n([\s\S]*?)^\1```$/gm)].map(([, , block = '']) => block)
  const lines = blocks.flatMap((block) => block.split('\n').map((line) => line.replace(/\s+#.*/, '').trim()))
  const prose = PAGE.replaceAll(/^( *)```\w*\n[\s\S]*?^\1```$/gm, '')
  const found = [...lines, ...[...prose.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.replaceAll(/\s+/g, ' '))]
  return [...new Set(found.filter((line) => line.startsWith('catalyst ')))]
}

/** The words behind `catalyst`. */
const wordsOf = (line: string) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '').slice(1)

interface Stop {
  readonly line: string
  /** What it says. */
  readonly says?: RegExp
  /** Default: 0. */
  readonly exit?: number
  /** It would ask: yes is said beforehand. */
  readonly asks?: true
  /** What has happened in between. */
  readonly before?: (home: Home, repository: TestRepository) => void
  /** Which version runs afterwards. */
  readonly runs?: string
}

/** Run in this order, in one home; the bot is kept by `catalyst watchdog run` meanwhile. */
const TOUR: readonly Stop[] = [
  { line: 'catalyst health check --wait 60', says: /^healthy/ },
  { line: 'catalyst config check' },
  { line: 'catalyst health check', says: /^healthy/ },
  { line: 'catalyst deploy tag v1.2.2', says: /^v1\.2\.2 is \w{8}\.$/m },
  { line: 'catalyst deploy run v1.2.2', asks: true, says: /v1\.2\.2-\w+ is live and healthy/, runs: 'v1.2.2' },
  { line: 'catalyst deploy info', says: /active +v1\.2\.2-\w+, good/ },
  { line: 'catalyst deploy list-tags', says: /^v1\.2\.2 .* good +active/m },
  { line: 'catalyst deploy backup', says: /^Backed up, and verified/ },
  {
    before: (_, repository) => {
      repository.commit({ 'bot.mjs': module('three') })
    },
    line: 'catalyst deploy tag v1.2.3 --push',
    says: /^v1\.2\.3 is \w{8}, and pushed\.$/m,
  },
  { line: 'catalyst deploy run v1.2.3', asks: true, says: /v1\.2\.3-\w+ is live and healthy/, runs: 'v1.2.3' },
  { line: 'catalyst logs --level error' },
  { line: 'catalyst logs --level warning' },
  { line: 'catalyst deploy rollback', exit: 2, says: /catalyst deploy rollback --home \S+ v1\.2\.2 --yes/ },
  { line: 'catalyst deploy rollback v1.2.2', asks: true, says: /^v1\.2\.2-\w+ is live and healthy/m, runs: 'v1.2.2' },
  {
    before: (home) => home.write('.env', `${home.read('.env')}MIN_SCORE=3\n`),
    line: 'catalyst deploy restore', // the newest: those with which v1.2.2 has proven good just now
    asks: true,
    says: /MIN_SCORE +is removed/,
  },
]

/** They run until they are ended: the bot before the tour, the watchdog during it. */
const FOREGROUND = ['catalyst bot start', 'catalyst watchdog run']

/** They would change this machine: only what they would do is shown, where there is a service manager. */
const SHOWN = [
  'catalyst service install',
  'catalyst service install --with-watchdog',
  'catalyst service uninstall',
] as const

/** Not run here, and why. */
const LABS = 'needs an installed service: run in test/labs'
const NOT_RUN: Readonly<Record<string, string>> = {
  'catalyst service status': LABS,
  'catalyst service start': LABS,
  'catalyst service stop': LABS,
  'catalyst service restart': LABS,
}

const PATIENCE_MS = 45_000

const module = (name: string) => `export default { name: '${name}', cycle() {} }\n`

/** Python with what `python -m venv` needs. */
const HAS_PYTHON = process.platform !== 'win32' && spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0

describe('docs/from-python.md', () => {
  const { moduleHome, home: newHome, serve } = endToEnd()

  const runsAs = (home: Home, tag: string) =>
    until(async () => {
      const { status, release } = await home.health()
      if (status !== 'healthy' || !release?.startsWith(`${tag}-`)) throw new Error(`${status} as ${release}`)
      return true
    }, PATIENCE_MS)

  it('has no command that is neither run nor excused, and none is excused in vain', () => {
    const known = [...TOUR.map(({ line }) => line), ...FOREGROUND, ...SHOWN, ...Object.keys(NOT_RUN)]
    expect(commandLines()).to.have.members(known)
    expect(known).to.have.length(new Set(known).size)
  })

  it('its commands do what they say', async function () {
    this.timeout(300_000)
    const { url } = await serve((_, response) => response.writeHead(200).end('{"id": "4711"}'))
    const settings = { ...QUICK_SETTINGS, ADMIN_ALERT_WEBHOOK: `${url}/api/webhooks/1/secret-of-it` }
    const home = moduleHome(module('two'), settings)
    const repository = new TestRepository(home.folder)
    repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': module('two') })
    repository.git('clone', '--quiet', '--bare', '.', 'data/remote.git')
    repository.git('remote', 'add', 'origin', 'data/remote.git')

    const bot = home.inForeground(wordsOf('catalyst bot start'))
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    bot.kill('SIGINT')
    expect((await bot.result()).code).to.equal(0)

    const watchdog = home.inForeground(wordsOf('catalyst watchdog run'))
    for (const { line, exit = 0, says, asks, before, runs } of TOUR) {
      before?.(home, repository)
      const { code, stdout, stderr } = await home.catalyst([...wordsOf(line), ...(asks ? ['--yes'] : [])], PATIENCE_MS)
      expect(code, `${line}\n${stdout}${stderr}`).to.equal(exit)
      if (says) expect(exit === 0 ? stdout : stderr, line).to.match(says)
      if (runs) await runsAs(home, runs)
    }
    watchdog.kill('SIGTERM')
    expect((await watchdog.result()).code).to.equal(0)
    expect(repository.git('status', '--porcelain')).to.equal('')
  })

  for (const line of SHOWN)
    it(`shows what it would do: ${line}`, async () => {
      const home = moduleHome()
      const { code, stdout, stderr } = await home.catalyst([...wordsOf(line), '--dry-run'])
      if (code !== 0) expect(stderr).to.match(/Code: SERVICE_MANAGER_MISSING/)
      else expect(stdout).to.not.equal('')
    })

  if (HAS_PYTHON)
    it('a bot in Python moves over as the page says', async function () {
      this.timeout(120_000)
      const block = (language: string) =>
        new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(PAGE)?.[1] ?? ''
      const home = newHome()
      home.write(
        '.env',
        `${block('ini')}${Object.entries(QUICK_SETTINGS)
          .map((pair) => `${pair.join('=')}\n`)
          .join('')}HEALTH_CHECK_PORT=0\n`,
      )
      const repository = new TestRepository(home.folder)
      repository.commit({
        '.gitignore': '.env\ndata/\n.venv/\n',
        'requirements.txt': '',
        'src/catalyst_bot/__init__.py': '',
        'src/catalyst_bot/runner.py': `${block('python')}
import sys, time
print("ERROR no prices", sys.argv[1], sys.prefix)
while True:
    report("cycle")
    time.sleep(0.2)
`,
      })
      repository.git('tag', 'v1.2.2')
      home.inForeground(wordsOf('catalyst watchdog run'))
      await until(() => home.has('.catalyst/state/watchdog.lock'))
      const { code, stdout, stderr } = await home.catalyst(['deploy', 'run', 'v1.2.2', '--yes'], 100_000)
      expect(code, stdout + stderr).to.equal(0)
      expect(stdout).to.match(/install: python3 -m venv \.venv[\s\S]*is live and healthy/)
      const { proof, total_cycles } = await home.health()
      expect(proof).to.equal('report')
      expect(total_cycles).to.be.above(0)
      const line = await until(() => home.logLines().find(({ msg }) => msg.includes('no prices')))
      expect(line.level).to.equal('error')
      expect(line.msg).to.match(/--loop .*\/\.catalyst\/releases\/v1\.2\.2-\w+\/\.venv$/)
    })
})
