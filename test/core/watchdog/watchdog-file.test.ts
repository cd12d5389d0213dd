import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { readWatchdogFile, restartsOnClock, restartsOnWall, writeWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { aWatchdogFile } from '../../support/builders/watchdog-file.js'
import { tempFolder } from '../../support/temp.js'

describe('the state file of the watchdog', () => {
  it('converts earlier restarts to the current clock', () => {
    const [now, wall] = [5000, 1_000_000_000]
    expect(restartsOnClock(restartsOnWall([4000, 1000], now, wall), now, wall)).to.deep.equal([1000, 4000])
    expect(restartsOnClock([wall - 60_000], 10, wall), 'after a reboot').to.deep.equal([10 - 60_000])
  })

  it('refills no restart budget when the clock was set back', () => {
    expect(restartsOnClock([2_000_000], 5000, 1_000_000)).to.deep.equal([5000])
  })

  it('is read as it was written, and nothing else is', () => {
    const paths = homePaths(tempFolder())
    expect(readWatchdogFile(paths)).to.equal(undefined)
    const file = aWatchdogFile(2, { next_check_at: 3, status: 'healthy', restarts: [4] })
    writeWatchdogFile(paths, file)
    expect(readWatchdogFile(paths)).to.deep.equal(file)
    for (const text of ['', '{}', '[]', '{"restarts":["x"],"incident":null}']) {
      writeFileSync(paths.watchdog, text)
      expect(readWatchdogFile(paths), text).to.equal(undefined)
    }
  })
})
