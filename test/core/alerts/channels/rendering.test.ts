import { createHmac } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Alert } from '#core/alerts/alert.js'
import { embedOf } from '#core/alerts/channels/discord.js'
import { mailOf } from '#core/alerts/channels/email.js'
import { ntfyMessage } from '#core/alerts/channels/ntfy.js'
import { slackMessage, slackUpdate } from '#core/alerts/channels/slack.js'
import { telegramHtml } from '#core/alerts/channels/telegram.js'
import { signed, webhookAlert } from '#core/alerts/channels/webhook.js'
import { aHostileAlert, anAlert } from '../../../support/builders/alert.js'
import { expectGolden } from '../../../support/golden.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const ID = 'incident-1772366400000'
const STEERS = /[^\P{Cc}\t\n]|\u202e/u

const json = (value: unknown) => JSON.stringify(value, null, 2)

function mail(alert: Alert, sent?: string) {
  return mailOf({ id: ID, at: NOON, alert, sent }, 'bot@example.com', ['me@example.com'])
}

/** Each channel's message as one text. */
const RENDERED: readonly [string, (alert: Alert) => string][] = [
  ['discord', (alert) => json(embedOf(alert, NOON))],
  ['telegram', telegramHtml],
  ['slack', (alert) => `${json(slackMessage(alert))}\n${json(slackUpdate(alert))}`],
  ['ntfy', (alert) => json(ntfyMessage(alert, 'topic', ID))],
  ['webhook', (alert) => json(webhookAlert({ id: ID, at: NOON, alert }))],
  [
    'email',
    (alert) =>
      `${json({ ...mail(alert), text: '' })}\n${mail(alert).text}\n${mail(alert, '1.warning.0a0b0c0d').subject}`,
  ],
]

describe('the message of an alert', () => {
  for (const [channel, rendered] of RENDERED)
    it(`on ${channel} matches its golden file, also where each word is hostile`, () => {
      expectGolden(`alerts/${channel}.txt`, `${rendered(anAlert())}\n`)
      expectGolden(`alerts/${channel}-hostile.txt`, `${rendered(aHostileAlert())}\n`)
    })

  it('on Telegram has no markup but ours, no mention and no link', () => {
    const html = telegramHtml(aHostileAlert())
    const tags = html.match(/<[^>]*>/g) ?? []
    expect(new Set(tags.map((tag) => tag.replace('/', '')))).to.deep.equal(new Set(['<b>', '<i>', '<pre>']))
    const outside = html.replace(/<pre>[\s\S]*?<\/pre>/g, '')
    expect(outside).to.not.match(/(?<!\w)[@#/](?=\w)(?<!<\/)/)
    expect(html).to.not.match(STEERS)
  })

  it('on Slack has no markup but ours, and no mention', () => {
    for (const message of [slackMessage(aHostileAlert()), slackUpdate(aHostileAlert())]) {
      const marked: string[] = [(message as { text: string }).text]
      JSON.stringify(message, (_, value) => {
        if (value?.type === 'mrkdwn') marked.push(value.text)
        return value
      })
      expect(marked.join()).to.not.match(/<(?!!date\^)/)
      expect(json(message)).to.not.match(STEERS)
    }
  })

  it('in a mail adds no header, and steers no terminal', () => {
    const { subject, text } = mail(aHostileAlert())
    expect(subject).to.not.match(/[\r\n]/)
    expect(text).to.not.match(STEERS)
  })

  it('has no half of a character, which a channel would refuse for good', () => {
    const broken = aHostileAlert(`${'x'.repeat(98)}\ud83d broken \ude00 and whole 😀`)
    for (const [channel, rendered] of RENDERED) {
      const text = rendered(broken)
      expect(text, channel).to.not.match(/\p{Cs}|\\ud[89a-f]/u)
      expect(text, channel).to.contain('broken \ufffd and whole 😀')
    }
  })

  it('keeps to the limits of each channel, whatever it is given', () => {
    const check = (text: string) => {
      const alert = aHostileAlert(text)
      const html = telegramHtml(alert)
      const shown = html.replace(/<[^>]+>/g, '').replace(/&\w+;/g, 'x')
      expect(shown.length, 'Telegram').to.be.at.most(4096)
      const slack = slackMessage(alert) as { blocks: { type: string; text?: { text: string } }[] }
      for (const { type, text } of slack.blocks)
        expect(text?.text.length ?? 0, 'Slack').to.be.at.most(type === 'header' ? 150 : 3000)
      const { message } = ntfyMessage(alert, 'topic', ID) as { message: string }
      expect(Buffer.byteLength(message), 'ntfy').to.be.below(4096)
      expect(Buffer.from(message).toString(), 'half a character').to.equal(message)
      expect(mail(alert).subject.length, 'e-mail').to.be.at.most(200)
      const { title, description, fields, footer } = embedOf(alert, NOON)
      const all = [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])]
      expect(all.join('').length, 'Discord').to.be.at.most(6000)
    }
    for (const part of ['x', '<&>', '😀', '\u0000', ' @a', '```', '\r\n']) check(part.repeat(3000))
    const text = fc.string({ unit: 'binary', maxLength: 6000, size: 'max' })
    fc.assert(fc.property(text, check), { numRuns: 50 })
  })
})

describe('the mails of an alert', () => {
  it('have one subject, and name the first one', () => {
    const first = mail(anAlert())
    const second = mail(anAlert({ title: 'NewsBot: recovered', tone: 'good' }), '1.warning.0a0b0c0d')
    expect(first.subject).to.equal('[NewsBot] incident 20260301T120000000Z-hangs')
    expect(second.subject).to.equal(`Re: ${first.subject}`)
    expect(second.inReplyTo).to.equal(first.messageId)
    expect(second.messageId).to.not.equal(first.messageId)
    expect(second.text).to.match(/^NewsBot: recovered\n/)
    expect(mail(anAlert()).messageId, 'the same where it is sent once more').to.equal(first.messageId)
  })
})

describe('the signature of a webhook', () => {
  const post = { name: 'incident-1-2', seconds: 1_772_366_400, body: '{"version":1}' }
  const expected = (key: Buffer) =>
    `v1,${createHmac('sha256', key).update('incident-1-2.1772366400.{"version":1}').digest('base64')}`

  it('is that of Standard Webhooks, with a secret in base64 or any other', () => {
    const key = Buffer.from('0123456789abcdef')
    expect(signed(post, `whsec_${key.toString('base64')}`)).to.deep.equal({
      'webhook-id': 'incident-1-2',
      'webhook-timestamp': '1772366400',
      'webhook-signature': expected(key),
    })
    expect(signed(post, 'a-word')['webhook-signature']).to.equal(expected(Buffer.from('a-word')))
  })

  it('is left out without a secret', () => {
    expect(signed(post, undefined)).to.have.all.keys('webhook-id', 'webhook-timestamp')
  })
})
