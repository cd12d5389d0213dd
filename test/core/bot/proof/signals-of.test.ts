import { expect } from 'chai'
import { botEnvironment } from '#core/bot/environment.js'
import { commandMs, pollMs, signalsAtStart } from '#core/bot/proof/signals-of.js'
import { readConfig } from '#core/config/load.js'

const settings = (env: Record<string, string>) => readConfig('/nowhere', env).settings

describe('the proof that a bot works', () => {
  const URL = { BOT_HEALTH_URL: 'http://127.0.0.1:1/' }
  const PROGRAM = { BOT_COMMAND: 'bot' }

  const found: [string, Record<string, string>, string[]][] = [
    ['a module', {}, ['cycle']],
    ['a program', PROGRAM, []],
    ['a program with an address', { ...PROGRAM, ...URL }, ['url']],
    ['a module with an address, which is not probed unasked', URL, ['cycle']],
    ['a module with a file', { BOT_PROOF_FILE: 'data/x' }, ['cycle', 'file']],
    [
      'a program with all that there is',
      {
        ...PROGRAM,
        ...URL,
        BOT_LOG_PROOF: 'x',
        BOT_PROOF_FILE: 'x',
        BOT_HEALTH_COMMAND: 'x',
        BOT_TELEGRAM_TOKEN: '1:a',
      },
      ['url', 'command', 'log', 'file', 'telegram'],
    ],
    ['a program that is to report', { ...PROGRAM, BOT_PROOF: 'report' }, ['report']],
    ['a program of which only the process is watched', { ...PROGRAM, ...URL, BOT_PROOF: 'process' }, []],
    ['a program with two of them named', { ...PROGRAM, ...URL, BOT_PROOF: 'url, Report' }, ['report', 'url']],
  ]
  for (const [what, env, signals] of found)
    it(`is found by what the bot is: ${what}`, () =>
      expect(signalsAtStart(settings(env)).map(({ name }) => name)).to.deep.equal(signals))

  it('has a gap that is set where we make the pace, and is learned where the bot does', () => {
    const gap = (env: Record<string, string>) => signalsAtStart(settings({ BOT_CYCLE_SECONDS: '5', ...env }))[0]?.setMs
    expect(gap({})).to.equal(5000)
    expect(gap({ ...PROGRAM, BOT_PROOF: 'report' })).to.equal(undefined)
    expect(gap({ ...PROGRAM, ...URL })).to.equal(5000)
    expect(gap({ ...PROGRAM, ...URL, BOT_HEALTH_FRESH: '.x' })).to.equal(undefined)
    expect(gap({ ...PROGRAM, BOT_LOG_PROOF: 'x' })).to.equal(undefined)
    expect(gap({ ...PROGRAM, BOT_PROOF_FILE: 'x' })).to.equal(undefined)
    expect(gap({ ...PROGRAM, BOT_HEALTH_COMMAND: 'x' })).to.equal(5000)
    expect(gap({ ...PROGRAM, BOT_TELEGRAM_TOKEN: '1:a' }), 'the API is not ours').to.equal(30_000)
  })

  it('is polled often enough for the threshold', () => {
    expect(pollMs(settings({ BOT_CYCLE_SECONDS: '30' }))).to.equal(30_000)
    expect(pollMs(settings({ BOT_CYCLE_SECONDS: '30', WATCHDOG_FREEZE_THRESHOLD: '3' }))).to.equal(1000)
    expect(pollMs(settings({ BOT_CYCLE_SECONDS: '0' }))).to.equal(100)
    expect(commandMs(settings({ BOT_CYCLE_SECONDS: '0' }))).to.equal(1000)
  })

  it("never shows a bot our own secrets, nor the service manager's socket", () => {
    const seen = botEnvironment(
      { ADMIN_ALERT_WEBHOOK: 'a', HEALTH_TOKEN: 'b', HEARTBEAT_URL: 'c', NOTIFY_SOCKET: 'd', MY_KEY: 'e' },
      { CATALYST_HOME: '/x' },
    )
    expect(seen).to.deep.equal({ MY_KEY: 'e', CATALYST_HOME: '/x' })
  })
})
