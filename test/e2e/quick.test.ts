import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Home } from '../support/e2e/home.js'
import type { Result } from '../support/e2e/process.js'
import { ROOT } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'
import { tempFolder } from '../support/temp.js'

const RUN = join(ROOT, 'bin', 'run.js')
/** Windows stops no process, and removes no folder that is in use. */
const onPosix = process.platform === 'win32' ? () => {} : it

describe('e2e: what is answered without oclif', () => {
  const { home: emptyHome, moduleHome, run } = endToEnd()
  /** Runs the command line as bin/run.js does where nothing is answered sooner. */
  let whole: string

  beforeEach(() => {
    whole = join(tempFolder(), 'whole.cjs')
    const [bundle, root] = [join(ROOT, 'dist', 'catalyst.cjs'), join(ROOT, 'package.json')]
    fs.writeFileSync(whole, `require(${JSON.stringify(bundle)}).main(${JSON.stringify(root)})\n`)
  })

  /** What a program said, but for the figures, which go on. */
  const said = ({ code, ...streams }: Result) => {
    const [stdout, stderr] = [streams.stdout, streams.stderr].map((text) => text.replace(/\d+(\.\d+)?/g, '#'))
    return { code, stdout, stderr }
  }

  async function isTheSame(
    home: Home,
    words: readonly string[],
    { cwd = home.folder, env = {} } = {},
  ): Promise<Result> {
    const [here, there] = await Promise.all(
      [RUN, whole].map((program) =>
        run(process.execPath, [program, ...words], { folder: home.folder, cwd, env }).result(),
      ),
    )
    expect(said(here as Result), words.join(' ')).to.deep.equal(said(there as Result))
    return here as Result
  }

  const LINES = [['health', 'check'], ['health', 'check', '--json'], ['status'], ['status', '--json'], []]

  it('is the same of a bot that works, that is degraded, and that is gone', async () => {
    const home = moduleHome(undefined, { HEALTH_SERVICES: 'db=tcp://127.0.0.1:1' })
    const bot = await home.started()
    await until(async () => (await home.catalyst(['health', 'check'])).code === 1)
    for (const words of LINES) await isTheSame(home, words)
    bot.kill('SIGTERM')
    await bot.result()
    for (const words of LINES) await isTheSame(home, words)
  })

  it('is the same wherever the home is named, and said from', async () => {
    const home = moduleHome()
    await home.healthy()
    const inner = home.path('data', 'inner')
    fs.mkdirSync(inner, { recursive: true })
    const { code } = await isTheSame(home, ['health', 'check'], { cwd: inner })
    expect(code).to.equal(0)
    await isTheSame(home, ['health', 'check', '--home', home.folder], { cwd: tempFolder() })
    await isTheSame(home, ['health', 'check', `--home=${home.path('.catalyst')}`, '--json'], { cwd: tempFolder() })
    await isTheSame(home, ['status', '--home', home.folder], { cwd: tempFolder() })
    await isTheSame(home, ['status'], { cwd: tempFolder(), env: { CATALYST_HOME: home.folder } })
    const other = moduleHome()
    await isTheSame(home, ['health', 'check'], { cwd: other.folder, env: { CATALYST_HOME: home.folder } })
  })

  it('is the same for whatever is wrong', async () => {
    const home = emptyHome()
    home.writeSettings({ BOT_MODULE: 'bot.mjs', WATCHDOG_CHECK_INTERVAL: 'soon' })
    for (const words of LINES) await isTheSame(home, words)
    const wrong = [
      ['health', 'check', '--home'],
      ['health', 'check', '--home', '--json'],
      ['health', 'check', '--home', home.path('missing')],
      ['health', 'check', '--home='],
      ['health', 'check', 'now'],
      ['health', 'check', '--jsn'],
      ['health', 'check', '--wait', 'x'],
      ['health', 'check', '--json', '--json'],
      ['health', 'check', '--', '--json'],
      ['health', 'check', '--home', home.folder, '--home', home.folder],
      ['status', 'all'],
      ['status', '--all', '--home', home.folder],
      ['status', '--watch'],
      ['status', '--home', home.folder],
      ['service', 'status'],
      ['service', 'status', '--json', '--home', home.folder],
      ['service', 'status', 'watchdog', 'now'],
      ['service', 'status', '--user'],
    ]
    while (wrong.length > 0) await Promise.all(wrong.splice(0, 4).map((words) => isTheSame(home, words)))
    for (const words of LINES) await isTheSame(home, words, { cwd: tempFolder() })
  })

  it('is the same for a line without words that can not be answered', async () => {
    const home = moduleHome()
    for (const named of [home.path('missing'), home.path('bot.mjs'), 'missing'])
      await isTheSame(home, [], { env: { CATALYST_HOME: named } })
    const other = moduleHome()
    await isTheSame(home, [], { cwd: other.folder, env: { CATALYST_HOME: home.folder } })
  })

  onPosix('asks a bot that hangs once, also where its home is named in what is to be typed', async () => {
    const home = moduleHome()
    const bot = await home.healthy()
    process.kill(bot.pid, 'SIGSTOP')
    const words = ['status', '--json', '--home', home.folder]
    const { code, stdout } = await isTheSame(home, words, { cwd: tempFolder() })
    expect(code).to.equal(2)
    expect(JSON.parse(stdout).next.command).to.equal(`catalyst logs --home ${home.folder} --since 15m`)
    await isTheSame(home, ['status', '--home', home.folder], { cwd: tempFolder() })
    process.kill(bot.pid, 'SIGCONT')
  })

  it('is the same where a variable asks for JSON', async () => {
    const home = moduleHome()
    for (const words of LINES) await isTheSame(home, words, { env: { CATALYST_CONTENT_TYPE: 'json' } })
  })

  onPosix('is answered in a folder that was removed, which is told', async () => {
    const home = moduleHome()
    const removed = tempFolder()
    const inRemoved = (...words: string[]) => {
      const program = `
        process.chdir(${JSON.stringify(removed)})
        require('node:fs').rmSync(${JSON.stringify(removed)}, { recursive: true, force: true })
        const words = [${JSON.stringify(RUN)}, ...process.argv.slice(1)]
        process.exit(require('node:child_process').spawnSync(process.execPath, words, { stdio: 'inherit' }).status)`
      fs.mkdirSync(removed, { recursive: true })
      return run(process.execPath, ['-e', program, ...words], { folder: home.folder }).result()
    }
    const warning = 'Warning: The current folder does not exist any more: / is used in its place.\n'
    const named = await inRemoved('health', 'check', '--home', home.folder)
    expect([named.code, named.stderr]).to.deep.equal([2, warning])
    expect((await inRemoved('health', 'check')).code).to.equal(3)
    expect(await inRemoved('ls')).to.include({ code: 0, stderr: warning })
  })

  it('is the same in help, on a screen of any width and with colors, and where there is none', async () => {
    const home = emptyHome()
    await isTheSame(home, ['deploy', 'run', '--help'], { env: { FORCE_COLOR: '1' } })
    await isTheSame(home, ['--help'], { env: { OCLIF_COLUMNS: '50' } })
    for (const words of [
      ['helth', '-h'],
      ['version', '--help'],
      ['--version', '--help'],
      ['-v', 'status', '-h'],
      ['help', 'helth'],
      ['bot', 'start', '--', '--help'],
    ])
      await isTheSame(home, words)
    await isTheSame(home, [], { cwd: tempFolder() })
  })

  it('is the same in a rollback that is only shown, or refused', async () => {
    const home = emptyHome()
    home.writeSettings({ BOT_MODULE: 'bot.mjs' })
    const [first, second] = ['1', '2'].map((digit) => digit.repeat(40))
    for (const [tag, commit] of Object.entries({ v1: first, v2: second })) {
      const manifest = { commit, tag, subfolder: '', made_at: 1, shared: [] }
      fs.mkdirSync(home.path('.catalyst', 'releases', tag), { recursive: true })
      fs.writeFileSync(home.path('.catalyst', 'releases', `${tag}.json`), JSON.stringify(manifest))
    }
    const active = { name: 'v2', commit: second }
    fs.writeFileSync(home.path('.catalyst', 'releases', 'active.json'), JSON.stringify(active))
    const shown = await isTheSame(home, ['deploy', 'rollback', 'v1', '--dry-run'])
    expect(shown.stdout).to.contain('v2 → v1')
    for (const words of [
      ['v1', '--dry-run', '--json'],
      ['v1', '--dry-run', '--home', home.folder],
      ['v2', '--yes'],
      ['v2', '--yes', '--json'],
      ['v1'],
      ['v1', '--json'],
      ['nope', '--yes'],
      ['--yes', '--json', '--', 'nope'],
      ['--last-good', '--yes', '--home', home.folder],
      ['v1', '--last-good'],
      ['v1', 'v2'],
      ['--nope'],
      ['--nope', '--json'],
      [],
      ['--json'],
      ['v1', '--home', '/nowhere'],
    ])
      await isTheSame(home, ['deploy', 'rollback', ...words])
  })

  it('needs nothing of the command line', async () => {
    const quick = tempFolder()
    for (const part of ['bin', 'package.json', 'oclif.manifest.json'])
      fs.cpSync(join(ROOT, part), join(quick, part), { recursive: true })
    fs.mkdirSync(join(quick, 'dist'))
    for (const name of fs.readdirSync(join(ROOT, 'dist')).filter((one) => one.startsWith('quick-')))
      fs.copyFileSync(join(ROOT, 'dist', name), join(quick, 'dist', name))
    const home = moduleHome()
    await home.healthy()
    for (const words of [...LINES, ['deploy', 'run', '--help'], ['help'], ['--version']]) {
      const program = run(process.execPath, [join(quick, 'bin', 'run.js'), ...words], { folder: home.folder })
      expect((await program.result()).code, words.join(' ')).to.equal(0)
    }
  })
})
