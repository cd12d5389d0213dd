import fs, { chmodSync, chownSync } from 'node:fs'
import os from 'node:os'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { BIN } from '../../support/e2e/root.js'
import { until } from '../../support/e2e/until.js'

const NOBODY = 65534
/** What needs two users. */
const asRoot = process.getuid?.() === 0 ? it : () => {}

/** A module that says who runs it. */
const WHO = `import fs from 'node:fs'
fs.writeFileSync(new URL('ran-as', import.meta.url), String(process.getuid()))
export default { name: 'who', cycle() {} }`

describe('e2e: the home of somebody else', () => {
  const { home: emptyHome, run } = endToEnd()

  function giveAway(home: Home): void {
    for (const path of ['', ...home.allFiles()]) chownSync(home.path(path), NOBODY, NOBODY)
  }

  /** Runs a command where nothing names the home. */
  const from = (home: Home, cwd: string, args: readonly string[], env: Record<string, string> = {}) =>
    run(process.execPath, [BIN, ...args], { folder: home.folder, cwd, env }).result()

  asRoot(
    'above a folder of root is never run by root, and what is passed over is said with the line to type',
    async () => {
      const shared = emptyHome({ BOT_MODULE: 'who.mjs', WATCHDOG_ENABLED: '1' })
      shared.write('who.mjs', WHO)
      giveAway(shared)
      chownSync(shared.folder, 0, 0)
      chmodSync(shared.folder, 0o1777)
      fs.mkdirSync(shared.path('work'))
      const why = `Warning: The home ${shared.folder} is passed over: everybody may write to ${shared.folder}.`
      const closed = { NEWS_FEEDS: 'http://127.0.0.1:1/' }
      const bot = await from(shared, shared.path('work'), ['bot', 'start', '--once'], closed)
      expect(bot.stderr).to.contain(`${why} If you mean it: catalyst bot start --once --home ${shared.folder}\n`)
      const watchdog = await from(shared, shared.path('work'), ['watchdog', 'run'])
      expect(watchdog).to.include({ code: 78 })
      expect(watchdog.stderr).to.contain(why).and.contain('The watchdog is switched off')
      expect(shared.has('ran-as')).to.equal(false)
      const there = await from(shared, shared.folder, ['bot', 'start', '--once'], closed)
      expect(there).to.include({ code: 77 })
      expect(there.stderr).to.contain('Code: HOME_NOT_TRUSTED')
      expect(shared.has('.catalyst')).to.equal(false)
    },
  )

  asRoot(
    'is refused to root by bot start and watchdog run, with the line to type, and nothing is made there',
    async () => {
      const home = emptyHome({ BOT_MODULE: 'who.mjs', WATCHDOG_ENABLED: '1' })
      home.write('who.mjs', WHO)
      giveAway(home)
      const before = home.files('.')
      for (const command of [
        ['bot', 'start'],
        ['watchdog', 'run'],
      ]) {
        const { code, stderr } = await home.catalyst(command)
        expect(code, command.join(' ')).to.equal(77)
        expect(stderr).to.contain(`${home.folder} belongs to nobody, and root`)
        expect(stderr).to.contain(
          `sudo -u nobody ${process.execPath} ${BIN} ${command.join(' ')} --home ${home.folder}`,
        )
        expect(stderr).to.contain(`catalyst ${command.join(' ')} --home ${home.folder} --as-root\n`)
      }
      expect(home.files('.')).to.deep.equal(before)
    },
  )

  asRoot('is refused to a service that was installed for root, which is not tried again', async () => {
    const home = emptyHome({ BOT_MODULE: 'who.mjs' })
    home.write('who.mjs', WHO)
    giveAway(home)
    const [program, ...words] = home.startCommand()
    const env = { CATALYST_SERVICE: 'bot' }
    const { code, stderr } = await run(program, words, { folder: home.folder, cwd: os.tmpdir(), env }).result()
    expect(code).to.equal(77)
    expect(stderr).to.contain(`Have it run as its owner: catalyst service install --home ${home.folder}`)
    expect(home.has('ran-as')).to.equal(false)
  })

  asRoot('is refused to root whose own home has settings of another user', async () => {
    const home = emptyHome({ BOT_MODULE: 'who.mjs' })
    home.write('who.mjs', WHO)
    chownSync(home.path('.env'), NOBODY, NOBODY)
    const { code, stderr } = await home.catalyst(['bot', 'start', '--once'])
    expect(code).to.equal(77)
    expect(stderr).to.contain(`${home.path('.env')} belongs to nobody`)
    expect(home.has('ran-as')).to.equal(false)
  })

  asRoot('is run by root where that is said, by a watchdog too', async () => {
    const once = emptyHome({ BOT_MODULE: 'who.mjs' })
    once.write('who.mjs', WHO)
    giveAway(once)
    expect(await once.catalyst(['bot', 'start', '--once', '--as-root'])).to.include({ code: 0 })
    expect(once.read('ran-as')).to.equal('0')
    const kept = emptyHome({ BOT_MODULE: 'who.mjs', BOT_CYCLE_SECONDS: '0.1', WATCHDOG_ENABLED: '1' })
    kept.write('who.mjs', WHO)
    giveAway(kept)
    const words = [BIN, 'watchdog', 'run', '--home', kept.folder, '--as-root']
    const watchdog = run(process.execPath, words, { folder: kept.folder, cwd: os.tmpdir() })
    await until(() => kept.botFile().endpoint)
    await kept.status('healthy')
    const env = { CATALYST_AS_ROOT: '1', CATALYST_HOME: kept.folder }
    expect((await from(kept, os.tmpdir(), ['health', 'check'], env)).stdout).to.equal('healthy\n')
    watchdog.kill('SIGTERM')
    expect(await watchdog.result()).to.include({ code: 0 })
  })

  it('is not what one stands in: CATALYST_HOME wins, and says so where one stands in another home', async () => {
    const [named, here] = [emptyHome(), emptyHome()]
    fs.mkdirSync(here.path('src'))
    const env = { CATALYST_HOME: named.folder }
    const answer = await from(here, here.path('src'), ['config', 'show', '--json'], env)
    expect(JSON.parse(answer.stdout)).to.include({ home: named.folder })
    expect(answer.stderr).to.equal(
      `Note: CATALYST_HOME is ${named.folder}, so this command uses that home, not ${here.folder}. To use this one: catalyst config show --json --home ${here.folder}\n`,
    )
    expect((await from(named, named.folder, ['config', 'show'], env)).stderr).to.equal('')
    expect((await from(named, os.tmpdir(), ['config', 'show'], env)).stderr).to.equal('')
  })

  it('or none at all: a command that looks at a home says that there is none, with its own exit code', async () => {
    const home = emptyHome()
    fs.rmSync(home.path('.env'))
    const commands: [string[], number][] = [
      [['service', 'status'], 2],
      [['service', 'stop'], 2],
      [['health', 'check'], 3],
      [['watchdog', 'status'], 2],
      [['deploy', 'info'], 2],
      [['logs'], 2],
    ]
    for (const [args, exit] of commands) {
      const { code, stdout, stderr } = await from(home, home.folder, args)
      expect(code, args.join(' ')).to.equal(exit)
      expect(stdout).to.equal('')
      expect(stderr).to.contain(`${home.folder} is not a home, nor inside one: there is neither .env nor .git.`)
      expect(stderr).to.contain(`Name the bot's folder: catalyst ${args.join(' ')} --home FOLDER`)
      expect(stderr).to.contain('Or make this folder one: catalyst init')
    }
    const json = await from(home, home.folder, ['health', 'check', '--json'])
    expect(JSON.parse(json.stdout).error).to.include({ code: 'HOME_MISSING', exit: 3 })
  })
})
