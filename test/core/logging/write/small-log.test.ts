import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openSmallLog } from '#core/logging/write/small-log.js'
import { until } from '../../../support/e2e/until.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { tempFolder } from '../../../support/temp.js'

function opened(folder = tempFolder()) {
  const shown: string[] = []
  const faults: (string | undefined)[] = []
  const clock = new FakeClock()
  const { log, close } = openSmallLog(clock, {
    folder,
    name: 'watchdog.log',
    level: 'INFO',
    retention: { days: 7, maxBytes: 1e9 },
    redact: (text) => text.replaceAll('hush', '[hidden]'),
    console: (line) => shown.push(line),
    onFault: (fault) => faults.push(fault),
  })
  const lines = () =>
    readFileSync(join(folder, 'watchdog.log'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).msg)
  return { log, close, clock, shown, faults, lines, folder }
}

describe('a log of one file, written by its own thread', () => {
  it('has every line, in order, redacted, when it is closed', async () => {
    const { log, close, lines, shown, faults } = opened()
    for (let n = 0; n < 500; n++) log.info(`line ${n}, hush`)
    log.debug('not this one')
    await close()
    expect(lines()).to.deep.equal(Array.from({ length: 500 }, (_, n) => `line ${n}, [hidden]`))
    expect(shown).to.have.length(500)
    expect(faults).to.deep.equal([])
  })

  it("reports once that it can't be written and once that it can again, and how many lines are lost", async () => {
    const folder = join(tempFolder(), 'logs')
    writeFileSync(folder, 'in the way')
    const { log, close, clock, faults, lines } = opened(folder)
    log.info('lost')
    await until(() => faults.length === 1) // the disk's answer comes in real time
    rmSync(folder)
    mkdirSync(folder)
    await until(async () => {
      await clock.turn(1000)
      return faults.length === 2
    })
    log.info('kept')
    await close()
    expect(faults.map((fault) => fault !== undefined)).to.deep.equal([true, false])
    expect(lines()).to.deep.equal(['up to 1 log lines could not be written', 'kept'])
  })
})
