import fs from 'node:fs'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { NODE } from '../../support/e2e/process.js'
import { isAlive } from '../../support/e2e/still-running.js'
import { until } from '../../support/e2e/until.js'

describe('e2e: a program as the bot', () => {
  const { home: emptyHome, programHome } = endToEnd()

  it('that is not there, or cannot be run, gives 78 and a message', async () => {
    const commands: [string, string][] = [
      ['no-such-program --loop', 'no-such-program'],
      ['./no-such-file', 'no such program'],
      ['./plain.txt', 'permission to execute it is denied'],
    ]
    await Promise.all(
      commands.map(async ([command, words]) => {
        const home = emptyHome({ BOT_COMMAND: command })
        home.write('plain.txt', 'no program')
        const { code, stderr } = await home.start().result()
        expect(code, command).to.equal(78)
        expect(stderr).to.contain('BOT_COMMAND').and.to.contain(words)
        expect(home.entry('bot.crash')).to.include({ exit: 78 })
        expect(() => home.botFile()).to.throw()
      }),
    )
  })

  it('passes its exit code on, but 75, 77 and 78 become 1, and a signal 128 and its number', async () => {
    const results: [string, number][] = [
      ['process.exit(0)', 0],
      ['process.exit(3)', 3],
      ['process.exit(75)', 1],
      ['process.exit(77)', 1],
      ['process.exit(78)', 1],
      ["process.kill(process.pid, 'SIGKILL')", 137],
      ["process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)", 143],
    ]
    await Promise.all(
      results.map(async ([code, exit]) => {
        const home = programHome(code)
        expect((await home.start().result()).code, code).to.equal(exit)
        expect(home.kinds(), code).to.deep.equal(['bot.start', 'bot.exit'])
        expect(home.entry('bot.exit'), code).to.include({ exit })
      }),
    )
  })

  it('has its last words in the log, however it ends', async () => {
    const home = programHome(`
      process.stdout.write(Array.from({ length: 10_000 }, (_, n) => 'line ' + (n + 1)).join('\\n'))
      process.stderr.write('the last words, without a line end')
      process.exitCode = 3`)
    const { code, stdout } = await home.start().result()
    expect(code).to.equal(3)
    const logged = home.logged()
    for (const n of [1, 5000, 9999, 10_000]) expect(logged).to.include(`line ${n}`)
    expect(logged).to.include('the last words, without a line end')
    expect(logged.indexOf('the program exited by itself with code 3')).to.be.greaterThan(logged.indexOf('line 10000'))
    expect(stdout).to.contain('the last words')
  })

  it('has its last words in the log also when it is asked to end', async () => {
    const home = programHome(`
      const work = setInterval(() => {}, 1000)
      process.on('SIGTERM', () => {
        process.stdout.write(Array.from({ length: 10_000 }, (_, n) => 'line ' + (n + 1)).join('\\n'))
        clearInterval(work)
        process.stdin.destroy()
      })
      console.log('ready')`)
    const bot = home.start()
    await until(() => bot.stdout.includes('ready'))
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.logged()).to.include('line 10000')
  })

  it('has levels in the log, by what its lines say', async () => {
    const home = programHome(`
      console.log('2026-01-31 08:00:00 ERROR something broke')
      console.error('on stderr')
      console.log('\\x1b[31mred\\x1b[0m')
      console.log('plain')`)
    await home.start().result()
    const levels = Object.fromEntries(home.logLines().map(({ level, msg }) => [msg, level]))
    expect(levels).to.include({
      '2026-01-31 08:00:00 ERROR something broke': 'error',
      'on stderr': 'warn',
      red: 'info',
      plain: 'info',
    })
    expect(home.read('data/logs/errors.log')).to.contain('something broke')
  })

  for (const [what, code] of [
    ['loops for ever', 'for (;;);'],
    ['sleeps for ever', 'setInterval(() => {}, 1e9)'],
  ] as const) {
    it(`that ${what} counts as healthy: only its process is watched`, async () => {
      const home = programHome(code, { BOT_START_TIMEOUT: '0.1', WATCHDOG_FREEZE_THRESHOLD: '0.1' })
      const bot = await home.healthy()
      const pid = await home.programPid()
      await until(async () => (await home.health()).uptime_seconds >= 1)
      expect(await home.health()).to.deep.include({
        status: 'healthy',
        proof: 'process',
        last_cycle_seconds_ago: null,
        total_cycles: 0,
        reasons: ['only the process is watched'],
      })
      bot.kill('SIGTERM')
      expect((await bot.result()).code).to.equal(0)
      expect(isAlive(pid)).to.equal(false)
    })
  }

  it('gets quoted words as they are, the home as its folder, and nothing of a shell', async () => {
    const home = programHome(
      "import fs from 'node:fs'; fs.writeFileSync('args.json', JSON.stringify([process.cwd(), ...process.argv.slice(2)]))",
      {
        BOT_COMMAND: `${NODE} program.mjs one "two words" "$HOME" *.mjs a\\b ""`,
      },
    )
    expect((await home.start().result()).code).to.equal(0)
    expect(JSON.parse(home.read('args.json'))).to.deep.equal([
      home.folder,
      'one',
      'two words',
      '$HOME',
      '*.mjs',
      'a\\b',
      '',
    ])
  })

  it('can also be ended by the end of its standard input, as where there are no signals', async () => {
    const home = programHome(`
      import fs from 'node:fs'
      process.on('SIGTERM', () => {})
      process.stdin.on('end', () => { fs.writeFileSync('goodbye', ''); process.exit() }).resume()
      setInterval(() => {}, 1000)
      console.log('ready')`)
    const bot = home.start()
    await until(() => bot.stdout.includes('ready'))
    bot.kill('SIGINT')
    expect((await bot.result()).code).to.equal(0)
    expect(home.has('goodbye')).to.equal(true)
    expect(home.entry('bot.stop')).to.include({ asked_by: 'SIGINT' })
  })

  it('that ends while it is asked to end is asked to end, not failed', async () => {
    const home = programHome(
      "process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1000); console.log('ready')",
    )
    const bot = home.start()
    await until(() => bot.stdout.includes('ready'))
    bot.kill('SIGTERM')
    expect((await bot.result()).code).to.equal(0)
    expect(home.kinds()).to.deep.equal(['bot.start', 'bot.stop'])
  })

  it('runs in the active release and is told of it; the settings are the home’s', async () => {
    const home = programHome('', { WORD: 'from the home' })
    home.write('.catalyst/releases/active.json', JSON.stringify({ name: 'v1-1a2b3c4d', commit: '1a2b3c4d' }))
    home.write(
      '.catalyst/releases/v1-1a2b3c4d/program.mjs',
      `import fs from 'node:fs'
      const { WORD, CATALYST_RELEASE, CATALYST_COMMIT, CATALYST_HOME } = process.env
      fs.writeFileSync(CATALYST_HOME + '/seen.json', JSON.stringify([process.cwd(), WORD, CATALYST_RELEASE, CATALYST_COMMIT]))
      setInterval(() => {}, 1000)`,
    )
    await home.healthy()
    const seen = await until(() => JSON.parse(home.read('seen.json')))
    expect(seen).to.deep.equal([
      home.path('.catalyst/releases/v1-1a2b3c4d'),
      'from the home',
      'v1-1a2b3c4d',
      '1a2b3c4d',
    ])
    expect((await home.health()).release).to.equal('v1-1a2b3c4d')
    expect(home.entry('bot.start')).to.include({ release: 'v1-1a2b3c4d' })
  })

  it("keeps what is Catalyst's out of git, and changes no file of the owner", async () => {
    const home = programHome('setInterval(() => {}, 1000)')
    const git = (...args: string[]) =>
      home.run('git', args, { folder: home.folder, env: { HOME: home.path('nobody') } }).result()
    expect((await git('init', '--quiet')).code).to.equal(0)
    await home.healthy()
    await until(() => home.has('data/logs/bot.jsonl') && home.read('.git/info/exclude').includes('/data/logs/'))
    expect((await git('status', '--porcelain')).stdout).to.equal('?? .env\n?? program.mjs\n')
    expect(fs.readFileSync(home.path('.git/info/exclude'), 'utf8')).to.match(/^\/\.catalyst\/\n\/data\/logs\/$/m)
  })
})
