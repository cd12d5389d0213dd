import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { metricsFile } from '#core/metrics/metrics-file.js'
import { FakeClock } from '../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

describe('the file of metrics', () => {
  afterEach(removeTempFolders)

  function opened(path: string, text = async (isRunning: boolean) => `running ${isRunning}\n`) {
    const clock = new FakeClock()
    const faults: (string | undefined)[] = []
    const file = metricsFile(clock, path, text, (fault) => faults.push(fault))
    const update = async (ms = 10_000) => {
      file.update()
      await clock.turn(ms)
      await file.written()
    }
    return { clock, file, faults, update, read: () => readFileSync(path, 'utf8') }
  }

  it('is there at once, readable by everybody, and is written for the last time as that of a watchdog that ended', async () => {
    const folder = tempFolder()
    const path = join(folder, 'bot.prom')
    const old = process.umask(0o077)
    try {
      const { file, update, read, faults } = opened(path)
      await update(0)
      expect(read()).to.equal('running true\n')
      if (process.platform !== 'win32') expect((statSync(path).mode & 0o777).toString(8)).to.equal('644')
      await file.close()
      expect(read()).to.equal('running false\n')
      expect(faults).to.deep.equal([])
      expect(readdirSync(folder), 'nothing beside it').to.deep.equal(['bot.prom'])
    } finally {
      process.umask(old)
    }
  })

  it('is written every few seconds at most, and the last state is never left out', async () => {
    let writes = 0
    let state = 0
    const { clock, file, read } = opened(join(tempFolder(), 'bot.prom'), async () => {
      writes++
      return `${state}`
    })
    while (state < 40) {
      state++
      file.update()
      await clock.turn(250) // 10 s in all
      await file.written()
    }
    await clock.turn(5000)
    await file.written()
    expect(writes).to.be.within(2, 4)
    expect(read()).to.equal('40')
  })

  it('says once that its folder is missing, makes none, and says once that it is there', async () => {
    const folder = join(tempFolder(), 'missing')
    const { faults, update, read } = opened(join(folder, 'bot.prom'))
    for (let turn = 0; turn < 3; turn++) await update()
    expect(existsSync(folder)).to.equal(false)
    expect(faults).to.have.length(1)
    expect(faults[0]).to.match(/bot\.prom can't be written: ENOENT/)
    mkdirSync(folder)
    for (let turn = 0; turn < 3; turn++) await update()
    expect(faults).to.have.length(2)
    expect(faults[1]).to.equal(undefined)
    expect(read()).to.equal('running true\n')
  })

  it('says once that something else lies in its place, or that it is not permitted, and leaves no file behind', async () => {
    const folder = tempFolder()
    const path = join(folder, 'bot.prom')
    mkdirSync(path)
    const { faults, update } = opened(path)
    for (let turn = 0; turn < 3; turn++) await update()
    expect(faults).to.have.length(1)
    expect(readdirSync(folder)).to.deep.equal(['bot.prom'])
    rmSync(path, { recursive: true })
    if (process.platform === 'win32' || process.getuid?.() === 0) return
    chmodSync(folder, 0o555)
    await update()
    expect(faults[1]).to.match(/EACCES/)
    chmodSync(folder, 0o755)
  })

  it('disturbs nobody when its text can not be had, or takes for ever', async () => {
    const failing = opened(join(tempFolder(), 'bot.prom'), async () => {
      throw new Error('no figures')
    })
    await failing.update()
    expect(failing.faults[0]).to.contain('no figures')
    const hanging = opened(join(tempFolder(), 'bot.prom'), () => new Promise(() => {}))
    for (let turn = 0; turn < 3; turn++) {
      hanging.file.update()
      await hanging.clock.turn(10_000)
    }
    const closing = hanging.file.close()
    await hanging.clock.turn(3000)
    await closing
  })
})
