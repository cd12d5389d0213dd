import { expect } from 'chai'
import { restartsSince, storiesOf } from '#core/condition/page-facts.js'
import { openIncident } from '#core/incidents/incident.js'
import type { IncidentRecord } from '#core/incidents/store.js'

const DAY = Date.parse('2026-03-01T00:00:00Z')
const at = (time: string) => Date.parse(`2026-03-01T${time}Z`)
const entry = (time: string, kind: string, more: object = {}) => ({ time: `2026-03-01T${time}Z`, kind, ...more })

describe('the facts of the status page', () => {
  const stories = (entries: ReturnType<typeof entry>[], records: IncidentRecord[] = []) =>
    storiesOf({ from: DAY, to: DAY + 24 * 3_600_000, now: at('23:00:00'), records, entries })
  const incident = (more: Partial<IncidentRecord>): IncidentRecord => ({
    ...openIncident('hangs', at('03:00:00')),
    events: [],
    ...more,
  })

  it('tell an incident from its beginning to its end, with its story', () => {
    const record = incident({ state: 'recovered', recoveredAt: at('03:06:00') })
    expect(stories([], [record])).to.deep.equal([
      {
        at: at('03:00:00'),
        until: at('03:06:00'),
        tone: 'warn',
        title: 'Incident: hangs',
        outcome: 'recovered after 6 min',
        text: 'It answered, but its work stood still. It works again.',
      },
    ])
  })

  it('tell one that is open, or that began on another day, on each of its days', () => {
    const old = { id: DAY - 3_600_000, since: DAY - 3_600_000 }
    const [open] = stories([], [incident({ ...old, state: 'restarting' })])
    expect(open).to.include({ tone: 'bad', outcome: 'is being restarted' })
    expect(stories([], [incident({ ...old, state: 'recovered', recoveredAt: DAY - 1 })])).to.deep.equal([])
    expect(stories([], [incident({ since: DAY + 25 * 3_600_000 })])).to.deep.equal([])
  })

  it('tell a deployment with its outcome', () => {
    const end = {
      what: 'deployment',
      release: 'v2-1a',
      outcome: 'rolled_back',
      active: 'v1-2b',
      seconds: 60,
      reason: 'it crashed',
    }
    expect(stories([entry('10:01:00', 'deploy.step'), entry('10:02:00', 'deploy.end', end)])).to.deep.equal([
      {
        at: at('10:01:00'),
        until: at('10:02:00'),
        tone: 'warn',
        title: 'Deployment of v2-1a',
        outcome: 'rolled back',
        text: 'After 60 s, active is v1-2b: it crashed.',
      },
    ])
  })

  it('tell a stop on purpose, but no restart', () => {
    const stop = (time: string) => entry(time, 'bot.stop', { asked_by: 'SIGTERM', ran_seconds: 9 })
    const start = (time: string) => entry(time, 'bot.start')
    const told = stories([stop('08:00:00'), start('08:00:04'), stop('09:00:00'), start('11:00:00'), stop('12:00:00')])
    expect(told.map(({ at, until }) => [at, until])).to.deep.equal([
      [at('09:00:00'), at('11:00:00')],
      [at('12:00:00'), undefined],
    ])
  })

  it('tell the last ones of a day that has hundreds', () => {
    const many = Array.from({ length: 300 }, (_, minute) => {
      const time = new Date(DAY + minute * 60_000).toISOString().slice(11, 19)
      return entry(time, 'deploy.recover', { what: 'deployment', release: 'v2', direction: 'back' })
    })
    const told = stories(many)
    expect([told.length, told.at(-1)?.at]).to.deep.equal([50, DAY + 299 * 60_000])
  })

  it('count restarts and unexpected exits, but not the very first start', () => {
    const entries = [entry('01:00:00', 'bot.start'), entry('02:00:00', 'bot.crash'), entry('02:00:05', 'bot.start')]
    expect(restartsSince(entries, DAY)).to.deep.equal({ restarts: 1, unexpected: 1 })
    expect(restartsSince(entries, at('02:00:01'))).to.deep.equal({ restarts: 1, unexpected: 0 })
    expect(restartsSince(entries.slice(1), DAY)).to.deep.equal({ restarts: 1, unexpected: 1 })
    expect(restartsSince([], DAY)).to.deep.equal({ restarts: 0, unexpected: 0 })
  })
})
