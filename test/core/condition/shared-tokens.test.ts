import { expect } from 'chai'
import { sharedTokens } from '#core/condition/shared-tokens.js'

const TELEGRAM = `123456789:${'Ab-_'.repeat(9)}`
const DISCORD = `${'M'.repeat(26)}.GabcdE.${'x'.repeat(38)}`

describe('the tokens that homes share', () => {
  const found = (...values: Record<string, string>[]) =>
    sharedTokens(values.map((one, index) => ({ home: `/srv/${index}`, values: one })))

  for (const [service, token] of [
    ['Telegram', TELEGRAM],
    ['Discord', DISCORD],
    ['Slack', 'xoxb-1234567890-abcdefghij'],
  ] as const)
    it(`are those of ${service}, whatever the settings are called, and they are not shown`, () => {
      const shared = found({ BOT_TOKEN: token }, { OTHER: 'x' }, { TOKEN: ` ${token} ` })
      expect(shared).to.deep.equal([{ homes: ['/srv/0', '/srv/2'], settings: ['BOT_TOKEN', 'TOKEN'] }])
      expect(JSON.stringify(shared)).to.not.include(token)
    })

  it('are none of one home, and none that only alerts are sent with', () => {
    expect(found({ A: TELEGRAM, B: TELEGRAM })).to.deep.equal([])
    expect(found({ ALERT_TELEGRAM_TOKEN: TELEGRAM }, { ALERT_TELEGRAM_TOKEN: TELEGRAM })).to.deep.equal([])
  })

  it('are none of the values that are equal by nature', () => {
    expect(found({ A: '12:00', B: 'v1.2.3', C: 'api.example.com' }, { A: '12:00', B: 'v1.2.3', C: 'api.example.com' }))
      .to.be.empty
  })
})
