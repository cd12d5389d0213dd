import { expect } from 'chai'
import { askAlerts } from '#cli/init/ask-alerts.js'
import { Asker } from '#cli/init/asker.js'
import type { InitAnswers } from '#cli/init/interview.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Values } from '#core/init/alert-settings.js'
import type { Existing } from '#core/init/existing.js'
import { failureOf } from '../../support/failure.js'

const WEBHOOK = { ADMIN_ALERT_WEBHOOK: 'https://discord.example/api/webhooks/1/k' }
const CHAT = { ALERT_TELEGRAM_CHAT: '-100123' }
const NTFY = { ALERT_NTFY_URL: 'https://ntfy.example/topic' }
const EMAIL = {
  ALERT_EMAIL_SMTP: 'smtps://mail.example',
  ALERT_EMAIL_FROM: 'a@b.example',
  ALERT_EMAIL_TO: 'c@d.example',
}
const BARE: Existing = {
  text: '',
  settings: {},
  hasBot: true,
  hasService: false,
  hasWatchdog: false,
  release: undefined,
  hasStarted: false,
  wasDrilled: false,
}

describe('the alert channels of init, where nobody is asked', () => {
  const sent: string[] = []
  beforeEach(() => sent.splice(0))

  /** Takes what is there and proposed; `given` are the settings that somebody named. */
  function taken(
    given: Values,
    { existing = {}, answers = {} }: { existing?: Partial<Existing>; answers?: InitAnswers } = {},
    send = async (channel: string) => void sent.push(channel),
  ) {
    const asked = { settings: given, asked: new Set(Object.keys(given)), existing: { ...BARE, ...existing } }
    return askAlerts(new Asker(true), answers, asked, { send, say: () => {} })
  }

  it('are none where nothing is known, or none are wanted', async () => {
    expect(await taken({})).to.deep.equal({ settings: {}, channels: [] })
    expect(await taken(WEBHOOK, { answers: { alert: false } })).to.deep.equal({ settings: {}, channels: [] })
    expect(sent).to.deep.equal([])
  })

  it('are those whose settings are there, each tested', async () => {
    const { settings, channels } = await taken({ ...NTFY, ...EMAIL, ...CHAT })
    expect(channels).to.deep.equal(['ntfy', 'email'])
    expect(settings).to.deep.equal({ ALERT_CHANNELS: 'ntfy,email' })
    expect(sent).to.deep.equal(['ntfy', 'email'])
  })

  it('are those of ALERT_CHANNELS, whatever else has settings', async () => {
    const { channels } = await taken({ ALERT_CHANNELS: 'email', ...WEBHOOK, ...NTFY, ...EMAIL })
    expect(channels).to.deep.equal(['email'])
  })

  it('are those that .env has, with the one that is named', async () => {
    const existing = { settings: WEBHOOK, hasService: true }
    const { settings, channels } = await taken(NTFY, { existing, answers: { 'alert-channel': ['ntfy'] } })
    expect(channels).to.deep.equal(['discord', 'ntfy'])
    expect(settings).to.deep.equal({ ALERT_CHANNELS: 'discord,ntfy' })
  })

  it("take the bot's own token for Telegram", async () => {
    const { settings } = await taken(CHAT, { existing: { settings: { BOT_TELEGRAM_TOKEN: '1:a' } } })
    expect(settings).to.deep.equal({ ALERT_TELEGRAM_TOKEN: '1:a', ALERT_CHANNELS: 'telegram' })
  })

  it('are left alone once they were checked, until one is named', async () => {
    const existing = { settings: WEBHOOK, hasService: true }
    expect((await taken({}, { existing })).channels).to.deep.equal([])
    expect((await taken({ ...NTFY, ALERT_CHANNELS: 'ntfy' }, { existing })).channels).to.deep.equal(['ntfy'])
  })

  const REFUSED: [string, Values, InitAnswers, RegExp][] = [
    ['lacks a setting', CHAT, { 'alert-channel': ['telegram'] }, /^telegram needs ALERT_TELEGRAM_TOKEN/],
    ['has a faulty one', { ALERT_NTFY_URL: 'https://ntfy.example' }, { 'alert-channel': ['ntfy'] }, /needs a topic/],
    ['is no channel', { ALERT_CHANNELS: 'pager' }, {}, /ALERT_CHANNELS must be one or more of discord/],
    ['is wanted, and none has its settings', {}, { alert: true }, /^No alert channel has its settings/],
  ]
  for (const [what, given, answers, error] of REFUSED)
    it(`are refused where one ${what}`, async () => {
      const failure = await failureOf(taken(given, { answers }))
      expect(failure.message).to.match(error)
      expect(sent).to.deep.equal([])
    })

  it('end it where a message does not arrive', async () => {
    const send = () => Promise.reject(new CatalystError('not sent', { code: 'ALERT_FAILED', exit: EXIT.failed }))
    expect((await failureOf(taken(NTFY, {}, send))).message).to.equal('not sent')
  })
})
