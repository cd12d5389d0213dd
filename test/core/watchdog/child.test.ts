import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { realClock } from '#core/system/clock.js'
import { ChildBot } from '#core/watchdog/child.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('the bot as a child of the watchdog', () => {
  afterEach(removeTempFolders)

  it('is started again although it can not be read whether somebody wishes that', async () => {
    const home = tempFolder()
    const started = join(home, 'started')
    const script = `require('node:fs').appendFileSync(${JSON.stringify(started)}, 'x'); setInterval(() => {}, 1e6)`
    const say = () => {}
    const child = new ChildBot(realClock, {
      command: [process.execPath, '-e', script],
      home,
      restartDelayMs: 0,
      log: { info: say, warn: say, error: say } as unknown as Logger,
      botRuns: async () => false,
      startWish: () => {
        throw new Error('ENFILE')
      },
      onEnd: say,
    })
    const starts = async (count: number) => {
      for (let look = 0; look < 200; look++) {
        if (existsSync(started) && readFileSync(started, 'utf8').length >= count) return true
        await pause(20)
      }
      return false
    }
    await child.start()
    expect(await starts(1)).to.equal(true)
    const { child: pid } = (await child.details()) as { child: number }
    process.kill(pid, 'SIGKILL')
    expect(await starts(2)).to.equal(true)
    await child.stop(5000)
    expect(await child.kept()).to.include({ process: 'stopped' })
  })
})
