import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { ROOT } from '../support/e2e/root.js'
import { inTerminal } from '../support/e2e/terminal.js'
import { until } from '../support/e2e/until.js'

describe('e2e: the questions of init in a terminal', () => {
  const { home: newHome, run } = endToEnd()

  /** Answers each question once that it is asked; null is Ctrl-C. */
  async function answered(answers: readonly (readonly [question: string, answer: string | null])[]) {
    const home = newHome()
    fs.rmSync(home.path('.env'), { force: true })
    home.write('bot.js', '')
    home.write('.env.example', 'API_KEY=\nCHANNEL=general\nOTHER=example\n')
    const init = ['bin/run.js', 'init', '--no-service', '--port', '0', '--home', home.folder]
    const command = [process.execPath, ...init.map((word) => (word === 'bin/run.js' ? join(ROOT, word) : word))]
    const options = { folder: home.folder, stdin: 'pipe' as const, env: { XDG_CONFIG_HOME: home.path('.config') } }
    const terminal = run('python3', inTerminal(120, command), options)
    let seen = 0
    for (const [question, answer] of answers) {
      await until(() => {
        const at = terminal.stdout.indexOf(question, seen)
        if (at !== -1) seen = at + question.length
        return at !== -1
      }, 30_000)
      terminal.stdin?.write(`${answer ?? '\x03'}\n`)
    }
    const { code, stdout } = await terminal.result(30_000)
    return { home, code, stdout }
  }

  it('writes what was answered, and shows no secret', async () => {
    const { home, code, stdout } = await answered([
      ['Which command runs the bot?', '\r'],
      ['Its name', 'mine\r'],
      ['How does the bot prove', '\x1b[B\x1b[B\r'],
      ['A pattern', 'polled \\d+\r'],
      ['API_KEY', 'my-own-key-of-it\r'],
      ['CHANNEL', '\r'],
      ['OTHER', ' \r'],
      ['A Discord webhook', '\r'],
    ])
    expect(code, stdout).to.equal(0)
    expect(stdout).to.not.contain('my-own-key-of-it')
    const lines = home.read('.env').split('\n').filter(Boolean)
    expect(lines).to.include.members([
      'BOT_COMMAND=node bot.js',
      'BOT_PROOF=log',
      'BOT_LOG_PROOF=polled \\d+',
      'API_KEY=my-own-key-of-it',
      'CHANNEL=general',
    ])
    expect(lines.filter((line) => line.startsWith('OTHER'))).to.deep.equal([])
  })

  it('writes nothing when Ctrl-C ends it, however many questions were answered', async () => {
    const { home, code, stdout } = await answered([
      ['Which command runs the bot?', '\r'],
      ['Its name', '\r'],
      ['How does the bot prove', null],
    ])
    expect(code).to.equal(1)
    expect(stdout).to.match(/Cancelled\. Nothing was changed\./)
    expect(home.has('.env')).to.equal(false)
  })
})
