import { join } from 'node:path'
import { expect } from 'chai'
import { type Alert, isAlert, redacted } from '#core/alerts/alert.js'
import { embedOf } from '#core/alerts/channels/discord.js'
import { AlertStore } from '#core/alerts/store.js'
import { tempFolder } from '../../support/temp.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const SECRET = 'a-secret-of-mine'
const hide = (text: string) => text.replaceAll(SECRET, '[hidden]')

function long(text: string): Alert {
  const fields = Array.from({ length: 30 }, () => ({ name: text, value: text, as: 'code' as const }))
  return { title: text, description: text, tone: 'bad', fields, footer: text }
}

describe('an alert', () => {
  it('shows no half of a secret that lies where it is cut', () => {
    for (let length = 980; length < 1001; length++) {
      const text = 'x'.repeat(length) + SECRET.repeat(300)
      const shown = JSON.stringify(embedOf(redacted(long(text), hide), NOON))
      expect(shown, String(length)).to.not.include(SECRET.slice(0, 8))
    }
  })

  it('has a limited length on disk, whatever it is given', () => {
    const alert = redacted(long('\u0000'.repeat(100_000)), hide)
    expect(isAlert(alert)).to.equal(true)
    const folder = join(tempFolder(), 'alerts')
    new AlertStore(folder).add('a', NOON, alert)
    expect(new AlertStore(folder).waiting(), 'nor is it too long to be read').to.have.length(1)
    expect(JSON.stringify(alert).length).to.be.below(200_000)
  })

  it("stays within Discord's limit of 6000 characters in all", () => {
    const { title, description, fields, footer, timestamp } = embedOf(long('x'.repeat(4000)), NOON)
    const all = [title, description, footer.text, ...fields.flatMap(({ name, value }) => [name, value])]
    expect(all.join('').length).to.be.at.most(6000)
    expect(fields.length).to.be.within(2, 25)
    for (const { value } of fields) expect(value.length).to.be.at.most(1024)
    expect(timestamp).to.equal('2026-03-01T12:00:00.000Z')
  })
})
