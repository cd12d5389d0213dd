import { join } from 'node:path'
import { assert } from 'chai'
import { until } from '../../../support/e2e/until.js'
import { tempFolder } from '../../../support/temp.js'
import { linesOf, logTests, numbersOf, upTo } from '../support.js'

describe('the log of a process that has exited', () => {
  const { child } = logTests()
  const newFolder = () => join(tempFolder(), 'logs')

  it('holds all errors, and all lines before them, however soon SIGKILL comes', async () => {
    const folder = newFolder()
    assert.equal((await child('killed after errors', folder).ended).signal, 'SIGKILL')
    assert.deepEqual(numbersOf(folder), upTo(2000))
    assert.deepEqual(
      numbersOf(folder, 'errors.log'),
      upTo(20).map((round) => round * 100 + 99),
    )
  })

  it('holds lines of a moment ago, although the event loop was blocked since', async () => {
    const folder = newFolder()
    await child('killed while blocked', folder).ended
    assert.deepEqual(numbersOf(folder), upTo(3001))
  })

  it('holds lines while the event loop is blocked for good, also those from before the writer was up', async () => {
    const folder = newFolder()
    const { kill, seen } = child('blocked for ever', folder)
    await until(() => seen.output.includes('blocked'))
    await until(() => {
      try {
        return numbersOf(folder).length === 3000
      } catch {
        return false // not there yet, or a line is half written
      }
    })
    kill()
  })

  it('holds errors although the bot keeps the threads busy that file calls need', async () => {
    const folder = newFolder()
    await child('killed while the pool of threads is busy', folder, { UV_THREADPOOL_SIZE: '1' }).ended
    assert.deepEqual(numbersOf(folder), [0, 1])
  })

  for (const [way, code] of [
    ['exits at once', 3],
    ['has nothing left to do', 0],
    ['throws', 1],
  ] as const) {
    it(`has every line when the process ${way}`, async () => {
      const folder = newFolder()
      assert.equal((await child(way, folder).ended).code, code)
      assert.deepEqual(numbersOf(folder), upTo(3000))
    })
  }

  for (const way of ['exits at once', 'throws'])
    it(`has every line when the process ${way} before the writer was to begin`, async () => {
      const folder = newFolder()
      await child(way, folder, { THREAD: 'later' }).ended
      assert.deepEqual(numbersOf(folder), upTo(3000))
    })

  const onPosix = process.platform === 'win32' ? () => {} : it // ulimit makes the disk full

  onPosix('tells of a line that a full disk took a part of, and of its loss when there is room again', async () => {
    const folder = newFolder()
    const { seen, ended } = child('writes until the disk takes a part of a line only', folder, {}, 'ulimit -f 64;')
    assert.equal((await ended).code, 0, seen.output)
    const [fault, ...over] = JSON.parse(seen.output)
    assert.match(fault, /EFBIG/)
    assert.deepEqual(over, [null])
    assert.deepEqual(
      linesOf(folder).map(({ msg }) => msg),
      ['up to 1 log lines could not be written'],
    )
  })
})
