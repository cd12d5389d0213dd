import { expect } from 'chai'
import type { Outcome } from '#core/alerts/channels/channel.js'
import { afterTry, type Fate, nextDue, type Pending, type Schedule, scheduleOf } from '#core/alerts/schedule.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const SECOND = 1000
const DAY = 24 * 60 * 60_000
const FAILED: Outcome = { kind: 'failed', why: 'HTTP 500' }
const SENT: Outcome = { kind: 'sent', message: '1' }

/** A queue whose every try has the outcome that `outcomeOf` says, and both clocks of which start at their zero. */
class Simulation {
  schedule: Schedule = scheduleOf({}, 0)
  now = 0
  waiting: Pending[]
  readonly tries: { id: string; at: number; fate: Fate['kind'] }[] = []
  readonly news: string[] = []

  constructor(...ids: string[]) {
    this.waiting = ids.map((id) => ({ id, at: NOON }))
  }

  run(untilMs: number, outcomeOf: (id: string, now: number) => Outcome): void {
    while (this.now <= untilMs && this.waiting.length > 0) {
      const next = nextDue(this.waiting, this.schedule, this.now)
      if ('inMs' in next) {
        expect(next.inMs, 'a pause').to.be.above(0)
        this.now += next.inMs
        continue
      }
      const { id } = next.send
      const time = { now: this.now, wall: NOON + this.now }
      const { schedule, fate } = afterTry(this.schedule, next.send, outcomeOf(id, this.now), time)
      this.schedule = schedule
      this.tries.push({ id, at: this.now, fate: fate.kind })
      if (fate.kind !== 'waits') this.waiting = this.waiting.filter((one) => one.id !== id)
      if (fate.kind !== 'waits' || fate.isNews) this.news.push(`${id} ${fate.kind}`)
    }
  }

  triesOf(id: string): number[] {
    return this.tries.filter((one) => one.id === id).map(({ at }) => at)
  }
}

describe('the schedule of alerts', () => {
  it('sends them in the order in which they were made', () => {
    const queue = new Simulation('a', 'b', 'c')
    queue.run(0, () => SENT)
    expect(queue.tries.map(({ id }) => id)).to.deep.equal(['a', 'b', 'c'])
  })

  it('lets an alert that always fails hold up no other, made before or after it', () => {
    const queue = new Simulation('bad', 'good')
    queue.run(0, (id) => (id === 'bad' ? FAILED : SENT))
    expect(queue.news).to.deep.equal(['bad waits', 'good delivered'])
    queue.run(1000 * SECOND, () => FAILED)
    queue.waiting.push({ id: 'late', at: NOON + queue.now })
    const before = queue.tries.length
    queue.run(queue.now, (id) => (id === 'bad' ? FAILED : SENT))
    expect(queue.tries[before]).to.include({ id: 'late', fate: 'delivered' })
  })

  it('retries a failed alert with a backoff that doubles up to five minutes', () => {
    const queue = new Simulation('a')
    queue.run(1200 * SECOND, () => FAILED)
    const times = queue.triesOf('a')
    const pauses = times.slice(1).map((at, index) => (at - (times[index] as number)) / SECOND)
    expect(pauses).to.deep.equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].slice(0, pauses.length))
    expect(pauses.length).to.be.above(9)
  })

  it('gives an alert up after a day, and reports it once', () => {
    const queue = new Simulation('a')
    queue.run(2 * DAY, () => FAILED)
    expect(queue.news).to.deep.equal(['a waits', 'a given up'])
    expect(queue.now).to.be.within(DAY, DAY + 300 * SECOND)
    expect(queue.schedule.failures.size).to.equal(0)
  })

  it('gives an alert up after a day of rate limits, too', () => {
    const queue = new Simulation('a')
    queue.run(2 * DAY, () => ({ kind: 'limited', retryMs: 3600 * SECOND }))
    expect(queue.news).to.deep.equal(['a waits', 'a given up'])
    expect(queue.triesOf('a').length).to.be.below(30)
  })

  it('gives an alert up at once that is refused for good', () => {
    const queue = new Simulation('a', 'b')
    queue.run(0, (id) => (id === 'a' ? { kind: 'refused', why: 'HTTP 400' } : SENT))
    expect(queue.news).to.deep.equal(['a given up', 'b delivered'])
  })

  it('tries an old alert five times before it gives it up, as after days without power', () => {
    const queue = new Simulation('a')
    queue.now = 3 * DAY
    queue.schedule = scheduleOf({}, queue.now)
    queue.run(4 * DAY, () => FAILED)
    expect(queue.triesOf('a')).to.have.length(5)
    expect(queue.tries.at(-1)?.fate).to.equal('given up')
  })

  it('pauses all alerts for as long as a rate limit asks', () => {
    const queue = new Simulation('a', 'b')
    queue.run(60 * SECOND, (_, now) => (now === 0 ? { kind: 'limited', retryMs: 5 * SECOND } : SENT))
    expect(queue.tries.map(({ at }) => at)).to.deep.equal([0, 5 * SECOND, 5 * SECOND])
  })

  it('reports no short rate limit, and a long one once', () => {
    const limited = (retryMs: number) => {
      const queue = new Simulation('a')
      queue.run(DAY, (_, now) =>
        now < 4 * 3600 * SECOND && queue.tries.length < 3 ? { kind: 'limited', retryMs } : SENT,
      )
      return queue.news
    }
    expect(limited(100)).to.deep.equal(['a delivered'])
    expect(limited(3600 * SECOND)).to.deep.equal(['a waits', 'a delivered'])
  })

  it('asks a destination that names no time less and less often', () => {
    const queue = new Simulation('a')
    queue.run(3600 * SECOND, () => ({ kind: 'limited', retryMs: 0 }))
    expect(queue.tries.length).to.be.within(10, 25)
  })

  it('sends a message anew at once that was deleted', () => {
    const queue = new Simulation('a')
    queue.run(0, () => (queue.tries.length === 0 ? { kind: 'gone' } : SENT))
    expect(queue.tries.map(({ fate }) => fate)).to.deep.equal(['waits', 'delivered'])
  })

  it('begins with the failures of before, and does not report them again', () => {
    const queue = new Simulation('a')
    queue.schedule = scheduleOf({ a: { since: NOON, tries: 7, why: 'HTTP 500', isTold: true } }, 0)
    queue.run(0, () => FAILED)
    expect(queue.triesOf('a')).to.deep.equal([0])
    expect(queue.news).to.deep.equal([])
  })
})
