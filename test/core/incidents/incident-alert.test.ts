import { expect } from 'chai'
import { embedOf } from '#core/alerts/channels/discord.js'
import { type Incident, openIncident } from '#core/incidents/incident.js'
import { incidentAlert } from '#core/incidents/incident-alert.js'
import { duration } from '#core/text.js'
import { expectGolden } from '../../support/golden.js'

describe('the alert of an incident', () => {
  const facts = { bot: 'NewsBot', environment: 'production', host: 'vm', release: null }
  const NOON = Date.parse('2026-03-01T12:00:00Z')
  const ended: Incident = { ...openIncident('ended', NOON, 3, NOON - 60_000), ends: 1 }

  it('matches the golden file in each state of the incident', () => {
    const usedUp = { why: 'restarts_used_up', limit: 3, nextRestartAt: ended.id + 1_800_000 } as const
    const switchedOff = { why: 'restarts_switched_off', limit: 3 } as const
    const notRetried = { why: 'not_retried', limit: 3 } as const
    const incidents: Incident[] = [
      ended,
      { ...ended, ends: 7, exit: null },
      { ...ended, state: 'recovered', recoveredAt: ended.id + 192_000 },
      { ...ended, why: 'silent', state: 'restarting', restartsBegun: 1, restarts: 0 },
      { ...ended, why: 'hangs', state: 'recovered', restartsBegun: 1, restarts: 1, recoveredAt: ended.id + 192_000 },
      { ...ended, why: 'hangs', state: 'needs_attention', restartsBegun: 3, restarts: 3, attention: usedUp },
      { ...ended, why: 'hangs', state: 'needs_attention', attention: switchedOff },
      { ...ended, why: 'settings', state: 'needs_attention', exit: 78, attention: notRetried },
      { ...ended, why: 'settings', state: 'needs_attention', exit: 77, attention: notRetried },
      { ...ended, why: 'settings', state: 'recovered', exit: null, recoveredAt: ended.id + 192_000 },
      { ...ended, why: 'memory', state: 'detected', memory: { used_mb: 512.4, limit_mb: 300 } },
      { ...ended, why: 'down', state: 'detected' },
    ]
    const text = incidents
      .map((incident) => JSON.stringify(embedOf(incidentAlert(incident, facts, undefined), ended.id), null, 2))
      .join('\n')
    expectGolden('watchdog/messages.txt', `${text}\n`)
  })

  it("stays within Discord's limits, whatever it is given", () => {
    const long = { ...facts, bot: 'x'.repeat(1000), environment: 'y'.repeat(1000) }
    const { title, fields, footer } = embedOf(incidentAlert(ended, long, '```'.repeat(2000)), ended.id)
    expect(title).to.have.length(256)
    expect(footer.text).to.have.length(256)
    for (const { value } of fields) expect(value.length).to.be.at.most(1024)
    expect(fields[1]?.value.slice(4, -4)).to.not.contain('```')
  })

  it('says how many restarts of a used-up budget were made for earlier incidents', () => {
    const attention = { why: 'restarts_used_up', limit: 3 } as const
    const incident: Incident = { ...ended, why: 'hangs', state: 'needs_attention', restartsBegun: 1, attention }
    expect(incidentAlert(incident, facts, undefined).description).to.match(
      /are used up, 2 of them by earlier incidents\.$/,
    )
    const one = { ...incident, restartsBegun: 0, attention: { ...attention, limit: 1 } }
    expect(incidentAlert(one, facts, undefined).description).to.match(/ is used up, by an earlier incident\.$/)
  })

  it('says how long it lasted', () => {
    const cases: [number, string][] = [
      [0, '0 s'],
      [999, '1 s'],
      [61_000, '1 min 1 s'],
      [3_600_000, '1 h'],
      [90_061_000, '1 d 1 h'],
    ]
    for (const [ms, text] of cases) expect(duration(ms)).to.equal(text)
  })
})
