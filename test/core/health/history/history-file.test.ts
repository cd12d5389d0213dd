import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Sample } from '#core/health/history/bucket.js'
import { DAYS, HOUR_MS, MINUTE_MS } from '#core/health/history/history.js'
import { HistoryFile, MAXIMUM_BYTES } from '#core/health/history/history-file.js'
import { lineOf } from '#core/health/history/history-lines.js'
import { tempFolder } from '../../../support/temp.js'

const NOON = Date.parse('2026-03-01T12:00:30Z')
const LARGEST: Required<Sample> = {
  cycles: 2 ** 31,
  alerts: 2 ** 31,
  errors: 2 ** 31,
  timedCycles: 2 ** 31,
  timedMs: 2 ** 31,
  memoryMb: 2 ** 31,
  delayMs: 2 ** 31,
  workingMs: 2 ** 31,
  failingMs: 2 ** 31,
  stoppedMs: 2 ** 31,
}

describe('the file of the history', () => {
  const newPath = () => join(tempFolder(), '.catalyst', 'history.jsonl')
  const opened = (path: string, now = NOON) => {
    const file = new HistoryFile(path)
    for (const _step of file.read(now));
    return file
  }
  const daysOf = (file: HistoryFile, now: number) => file.history.days(now).map(({ bucket }) => bucket)

  it('is the same after a restart, minutes, hours and days', () => {
    const path = newPath()
    const file = opened(path)
    for (let minute = 0; minute < 130; minute++) {
      const at = NOON + minute * MINUTE_MS
      file.add(at, { cycles: 2, errors: minute % 7 === 0 ? 1 : 0, memoryMb: 80 + minute, workingMs: MINUTE_MS })
      file.write(at)
    }
    const now = NOON + 130 * MINUTE_MS
    const again = opened(path, now)
    expect(again.history.spans(now, 130, 1)).to.deep.equal(file.history.spans(now, 130, 1))
    expect(daysOf(again, now)).to.deep.equal(daysOf(file, now))
    expect(again.history.newest).to.equal(NOON + 129 * MINUTE_MS)
  })

  it('adds up a minute in which the bot was restarted', () => {
    const path = newPath()
    for (const cycles of [1, 2]) {
      const file = opened(path)
      file.add(NOON, { cycles })
      file.write(NOON)
    }
    expect(opened(path).history.spans(NOON, 1, 1)[0]?.bucket?.cycles).to.equal(3)
  })

  it('holds 90 days of the largest figures, and no more, however long the bot runs', function () {
    this.timeout(240_000)
    const path = newPath()
    const file = opened(path)
    const days = DAYS + 4
    let [largest, at] = [0, NOON]
    for (let minute = 0; minute < days * 24 * 60; minute++) {
      at = NOON + minute * MINUTE_MS
      file.add(at, LARGEST)
      if (minute % 30 === 0 || minute > (days - 1) * 24 * 60) file.write(at)
      if (minute % 720 === 0) largest = Math.max(largest, fs.statSync(path).size)
    }
    largest = Math.max(largest, fs.statSync(path).size)
    expect(largest).to.be.above(500_000).and.below(MAXIMUM_BYTES)
    expect(MAXIMUM_BYTES).to.be.below(2_000_000)
    const again = opened(path, at)
    expect(again.history.days(at).every(({ bucket }) => bucket.workingMs > 0)).to.equal(true)
  })

  it('keeps ordinary days over many restarts', () => {
    const path = newPath()
    let at = NOON
    for (let day = 0; day < 3; day++) {
      const file = opened(path, at)
      for (let minute = 0; minute < 24 * 60; minute++, at += MINUTE_MS) {
        file.add(at, { cycles: 1, workingMs: MINUTE_MS })
        if (minute % 20 === 0) file.write(at)
      }
      file.write(at)
    }
    const cycles = daysOf(opened(path, at), at).map((bucket) => bucket.cycles)
    expect(cycles.reduce((sum, count) => sum + count)).to.equal(3 * 24 * 60)
    expect(cycles.slice(-3)).to.deep.equal([1440, 1440, 720])
  })

  const good = lineOf({ of: 'minute', at: NOON, sample: { cycles: 5 } })
  for (const [what, text] of Object.entries({
    'a line that was cut off': `${good}\n{"minute":"2026-03-01T12:0`,
    'zeros after a power cut': `${good}\n${'\0'.repeat(4096)}`,
    'figures that are none': `{"minute":"2026-03-01T12:00:00Z","cycles":-1}\n{"hour":"x"}\n[]\nnull\n7\n{"minute":"2026-03-01T12:00:00Z","cycles":"9"}\n${good}\n`,
    'figures beyond all measure': `{"hour":"2026-03-01T11:00:00Z","cycles":1e300}\n${good}\n`,
    'times of another century': `{"minute":"1970-01-01T00:00:00Z","cycles":9}\n{"minute":"2099-01-01T00:00:00Z","cycles":9}\n${good}\n`,
  }))
    it(`loses nothing but ${what}`, () => {
      const path = newPath()
      const first = opened(path)
      first.add(NOON, { cycles: 1 })
      first.write(NOON)
      fs.writeFileSync(path, text)
      const file = opened(path)
      expect(file.history.spans(NOON, 1, 1)[0]?.bucket?.cycles).to.equal(5)
      file.add(NOON, { cycles: 2 })
      file.write(NOON)
      expect(opened(path).history.spans(NOON, 1, 1)[0]?.bucket?.cycles).to.equal(7)
    })

  it('begins anew where the file is far too large to be one', () => {
    const path = newPath()
    fs.mkdirSync(join(path, '..'))
    fs.writeFileSync(path, `${good}\n`.repeat(40_000))
    expect(fs.statSync(path).size).to.be.above(MAXIMUM_BYTES)
    const file = opened(path)
    expect(file.history.hours.size).to.equal(0)
    file.add(NOON, { cycles: 1 })
    file.write(NOON)
    expect(fs.statSync(path).size).to.be.below(1000)
  })

  for (const years of [-56, 10])
    it(`loses nothing by a start with a clock that is ${Math.abs(years)} years ${years < 0 ? 'behind' : 'ahead'}`, () => {
      const path = newPath()
      const first = opened(path)
      first.addGap(NOON - 80 * 24 * HOUR_MS, NOON - HOUR_MS, 'stoppedMs', NOON)
      first.add(NOON, { cycles: 5, workingMs: MINUTE_MS })
      first.write(NOON)
      const wrong = NOON + years * 365 * 24 * HOUR_MS
      const file = opened(path, wrong)
      for (let minute = 0; minute < 100; minute++) file.add(wrong + minute * MINUTE_MS, { cycles: 1 })
      file.write(wrong)
      const again = opened(path, NOON + HOUR_MS)
      const days = again.history.days(NOON + HOUR_MS)
      expect(days.filter(({ bucket }) => bucket.stoppedMs > 0)).to.have.length(81)
      expect(days.at(-1)?.bucket).to.include({ cycles: 5, workingMs: MINUTE_MS })
    })

  it('takes no line of the future for the last sign of the bot', () => {
    const path = newPath()
    const file = opened(path)
    file.add(NOON, { cycles: 1 })
    file.add(NOON + 100 * HOUR_MS, { cycles: 1 })
    file.write(NOON)
    expect(opened(path, NOON + 10 * HOUR_MS).history.newest).to.equal(NOON)
  })

  it('reads a file of a million damaged lines in no time', () => {
    const path = newPath()
    fs.mkdirSync(join(path, '..'))
    fs.writeFileSync(path, `${'x\n'.repeat(800_000)}${good}\n`)
    const began = performance.now()
    expect(opened(path).history.spans(NOON, 1, 1)[0]?.bucket?.cycles).to.equal(5)
    expect(performance.now() - began).to.be.below(2000)
  })

  if (process.platform !== 'win32')
    for (const [what, make] of Object.entries({
      'a pipe': (path: string) => execFileSync('mkfifo', [path]),
      'a link to a file of somebody else': (path: string) => {
        fs.writeFileSync(`${path}.other`, `${good}\n`)
        fs.symlinkSync(`${path}.other`, path)
      },
    }))
      it(`puts a file in the place of ${what}, of which nothing is taken`, () => {
        const path = newPath()
        fs.mkdirSync(join(path, '..'))
        make(path)
        const file = new HistoryFile(path)
        try {
          for (const _step of file.read(NOON));
        } catch (error) {
          expect(String(error)).to.include('not a file')
        }
        file.add(NOON, { cycles: 1 })
        file.write(NOON)
        expect(fs.lstatSync(path).isFile()).to.equal(true)
        expect(opened(path).history.spans(NOON, 1, 1)[0]?.bucket?.cycles).to.equal(1)
        if (fs.existsSync(`${path}.other`)) expect(fs.readFileSync(`${path}.other`, 'utf8')).to.equal(`${good}\n`)
      })

  if (process.platform !== 'win32')
    it('never appends to a pipe, which would block the bot once it is full', () => {
      const path = newPath()
      const file = opened(path)
      file.add(NOON, { cycles: 1 })
      file.write(NOON)
      fs.rmSync(path)
      execFileSync('mkfifo', [path])
      file.add(NOON, { cycles: 1 })
      expect(() => file.write(NOON)).to.throw('not a file')
    })

  it('loses nothing while it can not be written, and counts nothing twice afterwards', () => {
    const path = newPath()
    const file = opened(path)
    file.add(NOON, { cycles: 1 })
    fs.writeFileSync(join(path, '..'), 'in the way')
    expect(() => file.write(NOON)).to.throw()
    for (let minute = 1; minute < 200; minute++) file.add(NOON + minute * MINUTE_MS, { cycles: 1 })
    fs.rmSync(join(path, '..'))
    const now = NOON + 200 * MINUTE_MS
    file.write(now)
    file.write(now)
    const cycles = [...opened(path, now).history.hours.values()].map((bucket) => bucket.cycles)
    expect(cycles.reduce((sum, count) => sum + count)).to.equal(200)
  })

  it('keeps a gap over a restart', () => {
    const path = newPath()
    const file = opened(path)
    file.addGap(NOON - 50 * HOUR_MS, NOON, 'stoppedMs', NOON)
    file.write(NOON)
    const stopped = (one: HistoryFile) => daysOf(one, NOON).map(({ stoppedMs }) => stoppedMs / HOUR_MS)
    expect(stopped(opened(path))).to.deep.equal(stopped(file))
    expect(Math.round(stopped(file).reduce((sum, hours) => sum + hours) * 100) / 100).to.equal(50)
  })
})
