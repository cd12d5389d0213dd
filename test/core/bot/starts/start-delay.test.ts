import { expect } from 'chai'
import { DAY_MS, startHistory } from '#core/bot/starts/history.js'
import { delayText, type StartTime, startDelay } from '#core/bot/starts/start-delay.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { anEntry } from '../../../support/builders/journal-entry.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')
const LIMITS = { startsPerDay: 500 }

/** Returns an entry of some seconds after noon. */
function at(seconds: number, kind: string, details: Record<string, unknown> = {}): JournalEntry {
  return anEntry(kind, { time: new Date(NOON + seconds * 1000).toISOString(), ...details })
}

/** Returns runs of a second, one each 2 s from noon on, that crashed. */
function crashes(count: number, exit: Record<string, unknown> = { exit: 1 }): JournalEntry[] {
  return Array.from({ length: count }, (_, n) => [
    at(2 * n, 'bot.start', { release: 'v1' }),
    at(2 * n + 1, 'bot.exit', { ran_seconds: 1, ...exit }),
  ]).flat()
}

/** Returns the delay, in seconds from then on, of a start that many seconds after noon; 0: none. */
function delay(
  entries: readonly JournalEntry[],
  seconds: number,
  {
    isFresh = false,
    random = 0,
    limits = LIMITS,
  }: Partial<StartTime> & { random?: number; limits?: typeof LIMITS } = {},
): number {
  const now = NOON + seconds * 1000
  const found = startDelay(startHistory(entries, now), { now, isFresh }, limits, random)
  return found === undefined ? 0 : (found.until - now) / 1000
}

