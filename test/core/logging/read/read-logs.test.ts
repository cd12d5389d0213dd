import fs from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { assert } from 'chai'
import { followLogs } from '#core/logging/read/follow-logs.js'
import type { LogLine, LogQuery } from '#core/logging/read/log-query.js'
import { closeLogs, openLogs } from '#core/logging/read/open-logs.js'
import { readLogs, readNewest } from '#core/logging/read/read-logs.js'
import { rotatedName } from '#core/logging/rotated-name.js'
import { LogFile } from '#core/logging/write/log-file.js'
import { compressFile } from '#core/platform/fs/compress.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'
import { upTo } from '../support.js'

const NOON = Date.parse('2026-03-01T12:00:00.000Z')
const ALL: LogQuery = { level: 0, sinceMs: 0, grep: undefined }

describe('reading the logs', () => {
  let folder: string
  let damage: string[]
  beforeEach(() => {
    folder = tempFolder()
    damage = []
  })
  afterEach(removeTempFolders)

  const onUnreadable = (path: string, error: unknown) => damage.push(`${path}: ${error}`)
  const line = (minute: number, msg = `m${minute}`, level = 'info') =>
    `${JSON.stringify({ level, time: new Date(NOON + minute * 60_000).toISOString(), msg })}\n`
  const lines = (...minutes: number[]) => minutes.map((minute) => line(minute)).join('')
  const write = (name: string, text: string | Buffer) => fs.writeFileSync(join(folder, name), text)
  /** A file of a log that was rotated at this minute. */
  const rotated = (log: string, minute: number, text: string, compressed = true) => {
    const name = rotatedName(log, NOON + minute * 60_000, 1)
    write(compressed ? `${name}.gz` : name, compressed ? gzipSync(text) : text)
    return join(folder, compressed ? `${name}.gz` : name)
  }
  async function read(query: Partial<LogQuery> = {}, logs = openLogs(folder)): Promise<string[]> {
    const read: string[] = []
    for await (const { message } of readLogs(logs, { ...ALL, ...query }, onUnreadable)) read.push(message)
    closeLogs(logs)
    return read
  }
  async function newest(count: number, query: Partial<LogQuery> = {}): Promise<string[]> {
    const logs = openLogs(folder)
    const found = await readNewest(logs, { ...ALL, ...query }, count, onUnreadable)
    closeLogs(logs)
    return found.map(({ message }) => message)
  }
  const called = (...minutes: number[]) => minutes.map((minute) => `m${minute}`)

  function severalFiles() {
    rotated('bot.jsonl', 3, lines(1, 2, 3))
    rotated('bot.jsonl', 6, lines(4, 6), false)
    write('bot.jsonl', lines(8, 9))
    rotated('watchdog.log', 5, lines(0, 5))
    write('watchdog.log', lines(7))
    write('errors.log', lines(2))
    write('bot.jsonl.bak', lines(2))
  }

  it('merges all writers by time, across rotated and compressed files', async () => {
    severalFiles()
    assert.deepEqual(await read(), called(...upTo(10)))
  })

  for (const [what, query, expected] of [
    ['a point in time', { sinceMs: NOON + 5 * 60_000 }, called(5, 6, 7, 8, 9)],
    ['a pattern', { grep: /m[37]/ }, called(3, 7)],
    ['a level', { level: 40 }, []],
  ] as const)
    it(`filters by ${what}`, async () => {
      severalFiles()
      assert.deepEqual(await read(query), expected)
      assert.deepEqual(await newest(100, query), expected)
    })

  for (const [count, expected] of [
    [0, []],
    [1, [9]],
    [4, [6, 7, 8, 9]],
    [10, upTo(10)],
    [50, upTo(10)],
  ] as const)
    it(`finds the newest ${count}`, async () => {
      severalFiles()
      assert.deepEqual(await newest(count), called(...expected))
    })

  it('opens no file that is older than the newest lines need', async () => {
    severalFiles()
    write(`${rotatedName('bot.jsonl', NOON, 1)}.gz`, 'not compressed')
    await newest(2)
    assert.deepEqual(damage, [])
    await read()
    assert.lengthOf(damage, 1)
  })

  it('reads nothing from a folder without logs, or without a folder', async () => {
    assert.deepEqual(await read(), [])
    assert.deepEqual(await read({}, openLogs(join(folder, 'none'))), [])
  })

  it('goes on after a damaged file, and reports it', async () => {
    const path = rotated('bot.jsonl', 3, Array.from({ length: 5000 }, (_, n) => line(1, `n${n}`)).join(''))
    fs.truncateSync(path, fs.statSync(path).size - 20)
    write('bot.jsonl', lines(8))
    const found = await read()
    assert.isAbove(found.length, 4000)
    assert.equal(found.at(-1), 'm8')
    assert.match(damage.join(), /unexpected end of file/)
  })

  it('counts a file once that exists plain and compressed', async () => {
    rotated('bot.jsonl', 3, lines(1, 2))
    rotated('bot.jsonl', 3, lines(1, 2), false)
    assert.deepEqual(await read(), called(1, 2))
  })

  it('ends lines at line feeds alone', async () => {
    write('bot.jsonl', line(1, 'a\u2028b\u2029c\u0085d') + line(2))
    assert.deepEqual(await read(), ['a\u2028b\u2029c\u0085d', 'm2'])
  })

  it('reads characters of several bytes that lie across the pieces it reads', async () => {
    const text = Array.from({ length: 20_000 }, (_, n) => line(1, `${'x'.repeat(n % 7)}€💶`)).join('')
    write('bot.jsonl', text)
    rotated('bot.jsonl', 3, text)
    assert.equal((await read({ grep: /^x*€💶$/ })).length, 40_000)
  })

  it('keeps a line that is no JSON beside the one before it, and leaves out a half-written one', async () => {
    write('bot.jsonl', `${line(1)}cut off {"level\n${line(3)}${line(4).slice(0, 20)}`)
    write('watchdog.log', lines(2))
    assert.deepEqual(await read(), ['m1', 'cut off {"level', 'm2', 'm3'])
  })

  it('misses nothing when a file is compressed, or the log rotated, after it began', async () => {
    const path = rotated('bot.jsonl', 3, lines(1, 2, 3), false)
    write('bot.jsonl', lines(4, 5))
    const logs = openLogs(folder)
    await compressFile(path, 0o600)
    fs.renameSync(join(folder, 'bot.jsonl'), join(folder, rotatedName('bot.jsonl', NOON + 300_000, 1)))
    write('bot.jsonl', lines(6))
    assert.deepEqual(await read({}, logs), called(1, 2, 3, 4, 5))
  })

  describe('followed', () => {
    function follow(query: Partial<LogQuery> = {}) {
      const clock = new FakeClock()
      const end = new AbortController()
      const got: LogLine[] = []
      const logs = openLogs(folder)
      const done = (async () => {
        for await (const one of followLogs(clock, logs, { ...ALL, ...query }, onUnreadable, end.signal)) got.push(one)
      })()
      return {
        /** Looks until at least so many lines have come: to read a file may take longer than one turn of the clock. */
        async look(atLeast: number) {
          do await clock.turn(250)
          while (got.length < atLeast)
          return got.splice(0).map(({ message }) => message)
        },
        async end() {
          end.abort()
          await done
        },
      }
    }
    const append = (name: string, text: string) => fs.appendFileSync(join(folder, name), text)

    it('shows new lines, whole ones only, merged, also from files that come later', async () => {
      write('bot.jsonl', lines(1) + line(2).slice(0, 10))
      const following = follow({ sinceMs: NOON })
      assert.deepEqual(await following.look(0), [])
      append('bot.jsonl', line(2).slice(10) + line(5) + line(6).slice(0, 30))
      write('watchdog.log', lines(3, 4))
      assert.deepEqual(await following.look(4), called(2, 3, 4, 5))
      append('bot.jsonl', line(6).slice(30))
      assert.deepEqual(await following.look(1), called(6))
      await following.end()
    })

    it('applies the filter', async () => {
      const following = follow({ level: 40, grep: /disk/ })
      write('bot.jsonl', line(1, 'disk') + line(2, 'disk', 'warn') + line(3, 'net', 'error'))
      assert.deepEqual(await following.look(1), ['disk'])
      await following.end()
    })

    it('continues with a file that somebody emptied', async () => {
      write('bot.jsonl', lines(1, 2, 3))
      const following = follow()
      await following.look(0)
      write('bot.jsonl', lines(4))
      assert.deepEqual(await following.look(1), called(4))
      await following.end()
    })

    it('yields every line once, however often the log is rotated and compressed between two polls', async () => {
      const file = new LogFile({
        folder,
        name: 'bot.jsonl',
        retention: { days: 7, maxBytes: 1e9 },
        rotateBytes: 500,
        clock: new FakeClock(NOON),
        onUntidy: () => {},
      })
      let n = 0
      const writeSome = async (count: number) => {
        for (let i = 0; i < count; i++) await file.write([Buffer.from(line(1, `n${n++}`))])
      }
      await writeSome(20)
      const following = follow()
      const seen: string[] = []
      for (const count of [1, 5, 7, 30, 0, 60]) {
        await writeSome(count)
        seen.push(...(await following.look(count)))
      }
      await following.end()
      await file.close()
      assert.deepEqual(
        seen,
        upTo(103).map((index) => `n${index + 20}`),
      )
    })
  })
})
