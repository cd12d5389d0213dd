import fs from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { assert } from 'chai'
import { until } from '../../../support/e2e/until.js'
import { tempFolder } from '../../../support/temp.js'
import { filesOf, linesOf, logTests, numbersOf, upTo } from '../support.js'

describe('the logs of a program, written by the very thread', () => {
  const { open: openAny, child } = logTests()
  const open = (options: Parameters<typeof openAny>[0] = {}) => openAny({ thread: 'none', ...options })
  const messages = (folder: string, name: string) => linesOf(folder, name).map(({ msg }) => msg)

  it('are three: everything, warnings and worse, and health', async () => {
    const { log, health, close, folder } = open()
    log.info('a')
    log.warn('b')
    health.info('c')
    await close()
    assert.deepEqual(messages(folder, 'bot.jsonl'), ['a', 'b', 'c'])
    assert.deepEqual(messages(folder, 'errors.log'), ['b'])
    assert.deepEqual(messages(folder, 'health.log'), ['c'])
  })

  it('lose and split no line in rotation, at full speed, and keep the order', async () => {
    const { log, close, folder, faults } = open({ rotateBytes: 300_000 })
    const count = 60_000
    for (const n of upTo(count)) {
      log[n % 1000 === 0 ? 'error' : 'info']({ n }, 'a line — in several bytes a character €💶 — of the bot')
      if (n % 500 === 0) await turn() // as chunks of a pipe come
    }
    await close()
    assert.deepEqual(numbersOf(folder), upTo(count))
    assert.lengthOf(numbersOf(folder, 'errors.log'), count / 1000)
    assert.isAbove(filesOf(folder, 'bot.jsonl').length, 10)
    assert.deepEqual(faults, [])
  })

  it('count what they dropped where lines come faster than the disk takes them, and say so', async () => {
    const { log, close, folder, faults } = open()
    const count = 200
    for (const n of upTo(count)) log.info({ n }, 'x'.repeat(100_000)) // without a turn of the event loop
    assert.deepEqual(faults, ['the disk is too slow'])
    await close()
    const written = numbersOf(folder)
    assert.deepEqual(written, upTo(written.length))
    assert.isBelow(written.length, count)
    assert.include(messages(folder, 'bot.jsonl'), `up to ${count - written.length} log lines could not be written`)
    assert.deepEqual(faults, ['the disk is too slow', undefined])
  })

  it('report once that they cannot be written, and once that they can again, even without a new line', async () => {
    const { log, folder, faults, fault, close } = open()
    log.error({ n: 0 })
    await until(() => numbersOf(folder).length === 1)
    fs.renameSync(folder, `${folder}.old`)
    fs.writeFileSync(folder, '')
    for (const n of upTo(20)) log.error({ n })
    await until(() => faults.length > 0)
    assert.match(fault() ?? '', /ENOTDIR|EEXIST/)
    fs.rmSync(folder)
    await until(() => faults.length > 1)
    assert.isUndefined(fault())
    log.info({ n: 7 })
    await close()
    assert.deepEqual([typeof faults[0], ...faults.slice(1)], ['string', undefined])
    assert.deepEqual(numbersOf(folder), [7])
  })

  for (const [way, code] of [
    ['exits at once', 3],
    ['throws', 1],
  ] as const)
    it(`hold all lines of a process that ${way}`, async () => {
      const folder = join(tempFolder(), 'logs')
      assert.equal((await child(way, folder, { THREAD: 'none' }).ended).code, code)
      assert.deepEqual(numbersOf(folder), upTo(3000))
    })
})
