import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { alertAddresses, alertChannels, topicOf } from '#core/config/alerts/alert-channels.js'
import { readConfig } from '#core/config/load.js'
import { tempFolder } from '../../../support/temp.js'

/** Reads the settings of a home with this `.env`. */
function configOf(env: string) {
  const home = tempFolder()
  fs.writeFileSync(join(home, '.env'), env)
  return readConfig(home, {})
}

describe('the alert channels', () => {
  it('are none by default, and Discord where only its webhook is set', () => {
    expect(alertChannels(configOf('').settings)).to.deep.equal([])
    const { settings, faults } = configOf('ADMIN_ALERT_WEBHOOK=https://discord.example/x\n')
    expect(alertChannels(settings)).to.deep.equal(['discord'])
    expect(faults).to.deep.equal([])
  })

  it('are those of ALERT_CHANNELS, and of those alone; a webhook that is left out is hinted at', () => {
    const { settings } = configOf('ALERT_CHANNELS=Telegram, email\nADMIN_ALERT_WEBHOOK=https://discord.example/x\n')
    expect(alertChannels(settings)).to.deep.equal(['telegram', 'email'])
    expect(configOf('ALERT_CHANNELS=pager\n').faults[0]).to.match(/^ALERT_CHANNELS .* must be one or more of discord, /)
  })

  const SOUND = [
    'ALERT_CHANNELS=telegram\nALERT_TELEGRAM_TOKEN=1:a\nALERT_TELEGRAM_CHAT=-1001234567890\n',
    'ALERT_CHANNELS=telegram\nALERT_TELEGRAM_TOKEN=1:a\nALERT_TELEGRAM_CHAT=@my_channel\n',
    'ALERT_CHANNELS=slack\nALERT_SLACK_WEBHOOK=https://hooks.slack.example/x\n',
    'ALERT_CHANNELS=ntfy\nALERT_NTFY_URL=https://ntfy.sh/my-topic\n',
    'ALERT_CHANNELS=webhook\nALERT_WEBHOOK_URL=https://example.com/\nALERT_WEBHOOK_SECRET=whsec_abcd\n',
    'ALERT_CHANNELS=email\nALERT_EMAIL_SMTP=smtps://u:p@mail.example\nALERT_EMAIL_FROM=a@b.example\nALERT_EMAIL_TO=c@d, e@f\n',
  ]
  for (const env of SOUND)
    it(`have no fault: ${env.replaceAll('\n', ' ')}`, () => expect(configOf(env).faults).to.deep.equal([]))

  const FAULTS: [string, RegExp][] = [
    ['ALERT_CHANNELS=discord\n', /names discord, which needs ADMIN_ALERT_WEBHOOK: set it in \.env$/],
    ['ALERT_CHANNELS=telegram\n', /needs ALERT_TELEGRAM_TOKEN and ALERT_TELEGRAM_CHAT: set them/],
    ['ALERT_CHANNELS=telegram\nALERT_TELEGRAM_TOKEN=1:a\nALERT_TELEGRAM_CHAT=me\n', /to be a chat's number/],
    ['ALERT_CHANNELS=slack\n', /needs ALERT_SLACK_WEBHOOK/],
    ['ALERT_CHANNELS=ntfy\nALERT_NTFY_URL=https://ntfy.sh\n', /needs a topic at the end of ALERT_NTFY_URL/],
    ['ALERT_CHANNELS=ntfy\nALERT_NTFY_URL=https://ntfy.sh/a/b\n', /needs a topic/],
    ['ALERT_CHANNELS=webhook\n', /needs ALERT_WEBHOOK_URL/],
    ['ALERT_CHANNELS=email\n', /needs ALERT_EMAIL_SMTP and ALERT_EMAIL_FROM and ALERT_EMAIL_TO: set them/],
    [SOUND[5]?.replace('smtps:', 'https:') ?? '', /to be an smtp:\/\/ or smtps:\/\/ address/],
    [
      SOUND[5]?.replace('u:p@', 'u:50%off@') ?? '',
      /each % in the user and password of ALERT_EMAIL_SMTP written as %25$/,
    ],
    [SOUND[4]?.replace('whsec_abcd', 'whsec_') ?? '', /base64 behind whsec_ in ALERT_WEBHOOK_SECRET/],
    [SOUND[4]?.replace('whsec_abcd', 'whsec_a-word_') ?? '', /base64 behind whsec_ in ALERT_WEBHOOK_SECRET/],
    [SOUND[5]?.replace('a@b.example', 'nobody') ?? '', /one address in ALERT_EMAIL_FROM/],
    [SOUND[5]?.replace('c@d', 'c@d>\\nBcc') ?? '', /addresses in ALERT_EMAIL_TO/],
  ]
  for (const [env, fault] of FAULTS)
    it(`have a fault that names what to set: ${env.replaceAll('\n', ' ')}`, () => {
      const { faults } = configOf(env)
      expect(faults).to.have.length(1)
      expect(faults[0]).to.match(fault)
    })

  it('name the addresses that tell whether the network is there', () => {
    const { settings } = configOf('ALERT_CHANNELS=telegram,slack,email\nALERT_SLACK_WEBHOOK=https://slack.example/x\n')
    expect(alertAddresses(settings)).to.deep.equal(['https://api.telegram.org', 'https://slack.example/x'])
  })

  it('of ntfy have a server and a topic', () => {
    expect(topicOf('https://ntfy.sh/my-topic/')).to.deep.equal({ server: 'https://ntfy.sh', topic: 'my-topic' })
    expect(topicOf('https://me:word@ntfy.example:8443/a_1')).to.deep.equal({
      server: 'https://me:word@ntfy.example:8443',
      topic: 'a_1',
    })
    for (const url of ['nonsense', 'https://ntfy.sh/', 'https://ntfy.sh/a.b']) expect(topicOf(url)).to.equal(undefined)
  })
})
