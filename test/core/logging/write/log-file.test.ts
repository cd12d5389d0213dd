import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { assert } from 'chai'
import { rotatedName } from '#core/logging/rotated-name.js'
import { LogFile } from '#core/logging/write/log-file.js'
import { RETRY_MS } from '#core/logging/write/tidy-rotated.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'
import { filesOf, linesOf, numbersOf, textOf, upTo } from '../support.js'

const DAY_MS = 86_400_000

describe('a log file', () => {
  const files: LogFile[] = []
  let folder: string
  let clock: FakeClock
  let untidy: string[]
  let n: number
  beforeEach(() => {
    folder = join(tempFolder(), 'logs')
    clock = new FakeClock()
    untidy = []
    n = 0
  })
  afterEach(async () => {
    for (const file of files.splice(0)) await file.close()
    removeTempFolders()
  })

  function open({
    rotateBytes = 1000,
    days = 7,
    maxBytes = 1e9,
  }: {
    rotateBytes?: number
    days?: number
    maxBytes?: number
  } = {}): LogFile {
    const onUntidy = (why: string) => untidy.push(why)
    const file = new LogFile({
      folder,
      name: 'bot.jsonl',
      retention: { days, maxBytes },
      rotateBytes,
      clock,
      onUntidy,
    })
    files.push(file)
    return file
  }
  const path = () => join(folder, 'bot.jsonl')
  const numbered = (count: number) => Array.from({ length: count }, () => Buffer.from(`{"n":${n++}}\n`))
  /** A file that was rotated `ageMs` ago. */
  function rotated(ageMs: number, content: string | Buffer, suffix = '', prefix = ''): string {
    fs.mkdirSync(folder, { recursive: true })
    const file = `${prefix}${rotatedName('bot.jsonl', clock.now() - ageMs, 1)}${suffix}`
    fs.writeFileSync(join(folder, file), content)
    return file
  }

  it('makes its folder, and only owner and group can read it', async () => {
    await open().write(numbered(2))
    assert.deepEqual(numbersOf(folder), [0, 1])
    if (process.platform !== 'win32') assert.equal(fs.statSync(path()).mode & 0o007, 0)
  })

  it('continues after a restart, and closes a truncated line', async () => {
    fs.mkdirSync(folder)
    fs.writeFileSync(path(), '{"n":0}\n{"n":')
    n = 1
    await open().write(numbered(1))
    assert.equal(textOf(path()), '{"n":0}\n{"n":\n{"n":1}\n')
  })

  it('rotates, compresses at once, and keeps every line once and in order', async () => {
    const file = open()
    for (let round = 0; round < 100; round++) await file.write(numbered(50))
    await file.close()
    const rotatedFiles = filesOf(folder, 'bot.jsonl').slice(0, -1)
    assert.isAbove(rotatedFiles.length, 20)
    for (const name of rotatedFiles) assert.match(name, /^bot\.jsonl\..*\.gz$/)
    assert.deepEqual(numbersOf(folder), upTo(5000))
    assert.deepEqual(
      fs.readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    )
    if (process.platform !== 'win32') assert.equal(fs.statSync(join(folder, rotatedFiles[0] as string)).mode & 0o007, 0)
  })

  it('uses no name twice while the clock stands still or is set back', async () => {
    const later = rotated(-3_600_000, gzipSync('{"n":0}\n'), '.gz')
    n = 1
    const file = open()
    for (let round = 0; round < 5; round++) await file.write(numbered(200))
    clock.jump(-1000)
    for (let round = 0; round < 5; round++) await file.write(numbered(200))
    await file.close()
    assert.equal(filesOf(folder, 'bot.jsonl')[0], later)
    assert.deepEqual(numbersOf(folder), upTo(2001))
  })

  it('removes old files, compresses plain ones, and clears away halves, at the start', async () => {
    const half = rotated(3 * DAY_MS, 'half', '.gz', '.')
    const old = [rotated(8 * DAY_MS, 'old'), rotated(9 * DAY_MS, 'old', '.gz')]
    const plain = rotated(2 * DAY_MS, '{"n":0}\n')
    const both = rotated(DAY_MS, '{"n":1}\n')
    fs.writeFileSync(join(folder, `${both}.gz`), gzipSync('{"n":1}\n'))
    fs.writeFileSync(join(folder, 'bot.jsonl.bak'), 'of somebody else')
    const others = rotated(9 * DAY_MS, 'of another log').replace('bot.jsonl', 'errors.log')
    fs.writeFileSync(join(folder, others), '')
    const file = open()
    await file.close()
    const left = fs.readdirSync(folder)
    assert.sameMembers(left, [`${plain}.gz`, `${both}.gz`, 'bot.jsonl.bak', others])
    assert.notIncludeMembers(left, [half, ...old])
    assert.equal(textOf(join(folder, `${both}.gz`)), '{"n":1}\n')
  })

  it('keeps only the newest of a flood up to the limit, and never touches the current file', async () => {
    const file = open({ rotateBytes: 1000, maxBytes: 5000 })
    for (let round = 0; round < 200; round++)
      await file.write([Buffer.from(`${JSON.stringify({ n: n++, noise: randomBytes(150).toString('base64') })}\n`)])
    await file.close()
    const sizes = fs
      .readdirSync(folder)
      .map((name) => (name === 'bot.jsonl' ? 0 : fs.statSync(join(folder, name)).size))
    assert.isAtMost(
      sizes.reduce((sum, size) => sum + size),
      5000,
    )
    const left = numbersOf(folder)
    assert.isAtLeast(left.length, 10)
    assert.deepEqual(
      left,
      upTo(left.length).map((index) => 200 - left.length + index),
    )
  })

  it('removes nothing of another log beside it', async () => {
    const errors = `${rotatedName('errors.log', clock.now() - DAY_MS, 1)}.gz`
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(join(folder, errors), Buffer.alloc(4000))
    rotated(2000, Buffer.alloc(4000), '.gz')
    const second = rotated(1000, Buffer.alloc(4000), '.gz')
    await open({ maxBytes: 5000 }).close()
    assert.sameMembers(fs.readdirSync(folder), [errors, second])
  })

  it('removes old files although another one cannot be compressed', async () => {
    const plain = rotated(9 * DAY_MS, 'old')
    const stubborn = rotated(8 * DAY_MS, 'x')
    fs.mkdirSync(join(folder, `${stubborn}.gz`))
    const file = open({ days: 8.5 })
    await file.close()
    assert.isFalse(fs.existsSync(join(folder, plain)))
    assert.isTrue(fs.existsSync(join(folder, stubborn)), 'it stays while there is no whole compressed one')
    assert.match(untidy.join(), /EISDIR|EPERM/)
  })

  describe('is renewed when somebody', () => {
    for (const [what, act] of [
      ['removes', () => fs.rmSync(path())],
      ['moves', () => fs.renameSync(path(), `${folder}.old`)],
      [
        'gives to another file',
        () => {
          fs.renameSync(path(), `${folder}.old`)
          fs.writeFileSync(path(), '')
        },
      ],
      ['moves with its folder', () => fs.renameSync(folder, `${folder}.old`)],
    ] as const)
      it(`${what}: the next line is in a file of that name`, async () => {
        const file = open()
        await file.write(numbered(1))
        act()
        await file.write(numbered(1))
        await file.write(numbered(1))
        assert.deepEqual(numbersOf(folder), [1, 2])
        assert.isUndefined(file.fault)
      })

    it('empties: it goes on', async () => {
      const file = open()
      await file.write(numbered(1))
      fs.truncateSync(path(), 0)
      await file.write(numbered(1))
      assert.deepEqual(numbersOf(folder), [1])
    })
  })

  describe('is not writable', () => {
    const faulty: [string, () => void, () => void][] = [
      ['its folder is a file', () => fs.writeFileSync(folder, ''), () => fs.rmSync(folder)],
      ['it is a folder', () => fs.mkdirSync(path(), { recursive: true }), () => fs.rmdirSync(path())],
    ]
    if (process.platform === 'linux')
      faulty.push([
        'it is a device that is full',
        () => {
          fs.mkdirSync(folder)
          fs.symlinkSync('/dev/full', path())
        },
        () => fs.rmSync(path()),
      ])
    for (const [why, spoil, mend] of faulty)
      it(`because ${why}: says so, and goes on with the number of lines that it lost`, async () => {
        spoil()
        const file = open()
        await file.write(numbered(3))
        assert.isString(file.fault)
        file.countLost(4)
        mend()
        await file.write(numbered(2))
        assert.isString(file.fault, 'it is not tried again at once')
        await clock.turn(RETRY_MS)
        await file.write([])
        assert.isUndefined(file.fault)
        await file.write(numbered(1))
        assert.equal(linesOf(folder)[0]?.msg, 'up to 9 log lines could not be written')
        assert.deepEqual(numbersOf(folder), [5])
      })

    it('recovers when its folder is moved away and replaced by a file', async () => {
      const file = open()
      await file.write(numbered(1))
      fs.renameSync(folder, `${folder}.old`)
      fs.writeFileSync(folder, '')
      await file.write(numbered(1))
      assert.isString(file.fault)
      fs.rmSync(folder)
      await clock.turn(RETRY_MS)
      await file.write([])
      assert.isUndefined(file.fault)
    })
  })
})
