import fs from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { Backups } from '#core/deploy/settings/backups.js'
import { openIncident } from '#core/incidents/incident.js'
import { COMMANDS } from '../../src/main.js'
import { aHome } from '../support/builders/home.js'
import { aWatchdogFile } from '../support/builders/watchdog-file.js'
import { TestRepository } from '../support/deploy/repository.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Result } from '../support/e2e/process.js'
import { ROOT } from '../support/e2e/root.js'

const BIN = join(ROOT, 'bin', 'run.js')

/** A new window title, a cleared screen by a C1 character, a line begun anew, and words that read backward. */
const HOSTILE = '\u001b]0;own\u0007\u009b2J\rgone\u202elive\u2066'
/** The same where a carriage return is refused. */
const IN_A_LINE = HOSTILE.replace('\r', '')
/** How it begins where it is shown, also when JSON is quoted in it. */
const SHOWN = /\\(x1b|u001b)\]0;own/
/** Anything by which a text could steer a terminal. */
const STEERS = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u

const AT = Date.parse('2026-03-01T12:00:00Z')
const INCIDENT = '20260301T120000000Z-ended'

/** A home of which a stranger has written all that he could; its folder's name, too. */
function hostileHome(folder: string): { home: string; backup: string } {
  const home = join(folder, `home ${IN_A_LINE}`)
  const repository = new TestRepository(home)
  const write = (path: string, text: string) => {
    fs.mkdirSync(dirname(join(home, path)), { recursive: true })
    fs.writeFileSync(join(home, path), text)
  }
  const json = (path: string, ...values: unknown[]) =>
    write(path, values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join(''))

  const commit = repository.commit({ '.gitignore': '.env\ndata/\n.catalyst/\n', 'bot.mjs': '' }, IN_A_LINE)
  repository.git('tag', 'v1\u202e')
  repository.git('tag', 'v2', '--annotate', `--message=${IN_A_LINE}`)
  repository.git('checkout', '--quiet', '-b', 'main\u202e')
  const settings = { BOT_NAME: `"${IN_A_LINE}\nforged"`, BOT_MODULE: 'bot.mjs', DEPLOYMENT_ENV: IN_A_LINE }
  write(
    '.env',
    Object.entries({ ...settings, HEALTH_CHECK_PORT: '0' })
      .map((pair) => `${pair.join('=')}\n`)
      .join(''),
  )
  write('bot.mjs', `throw new Error(${JSON.stringify(HOSTILE)})`)
  const time = new Date(AT).toISOString()
  json(
    '.catalyst/journal.jsonl',
    { time, kind: 'bot.crash', exit: 1, error: HOSTILE },
    { time, kind: HOSTILE, [HOSTILE]: HOSTILE },
    { time, kind: 'rating', commit, release: HOSTILE, rating: 'bad', reason: HOSTILE },
  )
  json('data/logs/bot.jsonl', `raw ${HOSTILE}`, { level: 'error', time, msg: HOSTILE, [HOSTILE]: 1 })
  const incident = { ...openIncident('ended', AT, 1), why: HOSTILE, state: HOSTILE, ends: 1 }
  json(`.catalyst/incidents/${INCIDENT}/incident.json`, {
    ...incident,
    events: [{ at: AT, state: HOSTILE, why: HOSTILE }],
  })
  json(`.catalyst/incidents/${INCIDENT}/evidence.json`, {
    at: time,
    where: { what: HOSTILE, lines: [HOSTILE] },
    health: { now: { status: HOSTILE, reasons: [HOSTILE] }, last: null, last_at: null },
    bot: null,
    service: { words: HOSTILE },
    processes: [{ pid: 1, name: HOSTILE, state: HOSTILE, cpu_percent: 1, rss_mb: 1 }],
    machine: { memory_total_mb: 1, memory_free_mb: 1, disk_total_mb: 1, disk_free_mb: 1, load: [], up_seconds: 1 },
    release: HOSTILE,
    stderr: [HOSTILE],
    missing: [HOSTILE],
  })
  const watched = aWatchdogFile(AT, { status: HOSTILE, messages: {} })
  json('.catalyst/state/watchdog.json', { ...watched, incident })
  const facts = { at: AT, reason: HOSTILE, release: HOSTILE, commit: null }
  json('.catalyst/snapshots/20260301T120000000Z/manifest.json', {
    ...facts,
    kind: 'snapshot',
    paths: ['x'],
    files: [],
    bytes: 1,
  })
  const { id } = new Backups(aHome({ folder: home })).make('OLD_SETTING=1\n', facts)
  return { home, backup: id }
}

