import { expect } from 'chai'
import { workedShare } from '#core/health/history/bucket.js'
import {
  dayName,
  History,
  HOUR_MS,
  hourOf,
  lastDays,
  MAXIMUM_HOURS,
  MAXIMUM_MINUTES,
  MINUTE_MS,
} from '#core/health/history/history.js'

const NOON = Date.parse('2026-03-01T12:00:30Z')

describe('the history of a bot', () => {
  const zone = process.env.TZ
  afterEach(() => {
    process.env.TZ = zone
  })

  it('adds up counts, and keeps the largest of what is measured', () => {
    const history = new History()
    history.add(NOON, { cycles: 2, memoryMb: 90, delayMs: 4 })
    history.add(NOON + 1000, { cycles: 1, memoryMb: 80, delayMs: 30 })
    const [{ bucket } = { bucket: undefined }] = history.spans(NOON, 1, 1)
    expect(bucket).to.include({ cycles: 3, memoryMb: 90, delayMs: 30 })
  })

  it('tells spans of several minutes, the last one with now in it, and what is not known as such', () => {
    const history = new History()
    history.add(NOON - 20 * MINUTE_MS, { cycles: 5 })
    history.add(NOON - 18 * MINUTE_MS, { cycles: 7 })
    const spans = history.spans(NOON, 3, 15)
    expect(spans.map(({ at, bucket }) => [new Date(at).toISOString().slice(11, 16), bucket?.cycles])).to.deep.equal([
      ['11:30', 12],
      ['11:45', undefined],
      ['12:00', undefined],
    ])
  })

  it('tells local days, of 23, 24 or 25 hours', () => {
    process.env.TZ = 'Europe/Berlin'
    const days = lastDays(Date.parse('2026-03-30T10:00:00Z'), 3)
    expect(days.map(({ name, from, to }) => [name, (to - from) / HOUR_MS])).to.deep.equal([
      ['2026-03-28', 24],
      ['2026-03-29', 23],
      ['2026-03-30', 24],
    ])
  })

  it('begins an hour with the local clock, so that a day is made of whole hours', () => {
    process.env.TZ = 'Asia/Kolkata'
    const history = new History()
    const beforeMidnight = Date.parse('2026-03-01T18:29:00Z')
    history.add(beforeMidnight, { cycles: 1 })
    history.add(beforeMidnight + 2 * MINUTE_MS, { cycles: 10 })
    const [yesterday, today] = history.days(beforeMidnight + HOUR_MS).slice(-2)
    expect([yesterday?.bucket.cycles, today?.bucket.cycles]).to.deep.equal([1, 10])
    expect(hourOf(beforeMidnight) % HOUR_MS).to.equal(30 * MINUTE_MS)
  })

  it('tells the share of time that the bot worked, without that in which it was stopped on purpose', () => {
    const history = new History()
    history.add(NOON, { workingMs: 99, failingMs: 1, stoppedMs: 500 })
    const today = history.days(NOON).at(-1)
    expect(today?.name).to.equal(dayName(NOON))
    expect(today && workedShare(today.bucket)).to.equal(0.99)
  })

  it('puts a gap into every minute and hour that it covers', () => {
    const history = new History()
    history.addGap(NOON - 90 * MINUTE_MS, NOON, 'stoppedMs', NOON)
    const stopped = (buckets: Iterable<{ stoppedMs: number }>) =>
      [...buckets].reduce((sum, { stoppedMs }) => sum + stoppedMs, 0)
    expect(stopped(history.hours.values())).to.equal(90 * MINUTE_MS)
    expect(stopped(history.minutes.values())).to.equal(90 * MINUTE_MS)
    expect(history.minutes.size).to.equal(91)
  })

  it('takes a gap of years as one of 90 days', () => {
    const history = new History()
    history.addGap(0, NOON, 'failingMs', NOON)
    history.prune(NOON)
    expect([history.minutes.size, history.hours.size]).to.deep.equal([MAXIMUM_MINUTES, 90 * 24 + 1])
  })

  it('survives a clock that is years ahead for an hour', () => {
    const history = new History()
    for (let ago = MAXIMUM_HOURS; ago > 0; ago--) history.addHour(NOON - ago * HOUR_MS, { cycles: 1 })
    const later = NOON + 10 * 365 * 24 * HOUR_MS
    history.add(later, { cycles: 1 })
    history.prune(later)
    expect(history.hours.size).to.equal(MAXIMUM_HOURS)
    history.add(NOON, { cycles: 1 })
    history.prune(NOON)
    expect(history.hours.size).to.equal(MAXIMUM_HOURS)
    expect(history.hours.has(hourOf(later))).to.equal(false)
    const cycles = history.days(NOON).map(({ bucket }) => bucket.cycles)
    expect(cycles.reduce((sum, count) => sum + count)).to.be.within(90 * 24 - 13, 90 * 24)
  })
})
