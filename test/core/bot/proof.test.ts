import { expect } from 'chai'
import { botEnvironment } from '#core/bot/environment.js'
import { paceOf, pollMs, proofAtStart } from '#core/bot/proof.js'
import { readConfig } from '#core/config/load.js'

const settings = (env: Record<string, string>) => readConfig('/nowhere', env).settings

describe('the proof that a bot works', () => {
  it('is found by what the bot is', () => {
    expect(proofAtStart(settings({}), 'module')).to.equal('cycle')
    expect(proofAtStart(settings({}), 'program')).to.equal('process')
    expect(proofAtStart(settings({ BOT_HEALTH_URL: 'http://127.0.0.1:1/' }), 'program')).to.equal('url')
    expect(proofAtStart(settings({ BOT_PROOF: 'report' }), 'program')).to.equal('report')
  })

  it('has a pace: what was set, or at first the threshold', () => {
    expect(paceOf(settings({ BOT_CYCLE_SECONDS: '5' }), 'module', 'cycle')).to.deep.equal({
      setMs: 5000,
      atFirstMs: 300_000,
    })
    expect(paceOf(settings({}), 'program', 'report')).to.deep.equal({ setMs: undefined, atFirstMs: 300_000 })
    expect(pollMs(settings({ BOT_CYCLE_SECONDS: '30' }))).to.equal(30_000)
    expect(
      pollMs(settings({ BOT_CYCLE_SECONDS: '30', WATCHDOG_FREEZE_THRESHOLD: '3' })),
      'often enough for the threshold',
    ).to.equal(1000)
    expect(pollMs(settings({ BOT_CYCLE_SECONDS: '0' }))).to.equal(100)
  })

  it("never shows a bot our own secrets, nor the service manager's socket", () => {
    const seen = botEnvironment(
      { ADMIN_ALERT_WEBHOOK: 'a', HEALTH_TOKEN: 'b', HEARTBEAT_URL: 'c', NOTIFY_SOCKET: 'd', MY_KEY: 'e' },
      { CATALYST_HOME: '/x' },
    )
    expect(seen).to.deep.equal({ MY_KEY: 'e', CATALYST_HOME: '/x' })
  })
})
