import { expect } from 'chai'
import { DAY_MS, startHistory } from '#core/bot/starts/history.js'
import { LONGEST_BACKOFF_MS, startDelay } from '#core/bot/starts/start-delay.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { nextPause } from '#core/watchdog/child.js'

const BEGIN = Date.parse('2026-03-01T12:00:00Z')

/** Returns the pause of a supervisor between an exit and the next start, by how many short runs there were in a row. */
type Supervisor = (shortRuns: number) => number

const SUPERVISORS: Readonly<Record<string, Supervisor>> = {
  'systemd without a delay': () => 0,
  'NSSM with 2 s': () => 2000,
  'launchd and systemd with 10 s': () => 10_000,
  "the watchdog's child without a delay": (shortRuns) => nextPause(shortRuns, 0, 10_000),
  "the watchdog's child with 10 s": (shortRuns) => nextPause(shortRuns, 10_000, 10_000),
}

interface Loop {
  /** Returns the seconds for which the nth run lives. */
  readonly life: (n: number) => number
  readonly supervisor?: Supervisor
  readonly startsPerDay?: number
  readonly random?: (n: number) => number
  readonly exit?: string
}

/** Lets a bot crash for two days. Returns the times of its starts, and the longest time from an exit to the next start. */
function simulate({ life, supervisor = () => 0, startsPerDay = 500, random = () => 0, exit = 'bot.exit' }: Loop) {
  const entries: JournalEntry[] = []
  const starts: number[] = []
  let now = BEGIN
  let shortRuns = 0
  let oldest = 0
  let gapMs = 0
  const write = (kind: string, details = {}) => entries.push({ time: new Date(now).toISOString(), kind, ...details })
  for (let n = 0; now < BEGIN + 2 * DAY_MS; n++) {
    while (Date.parse(entries[oldest]?.time ?? '') <= now - DAY_MS) oldest++ // the rest doesn't count, and takes time
    const history = startHistory(entries.slice(oldest), now)
    const exitedAt = Date.parse(entries.at(-1)?.time ?? new Date(now).toISOString())
    now = startDelay(history, { now, isFresh: false }, { startsPerDay }, random(n))?.until ?? now
    if (exit === 'bot.lost' && n > 0) write('bot.wait')
    gapMs = Math.max(gapMs, now - exitedAt)
    starts.push(now)
    write('bot.start', { release: null })
    const ranMs = life(n) * 1000
    now += ranMs
    shortRuns = ranMs >= 60_000 ? 0 : shortRuns + 1
    if (exit === 'bot.lost') now += supervisor(shortRuns) // the next bot finds it
    write(exit, exit === 'bot.lost' ? {} : { exit: 1, ran_seconds: ranMs / 1000 })
    if (exit !== 'bot.lost') now += supervisor(shortRuns)
  }
  return { starts, mostInADay: mostInADay(starts), gapMs }
}

function mostInADay(starts: readonly number[]): number {
  let [first, most] = [0, 0]
  for (const [last, at] of starts.entries()) {
    while (at - (starts[first] as number) >= DAY_MS) first++
    most = Math.max(most, last - first + 1)
  }
  return most
}

/** Returns numbers that seem random, the same in each run. */
function chance(seed: number): (n: number) => number {
  return (n) => (((Math.sin(seed * 7919 + n * 104_729) * 10_000) % 1) + 1) % 1
}

const LIVES = [1, 5, 30, 60, 61, 120, 173, 300]

describe('a crash loop of two days', () => {
  for (const [name, supervisor] of Object.entries(SUPERVISORS)) {
    it(`stays within the starts of a day, and is never given up, under ${name}`, () => {
      for (const seconds of LIVES) {
        const { mostInADay, starts, gapMs } = simulate({ life: () => seconds, supervisor, random: chance(seconds) })
        expect(mostInADay, `runs of ${seconds} s`).to.be.at.most(500)
        expect(starts.length, `runs of ${seconds} s`).to.be.greaterThan(200)
        expect(gapMs, `runs of ${seconds} s`).to.be.at.most(LONGEST_BACKOFF_MS + 10_000)
      }
    })
  }

  const patterns: Readonly<Record<string, (n: number) => number>> = {
    'a run of 601 s after three of a second': (n) => (n % 4 === 0 ? 601 : 1),
    'a run of 600 s after three that exit at once': (n) => (n % 4 === 0 ? 600 : 0),
    'a run of 600 s after two that exit at once': (n) => (n % 3 === 0 ? 600 : 0),
    'runs that exit at once': () => 0,
    'runs of 599 s': () => 599,
    'runs of 600 s': () => 600,
    'a bad morning after a good one': (n) => (n < 20 ? 601 : n % 4 === 0 ? 600 : 0),
    'runs of any length': (n) => 900 * chance(1)(n),
  }
  for (const [name, life] of Object.entries(patterns)) {
    it(`stays within the starts of a day with ${name}, also where it is killed`, () => {
      for (const [exit, random] of [
        ['bot.exit', () => 0],
        ['bot.lost', chance(3)],
      ] as const) {
        const { mostInADay, gapMs } = simulate({ life, random, exit })
        expect(mostInADay, exit).to.be.at.most(500)
        expect(gapMs, exit).to.be.at.most(LONGEST_BACKOFF_MS)
      }
    })
  }

  for (const startsPerDay of [10, 11, 25, 99]) {
    it(`stays within ${startsPerDay} starts a day, with no gap above the larger of 10 minutes and the pace`, () => {
      const longestPaceMs = ((2 * DAY_MS) / startsPerDay) * 1.25
      for (const life of Object.values(patterns)) {
        const { mostInADay, gapMs } = simulate({ life, startsPerDay, random: chance(startsPerDay) })
        expect(mostInADay).to.be.at.most(startsPerDay)
        expect(gapMs).to.be.at.most(Math.max(LONGEST_BACKOFF_MS, longestPaceMs))
      }
    })
  }

  it('really needs the pace: quick starts again and again after good runs would be more than 500 a day', () => {
    const { starts, mostInADay } = simulate({ life: patterns['a run of 600 s after three that exit at once'] as never })
    const unpaced = simulate({
      life: patterns['a run of 600 s after three that exit at once'] as never,
      startsPerDay: 100_000,
    })
    expect(unpaced.mostInADay).to.be.greaterThan(500)
    expect(mostInADay).to.be.greaterThan(200)
    expect(starts.length).to.be.lessThan(unpaced.starts.length)
  })
})
