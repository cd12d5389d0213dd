import fs from 'node:fs'
import { join } from 'node:path'
import { assert } from 'chai'
import { redactor } from '#core/logging/redact.js'
import { LONGEST_LINE_BYTES } from '#core/logging/write/ring.js'
import { until } from '../../../support/e2e/until.js'
import { filesOf, linesOf, logTests, numbersOf, textOf, upTo } from '../support.js'

describe('the logs of a bot', () => {
  const { open } = logTests()
  const messages = (folder: string, name: string) => linesOf(folder, name).map(({ msg }) => msg)

  it('are three: everything, warnings and worse, and health', async () => {
    const { log, health, close, folder } = open({ level: 'DEBUG' })
    log.trace('too fine')
    log.debug('a')
    log.child({ part: 'x' }).warn('b')
    log.fatal('c')
    health.info('d')
    health.warn('e')
    await close()
    assert.deepEqual(messages(folder, 'bot.jsonl'), ['a', 'b', 'c', 'd', 'e'])
    assert.deepEqual(messages(folder, 'errors.log'), ['b', 'c', 'e'])
    assert.deepEqual(messages(folder, 'health.log'), ['d', 'e'])
    const [, line] = linesOf(folder)
    assert.deepEqual(Object.keys(line ?? {}), ['level', 'time', 'part', 'msg'])
    assert.match(String(line?.time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('are one for a watchdog', async () => {
    const { log, close, folder } = open({ files: { bot: 'watchdog.log' } })
    log.error('a')
    await close()
    assert.deepEqual(fs.readdirSync(folder), ['watchdog.log'])
  })

  it('show each line on the screen too, and no secret in either', async () => {
    const shown: string[] = []
    const { log, close, folder } = open({ redact: redactor(['s3cret']), console: (line) => shown.push(line) })
    log.info({ password: 'abc', err: new Error('401 for s3cret') }, 'with s3cret')
    await close()
    assert.equal(shown.join(''), textOf(join(folder, 'bot.jsonl')))
    assert.notMatch(shown.join(''), /s3cret|abc/)
    assert.equal(linesOf(folder)[0]?.msg, 'with [hidden]')
  })

  it('hold an error on the disk when the call returns, and all lines before it', () => {
    const { log, folder } = open()
    for (const n of upTo(50)) log.info({ n })
    log.error({ n: 50 })
    assert.deepEqual(numbersOf(folder), upTo(51))
    assert.deepEqual(numbersOf(folder, 'errors.log'), [50])
  })

  it('keep the beginning of a line that is too long, with the stack of its error', async () => {
    const { log, close, folder } = open()
    log.error({ err: new Error('what happened'), page: '€'.repeat(LONGEST_LINE_BYTES / 2) }, `${'x'.repeat(1e6)}`)
    log.info({ n: 1, page: '€'.repeat(LONGEST_LINE_BYTES / 4) }, 'short enough')
    await close()
    const [long, whole] = linesOf(folder)
    assert.equal(long?.msg, 'x'.repeat(2000))
    assert.equal(long?.level, 'error')
    assert.match(String(Object(long?.err).stack), /what happened\n.*logging\.test/)
    assert.isAbove(Number(long?.cut_bytes), 1e6)
    assert.equal(String(whole?.page).length, LONGEST_LINE_BYTES / 4)
  })

  it('lose and split no line in rotation, at full speed, and keep the order', async () => {
    const { log, health, close, folder } = open({ rotateBytes: 300_000 })
    const count = 60_000
    for (const n of upTo(count)) {
      if (n % 1000 === 0) log.error({ n }, 'an error')
      else if (n % 500 === 0) health.info({ n }, 'health')
      else log.info({ n }, 'a line — in several bytes a character €💶 — of the bot')
    }
    await close()
    assert.deepEqual(numbersOf(folder), upTo(count))
    assert.lengthOf(numbersOf(folder, 'errors.log'), count / 1000)
    assert.lengthOf(numbersOf(folder, 'health.log'), count / 1000)
    const rotated = filesOf(folder, 'bot.jsonl').slice(0, -1)
    assert.isAbove(rotated.length, 10)
    assert.isTrue(rotated.every((file) => file.endsWith('.gz')))
  })

  it('report once that they cannot be written, and once that they can again, even without a new line', async () => {
    const { log, folder, faults, fault, close } = open()
    log.error({ n: 0 })
    fs.renameSync(folder, `${folder}.old`)
    fs.writeFileSync(folder, '')
    for (const n of upTo(20)) log.error({ n }) // without a throw
    await until(() => faults.length > 0)
    assert.match(fault() ?? '', /ENOTDIR|EEXIST/)
    log.info('one more')
    fs.rmSync(folder)
    await until(() => faults.length > 1)
    assert.isUndefined(fault())
    log.info({ n: 7 })
    await close()
    assert.deepEqual([typeof faults[0], ...faults.slice(1)], ['string', undefined])
    assert.match(String(linesOf(folder)[0]?.msg), /^up to 2[01] log lines could not be written$/)
    assert.deepEqual(numbersOf(folder), [7])
  })

  it('stay faulty while one of them is, though the others can be written', async () => {
    const { log, folder, faults, close } = open()
    fs.mkdirSync(join(folder, 'errors.log'), { recursive: true })
    log.warn('a')
    await until(() => faults.length > 0)
    for (const n of upTo(5)) {
      log.info({ n })
      log.error({ n })
    }
    await close()
    assert.lengthOf(faults, 1)
    assert.lengthOf(numbersOf(folder), 10)
  })

  it('outlive a crash of the thread that writes them', async () => {
    const files = { bot: 'bot.jsonl', errors: 5 as unknown as string } // the thread throws at its start
    const { log, folder, faults, close } = open({ files })
    log.info({ n: 0 })
    await until(() => faults.length > 0)
    assert.match(faults[0] ?? '', /the log writer ended/)
    files.errors = 'errors.log'
    log.info({ n: 1 })
    await until(() => faults.length > 1)
    await close()
    assert.isUndefined(faults[1])
    assert.deepEqual(numbersOf(folder), [0, 1])
  })

  it('wait for their begin where that was put off, or for the first warning', async () => {
    for (const thread of ['later', 'none'] as const) {
      const { log, begin, close, folder } = open({ thread })
      log.info({ n: 0 })
      await new Promise((resolve) => setImmediate(resolve))
      assert.isFalse(fs.existsSync(folder), thread)
      begin()
      await until(() => numbersOf(folder).length === 1)
      await close()
      const other = open({ thread })
      other.log.info({ n: 0 })
      other.log.warn({ n: 1 })
      await until(() => numbersOf(other.folder).length === 2)
    }
  })

  for (const thread of ['now', 'none'] as const)
    it(`can be closed twice, and ignore lines after that, whoever writes (${thread})`, async () => {
      const { log, close, folder } = open({ thread })
      log.info({ n: 0 })
      await close()
      log.error({ n: 1 })
      await close()
      assert.deepEqual(numbersOf(folder), [0])
    })

  it('do not wait for each line again while the writer hangs, and count what they dropped', async () => {
    // a thread that does not start is as good as a disk that hangs
    const files = { bot: 5 as unknown as string }
    const { log, folder, faults, fault, close } = open({ files })
    const start = performance.now()
    log.error('the first waits')
    for (const n of upTo(20)) log.error({ n }, 'x'.repeat(100_000))
    assert.isBelow(performance.now() - start, 5000)
    assert.equal(fault(), 'the disk is too slow')
    files.bot = 'bot.jsonl'
    await until(() => fault() === undefined)
    await close()
    assert.deepEqual(faults, ['the disk is too slow', undefined])
    assert.deepEqual(numbersOf(folder), upTo(10))
    assert.include(messages(folder, 'bot.jsonl'), 'up to 10 log lines could not be written')
  })
})
