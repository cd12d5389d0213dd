import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { until } from '../../support/e2e/until.js'

const SECRET = 'my-long-secret-word'

describe('e2e: what a bot prints', () => {
  const { programHome, moduleHome, home: emptyHome } = endToEnd()

  it('counts as an error where it names one, and a stack counts once', async () => {
    const home = programHome(`
      console.log('ERROR no prices')
      console.error(new TypeError('no token'))
      console.log('INFO no ERROR')
      setInterval(() => {}, 1000)`)
    await home.healthy()
    await until(async () => (await home.health()).errors_last_hour === 2)
    const logged = home.logLines().filter(({ level }) => level === 'error')
    expect(logged.map(({ msg }) => msg)).to.have.members(['ERROR no prices', 'TypeError: no token'])
    expect(logged.find(({ err }) => err !== undefined)?.err)
      .to.have.property('stack')
      .that.matches(/^TypeError.*\n +at /)
  })

  if (process.platform !== 'win32')
    it('is what the journal, the history and the status quote: a traceback of Python', async () => {
      const home = emptyHome({ BOT_COMMAND: '/usr/bin/python3 bot.py', MY_TOKEN: SECRET })
      home.write('bot.py', `import os\nprint('started')\n{}['token ' + os.environ['MY_TOKEN']]\n`)
      expect((await home.start().result()).code).to.equal(1)
      expect(home.entry('bot.exit')).to.include({ exit: 1, error: "KeyError: 'token [hidden]'" })
      const entries = home.logLines().filter(({ stream }) => stream === 'stderr')
      expect(entries.map(({ level, msg }) => [level, msg])).to.deep.equal([['error', "KeyError: 'token [hidden]'"]])
      const history = (await home.catalyst(['history'])).stdout
      expect(history).to.match(/exited by itself with exit code 1, after [\d.]+ s: KeyError: 'token \[hidden\]'/)
      expect(home.read('data/logs/bot.jsonl')).to.not.contain(SECRET)
    })

  it('is in the log of a module, too: by the console, the streams and ctx.log', async () => {
    const home = moduleHome(
      `console.log('while it is loaded')
      export default { name: 'm', start(ctx) {
        console.log('my %s', process.env.MY_TOKEN)
        console.error('on stderr')
        process.stdout.write('two ')
        process.stdout.write('pieces\\n', () => console.log('called back'))
        console.error(new TypeError('no token'))
        ctx.log.error('counted')
        ctx.log.child({ part: 1 }).fatal('counted, too')
        ctx.recordError(new Error('once'))
      }, stop() { console.log('bye') } }`,
      { MY_TOKEN: SECRET },
    )
    const bot = await home.started()
    await until(async () => (await home.health()).errors_last_hour === 4)
    bot.kill('SIGTERM')
    const { code, stdout, stderr } = await bot.result()
    expect(code).to.equal(0)
    const levels = Object.fromEntries(home.logLines().map(({ level, msg }) => [msg, level]))
    expect(levels).to.include({
      'while it is loaded': 'info',
      'my [hidden]': 'info',
      'on stderr': 'warn',
      'two pieces': 'info',
      'called back': 'info',
      'TypeError: no token': 'error',
      counted: 'error',
      'counted, too': 'fatal',
      once: 'error',
      bye: 'info',
    })
    // each once, and nothing past the log
    expect(stdout.split('on stderr').length).to.equal(2)
    expect(stdout + stderr).to.not.contain(SECRET)
  })

  it('is in the log also where the module ends the process right after', async () => {
    const home = moduleHome(
      "export default { name: 'm', cycle() { console.error(new Error('last words')); process.stdout.write('cut'); process.exit(4) } }",
    )
    expect((await home.start().result()).code).to.equal(4)
    const logged = home.logged()
    expect(logged).to.include.members(['Error: last words', 'cut'])
    expect(logged.indexOf('cut')).to.be.lessThan(logged.indexOf('the bot has exited (exit code 4)'))
  })
})