describe('e2e: what others wrote never steers the terminal', () => {
  const { home: emptyHome, run, serve } = endToEnd()
  let folder: string
  let home: string
  let backup: string

  beforeEach(() => {
    folder = emptyHome().folder
    const hostile = hostileHome(folder)
    home = hostile.home
    backup = hostile.backup
    fs.mkdirSync(join(folder, 'catalyst'))
    fs.writeFileSync(join(folder, 'catalyst', 'homes.json'), JSON.stringify({ homes: [home] }))
  })

  const catalyst = (...words: string[]): Promise<Result> =>
    run(process.execPath, [BIN, ...words], {
      folder,
      cwd: os.tmpdir(),
      env: { FORCE_COLOR: '0', XDG_CONFIG_HOME: folder },
    }).result()

  /** Of each command a line that prints what others wrote, or what it says before it goes further. */
  const LINES: Readonly<Record<string, readonly string[]>> = {
    'alert:test': [],
    'backup:check': [],
    'backup:list': [],
    'backup:restore': [HOSTILE],
    'backup:run': [],
    'backup:schedule': ['--dry-run'],
    'bot:start': ['--once'],
    completion: ['bash'],
    'config:check': [],
    'config:show': [],
    'deploy:backup': ['--name', HOSTILE],
    'deploy:backups': [],
    'deploy:info': [],
    'deploy:list-tags': [],
    'deploy:log': [HOSTILE],
    'deploy:prune': [],
    'deploy:recover': [],
    'deploy:repair': ['--dry-run'],
    'deploy:restore': ['BACKUP'],
    'deploy:restore-data': [HOSTILE],
    'deploy:rollback': ['v2', '--dry-run'],
    'deploy:run': ['v2', '--dry-run', '--skip-fetch'],
    'deploy:snapshots': [],
    'deploy:tag': [HOSTILE],
    doctor: [],
    drill: [HOSTILE],
    'health:check': ['--url', 'URL'],
    history: [],
    init: ['--command', HOSTILE, '--yes', '--dry-run', '--no-service'],
    'incident:list': [],
    'incident:show': [INCIDENT],
    logs: [],
    ls: [],
    'service:install': ['--dry-run'],
    'service:restart': [],
    'service:start': [],
    'service:status': [],
    'service:stop': [],
    'service:uninstall': [],
    'service:upgrade': [],
    status: [],
    update: ['--check', '--from', 'URL'],
    'watchdog:install': ['--all', '--dry-run'],
    'watchdog:pause': ['--for', '2h', HOSTILE],
    'watchdog:resume': [],
    'watchdog:run': ['--check-interval', HOSTILE],
    'watchdog:status': [],
    'watchdog:test-alert': [],
    'watchdog:uninstall': ['--all', '--dry-run'],
  }
  /** Those that have none to show here, or leave it out. */
  const SILENT = new Set([
    'alert:test',
    'backup:check',
    'backup:list',
    'backup:restore',
    'backup:run',
    'backup:schedule',
    'completion',
    'deploy:prune',
    'deploy:recover',
    'drill',
    'update',
    'watchdog:resume',
    'watchdog:run',
    'watchdog:test-alert',
    'service:upgrade',
  ])

  /** Those that are about no single home. */
  const HOMELESS = new Set(['completion', 'ls', 'update'])
  const WITHOUT_JSON = new Set(['bot:start', 'completion', 'watchdog:run'])

  it('each command is looked at', () => {
    expect(Object.keys(LINES).sort()).to.deep.equal(
      Object.keys(COMMANDS)
        .filter((id) => id !== 'help')
        .sort(),
    )
  })

  for (const [id, words] of Object.entries(LINES))
    for (const json of WITHOUT_JSON.has(id) ? [false] : [false, true])
      it(`by ${id.replaceAll(':', ' ')}${json ? ' --json' : ''}`, async () => {
        const report = { status: 'degraded', reasons: [HOSTILE, 'a\nhealthy'] }
        const { url } = await serve((_request, response) => response.end(JSON.stringify(report)))
        const typed = words.map((word) => word.replace('BACKUP', backup).replace('URL', url))
        const line = [
          ...id.split(':'),
          ...typed,
          ...(HOMELESS.has(id) ? [] : ['--home', home]),
          ...(json ? ['--json'] : []),
        ]
        const { stdout, stderr } = await catalyst(...line)
        expect(stdout, 'stdout').to.not.match(STEERS)
        expect(stderr, 'stderr').to.not.match(STEERS)
        if (!SILENT.has(id)) expect(stdout + stderr).to.match(SHOWN)
        if (json && id !== 'logs') expect(JSON.stringify(JSON.parse(stdout))).to.be.a('string')
      })

  it('JSON says what stands there all the same', async () => {
    const { stdout } = await catalyst('history', '--json', '--home', home)
    expect(JSON.parse(stdout)[0].error).to.equal(HOSTILE)
    const logs = await catalyst('logs', '--json', '--home', home)
    const last = logs.stdout.trimEnd().split('\n').at(-1) as string
    expect(JSON.parse(last).msg).to.equal(HOSTILE)
  })

  it('nor passes for a line of ours', async () => {
    const report = { status: 'degraded', reasons: ['a\nhealthy'] }
    const { url } = await serve((_request, response) => response.end(JSON.stringify(report)))
    const health = await catalyst('health', 'check', '--url', url)
    expect(health.stdout).to.not.match(/^healthy/m)
    const settings = await catalyst('config', 'show', '--home', home)
    expect(settings.stdout).to.not.match(/^forged/m)
  })

  it('a bot that prints it does not steer the terminal in which it runs, nor in JSON', async () => {
    const words = JSON.stringify(`say ${HOSTILE}`)
    for (const [name, text] of [
      ['bot.mjs', `export default { name: ${words}, cycle: (ctx) => ctx.log.error(${words}) }`],
      ['program.mjs', `console.log(${words}); console.error(${words})`],
    ] as const) {
      fs.writeFileSync(join(home, name), text)
      const command = name === 'bot.mjs' ? 'BOT_MODULE=bot.mjs' : `BOT_COMMAND="'${process.execPath}' program.mjs"`
      for (const plain of ['0', '1']) {
        fs.writeFileSync(join(home, '.env'), `${command}\nHEALTH_CHECK_PORT=0\nLOG_PLAIN=${plain}\n`)
        const { stdout, stderr } = await catalyst(
          'bot',
          'start',
          ...(name === 'bot.mjs' ? ['--once'] : []),
          '--home',
          home,
        )
        expect(stdout + stderr, `${name}, LOG_PLAIN=${plain}`)
          .to.match(/say/)
          .and.not.match(STEERS)
      }
    }
  })

  it('only one place writes to the screen', () => {
    const files = fs.readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    const writing = files.filter((name) => {
      if (!name.endsWith('.ts')) return false
      const text = fs.readFileSync(join(ROOT, 'src', name), 'utf8')
      return /\b(?:stdout|stderr)\.write\(|\bconsole\.\w+\(|\bux\.(?:stdout|stderr|log)\b/.test(text)
    })
    // bot's log lines, in JSON or readable; and the few words of core itself
    expect(writing.sort()).to.deep.equal(['cli/console.ts', 'cli/screen.ts', 'core/platform/process/stderr.ts'])
  })
})
