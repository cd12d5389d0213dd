import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { commandProbe, judgeExit } from '#core/bot/proof/command.js'
import { type Clock, realClock } from '#core/platform/clock.js'
import { isAlive } from '../../../support/e2e/still-running.js'
import { until } from '../../../support/e2e/until.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

/** A clock on which the limit of a command is over at once. */
const hasty: Clock = { ...realClock, after: (ms, run) => realClock.after(ms === 10_000 ? 500 : ms, run) }

describe('the exit of BOT_HEALTH_COMMAND', () => {
  const cases: [number | undefined, string, string | undefined][] = [
    [0, 'whatever', undefined],
    [2, 'queue is stuck', 'exit code 2: queue is stuck'],
    [1, '', 'exit code 1'],
    [137, '', 'exit code 137'],
    [undefined, '', 'no exit within 10 s'],
    [undefined, 'asking', 'no exit within 10 s: asking'],
    [1, 'x'.repeat(500), `exit code 1: ${'x'.repeat(200)}`],
  ]
  for (const [exit, line, why] of cases)
    it(`${exit ?? 'that never comes'} ${line.slice(0, 20)} ${why === undefined ? 'is proof' : 'is none'}`, () =>
      expect(judgeExit(exit, line)).to.deep.equal(why === undefined ? { is: 'proof' } : { is: 'silence', why }))
})

describe('BOT_HEALTH_COMMAND', () => {
  afterEach(removeTempFolders)

  function command(code: string, { clock = realClock, program = process.execPath } = {}) {
    const folder = tempFolder()
    fs.writeFileSync(join(folder, 'check.cjs'), code)
    const environment = { ...(process.env as Record<string, string>), MINE: 'yes', CATALYST_INSTANCE: 'abc' }
    return { folder, ...commandProbe(clock, { argv: [program, 'check.cjs'], folder, environment }) }
  }

  it("runs in the bot's folder with the bot's environment, but is none of its processes", async () => {
    const { probe } = command(
      `process.exit(process.env.MINE === 'yes' && !process.env.CATALYST_INSTANCE && require('fs').existsSync('check.cjs') ? 0 : 1)`,
    )
    expect(await probe()).to.deep.equal({ is: 'proof' })
  })

  it('tells its last line, of either stream, without blank ones', async () => {
    const { probe } = command(`console.log('asking'); console.error('queue is stuck\\n\\n'); process.exitCode = 2`)
    expect(await probe()).to.deep.equal({ is: 'silence', why: 'exit code 2: queue is stuck' })
  })

  it('is killed with its tree at its limit', async () => {
    const { folder, probe } = command(
      `const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
       require('fs').writeFileSync('child', String(child.pid)); console.log('asking'); setInterval(() => {}, 1000)`,
      { clock: hasty },
    )
    expect(await probe()).to.deep.equal({ is: 'silence', why: 'no exit within 10 s: asking' })
    const child = Number(fs.readFileSync(join(folder, 'child'), 'utf8'))
    await until(() => !isAlive(child))
  })

  it('is killed when the bot ends', async () => {
    const { folder, probe, close } = command(
      `require('fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)`,
    )
    const probed = probe()
    const pid = await until(
      () => fs.existsSync(join(folder, 'pid')) && Number(fs.readFileSync(join(folder, 'pid'), 'utf8')),
    )
    await close()
    expect((await probed).is).to.equal('silence')
    await until(() => !isAlive(pid))
  })

  it('says why it can not be started', async () => {
    expect(await command('', { program: 'surely-not-there' }).probe()).to.deep.equal({
      is: 'silence',
      why: "it can't be started: no such program",
    })
  })
})
