import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { NODE } from '../../support/e2e/process.js'
import { ROOT } from '../../support/e2e/root.js'

const BIN = join(ROOT, 'bin', 'run.js')
const NOBODY = 65534
/** The tests that need two users. */
const asRoot = process.getuid?.() === 0 ? it : () => {}

interface Checked {
  readonly faults: readonly string[]
  readonly hints: readonly string[]
}

async function check(home: Home): Promise<Checked & { code: number | null }> {
  const { code, stdout, stderr } = await home.catalyst(['config', 'check', '--json'])
  expect(stderr).to.equal('')
  return { code, ...(JSON.parse(stdout) as Checked) }
}

describe('e2e: config check tells the truth', () => {
  const { home: emptyHome, run } = endToEnd()

  function broken(settings: Record<string, string>, files: Record<string, string> = {}): Home {
    const home = emptyHome(settings)
    for (const [name, text] of Object.entries(files)) home.write(name, text)
    return home
  }

  /** Homes in which the bot does not start for good. */
  const BROKEN: Readonly<Record<string, [Record<string, string>, Record<string, string>?]>> = {
    'no bot': [{}],
    'no bot, but settings of the built-in one': [{ NEWS_FEEDS: 'https://example.com/a.rss' }],
    'a value that is none': [{ HEALTH_CHECK_PORT: 'eighty' }],
    'a command and a module': [{ BOT_COMMAND: 'node a.js', BOT_MODULE: 'b.mjs' }],
    'a health address that is not set': [{ BOT_COMMAND: NODE, BOT_PROOF: 'url' }],
    'cycles of a program': [{ BOT_COMMAND: NODE, BOT_PROOF: 'cycle' }],
    'a proof whose setting is not set': [{ BOT_COMMAND: NODE, BOT_PROOF: 'report,log' }],
    'a pattern that is none': [{ BOT_COMMAND: NODE, BOT_LOG_PROOF: 'heart(beat' }],
    'a path that is none': [{ BOT_COMMAND: NODE, BOT_HEALTH_URL: 'http://127.0.0.1:9/', BOT_HEALTH_FRESH: 'time' }],
    'a quote that is not closed': [{ BOT_COMMAND: `node "bot.js` }],
    'a misspelled name': [{ BOT_COMAND: 'node bot.js' }],
    'the syntax of a shell': [{ BOT_COMMAND: 'npm start && echo x' }],
    'a program that is not there': [{ BOT_COMMAND: './run-it --fast' }],
    'a name that is not in PATH': [{ BOT_COMMAND: 'surely-not-in-path --fast' }],
    'a program that may not be executed': [{ BOT_COMMAND: './notes.txt' }, { 'notes.txt': 'x' }],
    'a script whose interpreter is gone': [{ BOT_COMMAND: './bot' }, { bot: '#!/nowhere/python\n' }],
    'a module that is not there': [{ BOT_MODULE: 'bot.mjs' }],
    'a module that exports nothing': [{ BOT_MODULE: 'bot.mjs' }, { 'bot.mjs': 'export const bot = 1' }],
    'a module that exports no bot': [{ BOT_MODULE: 'bot.mjs' }, { 'bot.mjs': 'export default { name: "b" }' }],
    'a module that exports a function': [{ BOT_MODULE: 'bot.cjs' }, { 'bot.cjs': 'module.exports = () => {}' }],
  }

  for (const [what, [settings, files]] of Object.entries(BROKEN))
    it(`where bot start exits 78, it fails with the same words: ${what}`, async () => {
      const home = broken(settings, files)
      if (home.has('bot')) fs.chmodSync(home.path('bot'), 0o755)
      const checked = await check(home)
      const { code, stderr } = await home.start().result()
      expect(code).to.equal(78)
      expect(checked.code).to.equal(78)
      expect(checked.faults).to.not.deep.equal([])
      const said = /^Error: (.*)$/m.exec(stderr)?.[1] as string
      const lines = [...stderr.matchAll(/^ +- (.*)$/gm)].map((match) => match[1] as string)
      for (const words of lines.length > 0 ? lines : [said]) expect(checked.faults.join('\n')).to.include(words)
    })

  asRoot('and where its port is not for this user', async () => {
    const home = broken({ HEALTH_CHECK_PORT: '81', BOT_COMMAND: NODE })
    const at = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
    if (fs.existsSync(at) && Number(fs.readFileSync(at, 'utf8')) <= 81) return
    fs.chownSync(home.folder, NOBODY, NOBODY)
    fs.chownSync(home.path('.env'), NOBODY, NOBODY)
    const { code, stdout } = await home.catalyst(['config', 'check'])
    expect(stdout).to.match(/can't listen on 127\.0\.0\.1 port 81: .* Set a HEALTH_CHECK_PORT of 1024 or above/)
    expect(code).to.equal(78)
  })

  for (const [what, settings, files, words] of [
    ['a script', { BOT_COMMAND: `${NODE} missing.js` }, {}, /there is no file \S+missing\.js for/],
    [
      'a check of the bot',
      { BOT_COMMAND: NODE, BOT_HEALTH_COMMAND: './is-well' },
      {},
      /^BOT_HEALTH_COMMAND: \S+is-well can't be started .*: no such program\. Correct BOT_HEALTH_COMMAND/,
    ],
    [
      'an import',
      { BOT_MODULE: 'b.mjs' },
      { 'b.mjs': 'import "./gone.mjs"; export default {}' },
      /can't be loaded: .*gone\.mjs/,
    ],
    [
      'its syntax',
      { BOT_MODULE: 'b.mjs' },
      { 'b.mjs': 'export default {\n  name: "b"\n  cycle() {} }' },
      /can't be loaded: SyntaxError: .* \(.*b\.mjs:3\)/,
    ],
    [
      'itself',
      { BOT_MODULE: 'b.mjs' },
      { 'b.mjs': 'export default {}; throw new TypeError("no price")' },
      /can't be loaded: TypeError: no price/,
    ],
    [
      'an exit',
      { BOT_MODULE: 'b.mjs' },
      { 'b.mjs': 'export default {}; process.exit(3)' },
      /can't be loaded: it ended the process itself with exit code 3/,
    ],
    [
      'a watchdog without an endpoint',
      { BOT_COMMAND: NODE, WATCHDOG_ENABLED: '1', HEALTH_CHECK_ENABLED: '0' },
      {},
      /The health endpoint is switched off, so a watchdog could not observe the bot\. Set HEALTH_CHECK_ENABLED=1/,
    ],
  ] as const)
    it(`it finds what the start only stumbles over: ${what}`, async () => {
      const { code, faults } = await check(broken(settings, files))
      expect(faults).to.have.length(1)
      expect(faults[0]).to.match(words)
      expect(code).to.equal(78)
    })

  it('it finds what a bot may not write to, to which its exit code 77 leads people', async () => {
    const home = broken({ BOT_COMMAND: NODE }, { data: 'in the way' })
    const { code, faults } = await check(home)
    const started = await home.start().result()
    expect([started.code, code]).to.deep.equal([77, 78])
    expect(faults).to.deep.equal([
      `The home ${home.folder} can't be written to: EEXIST. Run it as the owner of ${home.folder}, or give this user write permission there.`,
    ])
    expect(started.stderr).to.include("can't be written to: EEXIST.")
  })

  it('finds nothing in a home that is sound', async () => {
    const module = { 'bot.mjs': "export default { name: 'b', cycle() {} }" }
    for (const [settings, files] of [
      [{ BOT_MODULE: 'news' }, {}],
      [{ BOT_MODULE: 'bot.mjs' }, module],
      [{ BOT_MODULE: 'bot.cjs' }, { 'bot.cjs': "exports.default = { name: 'b', start() {}, stop() {} }" }],
      [{ BOT_COMMAND: `${NODE} bot.mjs` }, module],
      [{ BOT_COMMAND: `${NODE} bot` }, { 'bot.js': '' }],
      [{ BOT_COMMAND: `sh -c 'true && exec node x'` }, {}],
    ] as const) {
      const { code, faults, hints } = await check(broken(settings, files))
      expect({ code, faults, hints }, JSON.stringify(settings)).to.deep.equal({ code: 0, faults: [], hints: [] })
    }
  })

  it('loads a module as a dry run of its own, of which nothing is left, and a plain program not at all', async () => {
    const home = broken(
      { BOT_MODULE: 'bot.mjs', MY_TOKEN: 'token-of-mine' },
      {
        'bot.mjs': `import fs from 'node:fs'
import { spawn } from 'node:child_process'
fs.appendFileSync('loaded', [process.env.CATALYST_DRY_RUN, process.env.MY_TOKEN, process.cwd(), process.pid].join())
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
setInterval(() => {}, 1000)
console.log('hello')
export default { name: 'b', cycle() {} }`,
      },
    )
    expect((await check(home)).code).to.equal(0)
    const [dry, token, folder, pid] = home.read('loaded').split(',')
    expect([dry, token, folder]).to.deep.equal(['1', 'token-of-mine', home.folder])
    expect(Number(pid)).to.not.equal(process.pid)
    expect([...home.processes().values()]).to.deep.equal([])
    const plain = broken(
      { BOT_MODULE: 'p.mjs' },
      { 'p.mjs': "import fs from 'node:fs'; fs.writeFileSync('begun', '')" },
    )
    expect((await check(plain)).code).to.equal(78)
    expect(plain.has('begun')).to.equal(false)
  })

  asRoot("loads somebody else's module as them, and without root's environment", async () => {
    const home = broken(
      { BOT_MODULE: 'bot.mjs' },
      {
        'bot.mjs': `import fs from 'node:fs'
fs.writeFileSync('loaded', [process.getuid(), process.env.ROOTS_TOKEN].join())
export default { name: 'b', cycle() {} }`,
      },
    )
    for (const path of ['.', '.env', 'bot.mjs']) fs.chownSync(home.path(path), NOBODY, NOBODY)
    const words = [BIN, 'config', 'check', '--home', home.folder]
    const env = { ROOTS_TOKEN: 'token-of-root' }
    const { code, stderr } = await run(process.execPath, words, { folder: home.folder, cwd: '/', env }).result()
    expect([code, stderr]).to.deep.equal([0, ''])
    expect(home.read('loaded')).to.equal(`${NOBODY},`)
  })

  asRoot('reports a node that the owner of the home may not run', async () => {
    const home = broken({ BOT_MODULE: 'bot.mjs' }, { 'bot.mjs': "export default { name: 'b', cycle() {} }" })
    for (const path of ['.', '.env', 'bot.mjs']) fs.chownSync(home.path(path), NOBODY, NOBODY)
    const folder = fs.mkdtempSync(join(os.tmpdir(), 'catalyst-test-')) // for root alone
    const node = join(folder, 'node')
    fs.copyFileSync(process.execPath, node)
    try {
      const words = [BIN, 'config', 'check', '--home', home.folder]
      const { code, stdout } = await run(node, words, { folder: home.folder, cwd: '/' }).result()
      expect(code).to.equal(78)
      expect(stdout).to.contain(`can't be loaded: node can't be started for it: spawn ${node} EACCES`)
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })

  it('shows no secret that a module throws', async () => {
    const home = broken(
      { BOT_MODULE: 'b.mjs', MY_TOKEN: 'swordfish-0123' },
      { 'b.mjs': 'export default {}; throw new Error("401 for " + process.env.MY_TOKEN)' },
    )
    const { faults } = await check(home)
    expect(faults.join()).to.include('401 for [hidden]').and.not.include('swordfish')
  })

  it('lists all at once, and says what a version may still bring', async () => {
    const home = broken({ BOT_COMMAND: './gone', LOG_LEVEL: 'loudest', WATCHDOG_ENABLE: '1' })
    fs.mkdirSync(home.path('.git'))
    const { code, stdout } = await run(process.execPath, [BIN, 'config', 'check', '--home', home.folder], {
      folder: home.folder,
    }).result()
    expect(code).to.equal(78)
    expect(stdout).to.match(
      /have 3 faults:\n- LOG_LEVEL .*\n- WATCHDOG_ENABLE .*did you mean WATCHDOG_ENABLED\?.*\n- BOT_COMMAND: .*no such program/,
    )
    expect(stdout).to.include('catalyst deploy run')
  })
})
