import { spawn } from 'node:child_process'
import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { identify, isRunning, thisProcess } from '#core/platform/process/process-id.js'
import { exitCodeOfSignal, failureText, lowerPriority, run } from '#core/platform/process/processes.js'
import { findPidsWithEnvironment, pidsWithEnvironment } from '#core/platform/process/signals.js'
import { asOnMac } from '../../../support/as-on-mac.js'

describe('processes', () => {
  it('are identified by pid, start time and boot', async () => {
    const me = thisProcess()
    expect(await identify(process.pid)).to.deep.equal(me)
    expect(await isRunning(me)).to.equal(true)
    expect(await isRunning({ ...me, started: me.started - 100_000 })).to.equal(false)
    if (process.platform === 'linux') expect(await isRunning({ ...me, boot: 'x' })).to.equal(false)
  })

  it('still count as running after the clock was set, even if the boot time is computed from it', async () => {
    const started = new Date(2026, 2, 1, 12, 0, 0)
    const id = { pid: process.pid, started: started.getTime(), boot: '29500000' }
    const lstart = started.toString().replace(/^(\w+ \w+ \d+) (\d+) ([\d:]+) .*/, '$1 $3 $2')
    const runs = (more: object) => asOnMac(`echo '${lstart}'`, () => isRunning({ ...id, ...more }))
    expect(await runs({})).to.equal(true)
    expect(await runs({ started: id.started - 60_000 }), 'another that has its pid').to.equal(false)
  })

  it('get a lower priority, and never a higher one than they have', () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
    const pid = child.pid as number
    try {
      lowerPriority(pid)
      expect(os.getPriority(pid)).to.be.at.least(os.constants.priority.PRIORITY_BELOW_NORMAL)
      os.setPriority(pid, os.constants.priority.PRIORITY_LOW)
      lowerPriority(pid)
      expect(os.getPriority(pid)).to.equal(os.constants.priority.PRIORITY_LOW)
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('count as exited, reaped or not', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    const id = await identify(child.pid as number)
    if (!id) throw new Error('no such process')
    expect(await isRunning(id)).to.equal(true)
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    expect(await isRunning(id)).to.equal(false)
  })

  it('run without a shell, and their failure is a result', async () => {
    const options = { timeoutMs: 10_000 }
    expect(await run(process.execPath, ['-p', '1+1'], options)).to.deep.equal({
      exit: 0,
      failure: undefined,
      stdout: '2\n',
      stderr: '',
    })
    expect(await run(process.execPath, ['-e', 'process.exit(3)'], options)).to.include({ exit: 3, failure: undefined })
    expect(await run('no-such-program', [], options)).to.include({ exit: undefined, failure: 'ENOENT' })
    if (process.platform === 'linux')
      // node throws these at once
      expect(await run('/bin/true', ['x'.repeat(200_000)], options)).to.include({ exit: undefined, failure: 'E2BIG' })
    expect(await run(join(import.meta.filename, 'x'), [], options)).to.include({ exit: undefined })
    expect(await run(process.execPath, ['-e', 'for(;;);'], { timeoutMs: 200 })).to.include({
      exit: undefined,
      failure: 'ETIMEDOUT',
    })
    expect(await run(process.execPath, ['-p', 'process.argv[1]', '$HOME; `x`'], options)).to.include({
      stdout: '$HOME; `x`\n',
    })
  })

  it('report in their own words how they failed, or else how they exited', () => {
    const said = (result: Partial<Parameters<typeof failureText>[0]>) =>
      failureText({ exit: undefined, failure: undefined, stdout: '', stderr: '', ...result })
    expect(said({ exit: 3, stdout: 'out\n', stderr: 'err\n' })).to.equal('err')
    expect(said({ exit: 3, stdout: 'out\n', stderr: ' \n' })).to.equal('out')
    expect(said({ exit: 3 })).to.equal('exit code 3')
    expect(said({ failure: 'ENOENT' })).to.equal('ENOENT')
    expect(said({})).to.equal('it was killed')
    expect(said({ failure: 'ETIMEDOUT', stdout: 'half\n' })).to.equal('it took too long: half')
  })

  it('are found by their environment after they left their parent', async () => {
    if (process.platform !== 'linux') return expect(pidsWithEnvironment('X', 'y')).to.deep.equal([])
    const mark = `mark-${process.pid}-${Date.now()}`
    const child = spawn(process.execPath, ['-e', 'process.stdout.write("x"); setInterval(() => {}, 1e6)'], {
      env: { CATALYST_TEST_MARK: mark },
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(pidsWithEnvironment('CATALYST_TEST_MARK', mark)).to.deep.equal([child.pid])
    expect(pidsWithEnvironment('CATALYST_TEST_MARK', mark.slice(0, -1))).to.deep.equal([])
    let hasTurned = false
    setImmediate(() => (hasTurned = true))
    expect(await findPidsWithEnvironment('CATALYST_TEST_MARK', mark)).to.deep.equal([child.pid])
    expect(hasTurned, 'the event loop turns meanwhile').to.equal(true)
    child.kill('SIGKILL')
  })

  it('have an exit code as in a shell if a signal killed them', () => {
    expect(exitCodeOfSignal('SIGTERM')).to.equal(143)
    expect(exitCodeOfSignal('SIGKILL')).to.equal(137)
  })
})