describe('the delay of a start', () => {
  it('is none for the first three, then doubles from 10 s to 8 minutes, and with chance to 10', () => {
    const delays = (random: number) =>
      [0, 1, 2, 3, 4, 5, 8, 9, 200].map((count) => delay(crashes(count), 2 * count - 1, { random }))
    expect(delays(0)).to.deep.equal([0, 0, 0, 10, 20, 40, 320, 480, 480])
    expect(delays(1)).to.deep.equal([0, 0, 0, 12.5, 25, 50, 400, 600, 600])
  })

  it('begins with the exit, so that no restart of what waits makes it longer', () => {
    expect(delay(crashes(4), 7 + 15)).to.equal(5)
    expect(delay(crashes(4), 7 + 20)).to.equal(0)
    const killedWhileItWaited = [...crashes(4), at(12, 'bot.wait'), at(15, 'bot.lost')]
    expect(delay(killedWhileItWaited, 15)).to.equal(12)
  })

  it('says why, and until when', () => {
    const now = NOON + 7000
    const text = (exit: Record<string, unknown>) => {
      const found = startDelay(startHistory(crashes(4, exit), now), { now, isFresh: false }, LIMITS, 0)
      return found && delayText(found, now).replace(/\d\d:\d\d:\d\d/, 'HH:MM:SS')
    }
    expect(text({ exit: 1 })).to.equal(
      'waits until HH:MM:SS before the next start: it exited 4 times within minutes (exit code 1)',
    )
    expect(text({ exit: null })).to.contain('within minutes (it was killed)')
    expect(text({ exit: 1, error: "KeyError: 'token'" })).to.contain("within minutes (exit code 1): KeyError: 'token'")
  })

  it('names the day where it is long', () => {
    expect(delayText({ until: NOON + DAY_MS, reason: 'x' }, NOON)).to.match(/until 2026-03-0[12] \d\d:\d\d:\d\d before/)
  })

  const none: [string, readonly JournalEntry[]][] = [
    ['after a stop', [...crashes(4), at(8, 'bot.start', { release: 'v1' }), at(9, 'bot.stop')]],
    ['after a stop while it waited', [...crashes(4), at(8, 'bot.stop')]],
    ['after a drill', [...crashes(4), at(8, 'bot.start', { release: 'v1' }), at(9, 'drill'), at(9, 'bot.crash')]],
    ['that a person orders', [...crashes(4), at(8, 'service.restart', { role: 'bot' })]],
    ['of a deployment', [...crashes(4), at(8, 'deploy.step', { step: 'restart', state: 'begin' })]],
    ['of a rollback', [...crashes(4), at(8, 'deploy.step', { step: 'restart', state: 'undoing' })]],
    ['after a run of 10 minutes', [...crashes(4), at(60, 'bot.start', { release: 'v1' }), at(660, 'bot.lost')]],
    ['of another version', [...crashes(4), at(8, 'bot.start', { release: 'v2' }), at(9, 'bot.crash')]],
    ['that fails before the bot is started', [0, 1, 2, 3, 4, 5].map((n) => at(n, 'bot.crash', { exit: 75 }))],
    ['after runs of --once', crashes(6).map((entry) => ({ ...entry, once: true }))],
  ]
  for (const [what, entries] of none) {
    it(`is none for a start ${what}`, () => {
      const last = Date.parse(entries.at(-1)?.time ?? '')
      expect(delay(entries, (last - NOON) / 1000)).to.equal(0)
    })
  }

  it('counts an order once, and none that is for the watchdog', () => {
    const ordered = at(8, 'service.start', { role: 'bot' })
    const again = [at(9, 'bot.start', { release: 'v1' }), at(10, 'bot.exit', { ran_seconds: 1 })]
    expect(delay([...crashes(4), ordered, ...again], 10)).to.equal(40)
    expect(delay([...crashes(4), at(8, 'service.start', { role: 'watchdog' })], 8)).to.equal(19)
  })

  it('does not take the time of a wait for a run', () => {
    const waited = [...crashes(4), at(8, 'bot.wait'), at(700, 'bot.start', { release: 'v1' })]
    expect(delay([...waited, at(701, 'bot.exit', { ran_seconds: 1 })], 701)).to.equal(40)
  })

  it('begins anew after a good run, also one that somebody stopped, or a drill ended', () => {
    const crash = [at(4003, 'bot.start', { release: 'v1' }), at(4004, 'bot.exit', { ran_seconds: 1 })]
    const run = (...end: JournalEntry[]) => [...crashes(4), at(60, 'bot.start', { release: 'v1' }), ...end, ...crash]
    const drill = [at(3999, 'drill'), at(4000, 'bot.exit', { ran_seconds: 3940 })]
    expect(delay(run(at(4000, 'bot.stop', { ran_seconds: 3940 })), 4004)).to.equal(0)
    expect(delay(run(...drill), 4004)).to.equal(0)
    expect(delay(run(at(90, 'bot.stop', { ran_seconds: 30 })), 4004)).to.equal(40)
  })

  it('counts a run whose exit nobody wrote down', () => {
    const starts = [0, 2, 4, 6].map((seconds) => at(seconds, 'bot.start', { release: 'v1' }))
    expect(delay(starts, 8)).to.equal(18)
    expect(delay(starts, 700)).to.equal(0)
  })

  it('is no longer than the backoff where the clock was set back', () => {
    expect(delay(crashes(4), -86_000)).to.equal(20)
  })

  it('keeps a pace once half of the day is used up', () => {
    const limits = { startsPerDay: 10 }
    const settled = (hours: number) => [
      at(hours * 3600, 'bot.start', { release: 'v1' }),
      at(hours * 3600 + 601, 'bot.exit', { ran_seconds: 601 }),
    ]
    const some = [0, 1, 2, 3].flatMap(settled)
    expect(delay(some, 3 * 3600 + 601, { limits })).to.equal(0)
    expect(delay([...some, ...settled(4)], 4 * 3600 + 601, { limits })).to.equal(4.8 * 3600 - 601)
  })

  describe('of a fresh one', () => {
    it('is none until the starts of the day are used up, then until the oldest is a day ago', () => {
      const limits = { startsPerDay: 10 }
      expect(delay(crashes(9), 18, { isFresh: true, limits })).to.equal(0)
      expect(delay(crashes(10), 20, { isFresh: true, limits })).to.equal(DAY_MS / 1000 - 20)
      expect(delay(crashes(12), 24, { isFresh: true, limits })).to.equal(DAY_MS / 1000 - 20)
      const ordered = [...crashes(12), at(24, 'service.start', { role: 'bot' })]
      expect(delay(ordered, 24, { limits })).to.equal(0)
    })
  })
})
