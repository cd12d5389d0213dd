import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { keepHistory, type Sampled } from '#core/health/history/keep-history.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { tempFolder } from '../../../support/temp.js'

const MINUTE_MS = 60_000

const NO_TOTALS: Sampled['totals'] = { cycles: 0, alerts: 0, errors: 0, timedCycles: 0, timedMs: 0 }

describe('keeping the history', () => {
  function open(clock = new FakeClock(), folder = tempFolder()) {
    let sampled: Sampled = { status: 'healthy', totals: NO_TOTALS, memoryMb: 90, delayMs: 2 }
    const faults: (string | undefined)[] = []
    const path = join(folder, 'history.jsonl')
    const journal = join(folder, 'journal.jsonl')
    const kept = keepHistory(clock, {
      path,
      journal,
      sample: () => sampled,
      upSeconds: () => 1_000_000,
      onFault: (fault) => faults.push(fault),
    })
    const lines = () => fs.readFileSync(path, 'utf8').trimEnd().split('\n')
    const be = (changes: Partial<Sampled>) => {
      sampled = { ...sampled, ...changes }
    }
    return {
      clock,
      folder,
      path,
      journal,
      kept,
      faults,
      lines,
      be,
      today: () => kept.history.days(clock.now()).at(-1)?.bucket,
    }
  }

  it('counts what happened between samples, and for how long the bot worked', async () => {
    const { clock, be, today } = open()
    await clock.turn(10_000)
    be({ totals: { ...NO_TOTALS, cycles: 4, timedCycles: 4, timedMs: 1200.4 } })
    await clock.turn(10_000)
    be({ status: 'unhealthy' })
    await clock.turn(5000)
    be({ status: 'degraded' })
    await clock.turn(5000)
    expect(today()).to.include({ cycles: 4, timedCycles: 4, timedMs: 1200, workingMs: 24_000, failingMs: 5000 })
  })

  it('writes once a minute, and once at the end', async () => {
    const { clock, kept, lines } = open(new FakeClock(Date.parse('2026-03-01T12:00:00Z')))
    await clock.turn(5 * MINUTE_MS + 500)
    expect(lines()).to.have.length(5)
    kept.stop()
    expect(lines()).to.have.length(6)
    await clock.turn(5 * MINUTE_MS)
    expect(lines()).to.have.length(6)
  })

  it('goes on after a restart, and says what the bot was meanwhile', async () => {
    const { clock, kept, folder, journal } = open()
    await clock.turn(2 * MINUTE_MS)
    kept.stop()
    fs.writeFileSync(journal, `${JSON.stringify({ time: new Date(clock.now()).toISOString(), kind: 'bot.stop' })}\n`)
    await clock.turn(60 * MINUTE_MS)
    const next = open(clock, folder)
    await clock.turn(2 * MINUTE_MS)
    const { workingMs = 0, stoppedMs = 0, failingMs = 0 } = next.today() ?? {}
    expect(Math.round((workingMs + stoppedMs) / MINUTE_MS)).to.equal(64)
    expect(stoppedMs / MINUTE_MS).to.be.within(59, 61)
    expect(failingMs).to.equal(0)
    next.kept.stop()
  })

  it('lets the bot go on while it reads what 90 days have left', async () => {
    const { clock, kept, folder, path, be } = open()
    const lines = Array.from({ length: 2000 }, (_, ago) =>
      JSON.stringify({ hour: new Date(clock.now() - ago * 3_600_000).toISOString(), working_ms: 3_600_000 }),
    )
    fs.writeFileSync(path, lines.join('\n'))
    await clock.turn(1000)
    let turns = 0
    const count = () => {
      turns++
      if (kept.history.hours.size < 2000) setImmediate(count)
    }
    count()
    while (kept.history.hours.size < 2000) await new Promise(setImmediate)
    expect(turns).to.be.above(3)
    be({ totals: { ...NO_TOTALS, cycles: 4 } })
    kept.stop()
    const next = open(clock, folder)
    next.kept.stop()
    await clock.turn(5000)
    expect(next.kept.history.hours.size, 'nothing after a stop').to.equal(0)
  })

  it('claims nothing of a pause that is longer than what it shows: rather the clock is wrong', async () => {
    const { clock, kept, folder } = open()
    await clock.turn(2 * MINUTE_MS)
    kept.stop()
    clock.jump(10 * 365 * 24 * 60 * MINUTE_MS)
    const ahead = open(clock, folder)
    await clock.turn(2 * MINUTE_MS)
    ahead.kept.stop()
    expect(ahead.kept.history.days(clock.now()).reduce((sum, { bucket }) => sum + bucket.failingMs, 0)).to.equal(0)
    clock.jump(-10 * 365 * 24 * 60 * MINUTE_MS)
    const again = open(clock, folder)
    await clock.turn(2 * MINUTE_MS)
    expect(again.today()?.workingMs).to.be.above(3 * MINUTE_MS)
    again.kept.stop()
  })

  it('appends a short pause: a bot that crashes again and again does not write the whole file each time', async () => {
    const { clock, kept, folder, path } = open()
    await clock.turn(2 * MINUTE_MS)
    kept.stop()
    const { ino } = fs.statSync(path)
    await clock.turn(MINUTE_MS)
    const next = open(clock, folder)
    await clock.turn(2 * MINUTE_MS)
    expect(next.today()?.failingMs).to.be.within(MINUTE_MS, MINUTE_MS + 2000)
    expect(fs.statSync(path).ino).to.equal(ino)
    next.kept.stop()
    const third = open(clock, folder)
    await clock.turn(1000)
    expect(third.today()?.failingMs).to.be.within(MINUTE_MS, MINUTE_MS + 4000)
    third.kept.stop()
  })

  it('leaves out what a machine that slept, or a clock that was set, has added', async () => {
    const { clock, today } = open()
    await clock.turn(10_000)
    clock.jump(3 * 60 * MINUTE_MS)
    await clock.turn(10_000)
    clock.jump(-3 * 60 * MINUTE_MS)
    await clock.turn(10_000)
    const { workingMs = 0, failingMs = 0 } = today() ?? {}
    expect([workingMs, failingMs]).to.deep.equal([19_000, 0]) // what it did in the future is not of today
  })

  it('does not count a bot that is stopping as down', async () => {
    const { clock, be, today } = open()
    await clock.turn(10_000)
    be({ status: 'stopping' })
    await clock.turn(10_000)
    expect(today()?.failingMs).to.equal(0)
  })

  it('says that it can not be written, and loses nothing', async () => {
    const { clock, path, faults, lines, today } = open()
    fs.mkdirSync(path)
    await clock.turn(3 * MINUTE_MS)
    expect(faults.filter((fault) => fault !== undefined)).to.have.length.above(1)
    expect(faults.join()).to.not.include(path)
    fs.rmdirSync(path)
    await clock.turn(2 * MINUTE_MS)
    expect(faults.at(-1)).to.equal(undefined)
    const worked = lines().map((line) => JSON.parse(line).working_ms ?? 0)
    expect(worked.reduce((sum, ms) => sum + ms)).to.be.within(
      (today()?.workingMs ?? 0) - MINUTE_MS,
      today()?.workingMs ?? 0,
    )
  })
})
