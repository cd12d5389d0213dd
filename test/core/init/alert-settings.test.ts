import { expect } from 'chai'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import {
  alertSettings,
  channelsBy,
  faultOfChannel,
  faultOfValue,
  readyChannels,
  whatIsKnown,
} from '#core/init/alert-settings.js'

const WEBHOOK = { ADMIN_ALERT_WEBHOOK: 'https://discord.example/api/webhooks/1/k' }
const CHAT = { ALERT_TELEGRAM_CHAT: '-100123' }
const TELEGRAM = { ALERT_TELEGRAM_TOKEN: '1:a', ...CHAT }
const NTFY = { ALERT_NTFY_URL: 'https://ntfy.example/topic' }

describe('where alerts go, as init knows it', () => {
  const known = (
    sources: {
      existing?: Record<string, string>
      settings?: Record<string, string>
      asked?: string[]
    },
    environment: Record<string, string> = {},
  ) =>
    whatIsKnown(
      { existing: sources.existing ?? {}, settings: sources.settings ?? {}, asked: new Set(sources.asked) },
      environment,
    )

  it('is what was named, then what .env has, then what was found, then the environment; an empty value is none', () => {
    const name = 'ALERT_NTFY_URL'
    const environment = { [name]: 'e', PATH: '/bin' }
    const existing = { [name]: 's' }
    const settings = { [name]: 'n' }
    expect(known({ existing, settings, asked: [name] }, environment).known).to.deep.equal({ [name]: 'n' })
    expect(known({ existing, settings }, environment).known).to.deep.equal({ [name]: 's' })
    expect(known({ existing: { [name]: '' }, settings }, environment).known).to.deep.equal({ [name]: 'n' })
    expect(known({ existing: { [name]: ' ' } }, environment).known).to.deep.equal({ [name]: 'e' })
  })

  it("proposes the bot's own token for Telegram, by its name or its looks", () => {
    const token = '123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi'
    const proposed = { ALERT_TELEGRAM_TOKEN: token }
    expect(known({ existing: { BOT_TELEGRAM_TOKEN: token } }).proposed).to.deep.equal(proposed)
    expect(known({}, { BOT_TELEGRAM_TOKEN: token }).proposed).to.deep.equal(proposed)
    expect(known({ existing: { TELEGRAM: token } }).proposed).to.deep.equal(proposed)
    expect(known({ existing: { OTHER: 'x' } }).proposed).to.deep.equal({})
  })

  it('has the channels of ALERT_CHANNELS, else Discord by its webhook, and those of which all is there', () => {
    expect(channelsBy({ ALERT_CHANNELS: 'email,ntfy', ...WEBHOOK })).to.deep.equal(['ntfy', 'email'])
    expect(channelsBy(WEBHOOK)).to.deep.equal(['discord'])
    expect(channelsBy({ ADMIN_ALERT_WEBHOOK: '', ...NTFY })).to.deep.equal([])
    expect(readyChannels({ ...NTFY, ...CHAT })).to.deep.equal(['ntfy'])
    expect(readyChannels({ ...NTFY, ...TELEGRAM })).to.deep.equal(['telegram', 'ntfy'])
  })

  it('has the faults that config check has', () => {
    expect(faultOfChannel('telegram', CHAT)).to.match(/^telegram needs ALERT_TELEGRAM_TOKEN: set it/)
    expect(faultOfChannel('discord', { ADMIN_ALERT_WEBHOOK: 'x' })).to.match(/^ADMIN_ALERT_WEBHOOK must be an http/)
    expect(faultOfChannel('ntfy', { ALERT_NTFY_URL: 'https://ntfy.example' })).to.match(/needs a topic at the end/)
    expect(faultOfChannel('ntfy', { ...NTFY, ALERT_NTFY_TOKEN: 'a b' })).to.match(/^ALERT_NTFY_TOKEN must be letters/)
    expect(faultOfChannel('telegram', TELEGRAM)).to.equal(undefined)
    expect(faultOfValue('ALERT_TELEGRAM_CHAT', 'me')).to.match(/a chat's number/)
    expect(faultOfValue('ALERT_TELEGRAM_CHAT', '@my_channel')).to.equal(undefined)
    expect(faultOfValue('ALERT_SLACK_WEBHOOK', 'slack')).to.match(/must be an http/)
  })

  const WRITTEN: [string, Record<string, string>, ChannelName[], Record<string, string>, Record<string, string>][] = [
    ['nothing, for no channel', {}, [], {}, {}],
    ['the webhook alone, for Discord', {}, ['discord'], WEBHOOK, WEBHOOK],
    ['the list, too, for another', {}, ['ntfy'], { ...NTFY, ...WEBHOOK }, { ...NTFY, ALERT_CHANNELS: 'ntfy' }],
    ['both, where one joins Discord', WEBHOOK, ['ntfy', 'discord'], NTFY, { ...NTFY, ALERT_CHANNELS: 'discord,ntfy' }],
    ['nothing that is there', { ALERT_CHANNELS: 'ntfy', ...NTFY }, ['ntfy'], NTFY, {}],
    [
      'a value in place of another',
      { ...NTFY, ALERT_CHANNELS: 'ntfy' },
      ['ntfy'],
      { ALERT_NTFY_URL: 'n' },
      { ALERT_NTFY_URL: 'n' },
    ],
    [
      'a list without what was left out',
      { ALERT_CHANNELS: 'ntfy,email' },
      ['ntfy'],
      NTFY,
      { ...NTFY, ALERT_CHANNELS: 'ntfy' },
    ],
    ['an empty list where all were left out', { ALERT_CHANNELS: 'email' }, [], {}, { ALERT_CHANNELS: '' }],
    ['nothing where Discord was left out', WEBHOOK, [], WEBHOOK, {}],
  ]
  for (const [what, before, channels, values, written] of WRITTEN)
    it(`is written as ${what}`, () => expect(alertSettings(before, channels, values)).to.deep.equal(written))
})
