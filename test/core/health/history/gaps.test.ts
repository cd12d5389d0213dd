import { expect } from 'chai'
import { gapsBetween } from '#core/health/history/gaps.js'

const at = (time: string) => Date.parse(`2026-03-01T${time}Z`)
const entry = (time: string, kind: string, more: object = {}) => ({ time: `2026-03-01T${time}Z`, kind, ...more })

describe('the time in which no bot ran', () => {
  const gaps = (entries: ReturnType<typeof entry>[], booted = '08:00:00') =>
    gapsBetween(at('10:00:00'), at('12:00:00'), entries, at(booted)).map(({ from, to, kind }) => [
      new Date(from).toISOString().slice(11, 16),
      new Date(to).toISOString().slice(11, 16),
      kind,
    ])

  it('is an outage where nothing is known, as after a power cut', () => {
    expect(gaps([entry('09:00:00', 'bot.start')])).to.deep.equal([['10:00', '12:00', 'failingMs']])
  })

  it('is one on purpose after a stop that somebody asked for, which was written a moment before', () => {
    expect(gaps([entry('09:00:00', 'bot.start'), entry('09:59:59', 'bot.stop')])).to.deep.equal([
      ['10:00', '12:00', 'stoppedMs'],
    ])
  })

  it('is an outage after a crash, and from a start that did not come up', () => {
    expect(gaps([entry('10:00:00', 'bot.crash')])).to.deep.equal([['10:00', '12:00', 'failingMs']])
    expect(gaps([entry('10:00:00', 'bot.stop'), entry('11:00:00', 'bot.start')])).to.deep.equal([
      ['10:00', '11:00', 'stoppedMs'],
      ['11:00', '12:00', 'failingMs'],
    ])
  })

  it('is an outage where the watchdog stopped it to restart it', () => {
    const restart = entry('09:58:00', 'incident', { state: 'restarting' })
    expect(gaps([restart, entry('10:00:01', 'bot.stop')])).to.deep.equal([['10:00', '12:00', 'failingMs']])
  })

  const stop = entry('10:00:01', 'bot.stop', { asked_by: 'SIGTERM' })

  it('is not known while the machine was off after a stop that nobody is known to have asked for', () => {
    expect(gaps([stop], '11:58:00')).to.deep.equal([
      ['10:00', '10:00', 'failingMs'],
      ['11:58', '12:00', 'failingMs'],
    ])
  })

  for (const [how, entries] of Object.entries({
    'the service was stopped before it': [entry('09:59:50', 'service.stop', { role: 'bot' }), stop],
    'the service was stopped, which was written down after it': [stop, entry('10:00:03', 'service.stop')],
    'somebody pressed Ctrl-C': [entry('10:00:01', 'bot.stop', { asked_by: 'SIGINT' })],
  }))
    it(`is one on purpose although the machine was off, too, where ${how}`, () => {
      expect(gaps(entries, '11:58:00')).to.deep.include(['10:00', '12:00', 'stoppedMs'])
    })

  it('is an outage where the machine was off after a power cut, or a crash', () => {
    for (const entries of [[entry('09:00:00', 'bot.start')], [entry('10:00:00', 'bot.crash')]])
      expect(gaps(entries, '11:58:00')).to.deep.equal([['10:00', '12:00', 'failingMs']])
  })

  it('takes no notice of an entry without a time', () => {
    expect(gaps([{ time: 'x', kind: 'bot.stop' }])).to.deep.equal([['10:00', '12:00', 'failingMs']])
  })

  it('ends now, whatever times the entries have', () => {
    expect(gaps([entry('10:30:00', 'bot.stop'), entry('23:00:00', 'bot.start')])).to.deep.equal([
      ['10:00', '10:30', 'failingMs'],
      ['10:30', '12:00', 'stoppedMs'],
    ])
  })
})
