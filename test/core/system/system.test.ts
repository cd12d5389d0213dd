import { spawn } from 'node:child_process'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { every, realClock, sleep, within } from '#core/system/clock.js'
import { ask, serve } from '#core/system/http.js'
import { portHolder } from '#core/system/port-holder.js'
import {
  exitCodeOfSignal,
  identify,
  isRunning,
  pidsWithEnvironment,
  run,
  saidBy,
  thisProcess,
} from '#core/system/processes.js'
import { asOnMac } from '../../support/as-on-mac.js'
import { FakeClock } from '../../support/fake-clock.js'

describe('the clock', () => {
  it('ends a sleep early when its signal aborts', async () => {
    const clock = new FakeClock()
    const end = new AbortController()
    let over = 0
    void sleep(clock, 1000, end.signal).then(() => over++)
    void sleep(clock, 1000).then(() => over++)
    await clock.turn(999)
    expect(over).to.equal(0)
    end.abort()
    await clock.turn(0)
    expect(over).to.equal(1)
    await clock.turn(1)
    expect(over).to.equal(2)
    await sleep(clock, 1000, AbortSignal.abort())
  })

  it('repeats until it is told to stop, never two rounds at once', async () => {
    const clock = new FakeClock()
    let rounds = 0
    const stop = every(clock, 100, async () => {
      rounds++
      await sleep(clock, 250)
    })
    await clock.turn(1000)
    expect(rounds).to.equal(3)
    stop()
    await clock.turn(1000)
    expect(rounds).to.equal(3)
  })

  it('gives up waiting, and passes on what came or failed in time', async () => {
    const clock = new FakeClock()
    const late = within(clock, 100, new Promise(() => {}))
    await clock.turn(100)
    expect(await late).to.equal(undefined)
    expect(await within(clock, 100, Promise.resolve(1))).to.equal(1)
    const failure = await within(clock, 100, Promise.reject(new Error('x'))).catch((error: Error) => error.message)
    expect(failure).to.equal('x')
  })

  it('has no trouble with a timer of months', () => {
    let fired = false
    const cancel = realClock.after(2 ** 40, () => {
      fired = true
    })
    cancel()
    expect(fired).to.equal(false)
  })
})

describe('processes', () => {
  it('are known by pid, start time and boot', async () => {
    const me = thisProcess()
    expect(await identify(process.pid)).to.deep.equal(me)
    expect(await isRunning(me)).to.equal(true)
    expect(await isRunning({ ...me, started: me.started - 100_000 })).to.equal(false)
    if (process.platform === 'linux') expect(await isRunning({ ...me, boot: 'x' })).to.equal(false)
  })

  it('run on although the clock was set, by which the time of the boot is computed where the system has no name for it', async () => {
    const started = new Date(2026, 2, 1, 12, 0, 0)
    const id = { pid: process.pid, started: started.getTime(), boot: '29500000' }
    const lstart = started.toString().replace(/^(\w+ \w+ \d+) (\d+) ([\d:]+) .*/, '$1 $3 $2')
    const runs = (more: object) => asOnMac(`echo '${lstart}'`, () => isRunning({ ...id, ...more }))
    expect(await runs({})).to.equal(true)
    expect(await runs({ started: id.started - 60_000 }), 'another that has its pid').to.equal(false)
  })

  it('that have ended do not run, reaped or not', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    const id = await identify(child.pid as number)
    if (!id) throw new Error('no such process')
    expect(await isRunning(id)).to.equal(true)
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    expect(await isRunning(id)).to.equal(false)
  })

  it('run without a shell, and their failure is an answer', async () => {
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

  it('say in their own words how they failed, or else how they ended', () => {
    const said = (result: Partial<Parameters<typeof saidBy>[0]>) =>
      saidBy({ exit: undefined, failure: undefined, stdout: '', stderr: '', ...result })
    expect(said({ exit: 3, stdout: 'out\n', stderr: 'err\n' })).to.equal('err')
    expect(said({ exit: 3, stdout: 'out\n', stderr: ' \n' })).to.equal('out')
    expect(said({ exit: 3 })).to.equal('exit code 3')
    expect(said({ failure: 'ENOENT' })).to.equal('ENOENT')
    expect(said({})).to.equal('it was killed')
    expect(said({ failure: 'ETIMEDOUT', stdout: 'half\n' })).to.equal('it took too long: half')
  })

  it('that left their parent are found by their environment', async () => {
    if (process.platform !== 'linux') return expect(pidsWithEnvironment('X', 'y')).to.deep.equal([])
    const mark = `mark-${process.pid}-${Date.now()}`
    const child = spawn(process.execPath, ['-e', 'process.stdout.write("x"); setInterval(() => {}, 1e6)'], {
      env: { CATALYST_TEST_MARK: mark },
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(pidsWithEnvironment('CATALYST_TEST_MARK', mark)).to.deep.equal([child.pid])
    expect(pidsWithEnvironment('CATALYST_TEST_MARK', mark.slice(0, -1))).to.deep.equal([])
    child.kill('SIGKILL')
  })

  it('ended by a signal have an exit code as in a shell', () => {
    expect(exitCodeOfSignal('SIGTERM')).to.equal(143)
    expect(exitCodeOfSignal('SIGKILL')).to.equal(137)
  })
})

describe('ports and requests', () => {
  it('name the process that holds a port', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    expect((await portHolder(port))?.pid).to.equal(process.pid)
    await new Promise((resolve) => server.close(resolve))
    expect(await portHolder(port)).to.equal(undefined)
  })

  it('fail with a reason: refused, too slow, too long, cut off, no HTTP', async () => {
    const listener = await serve({ host: '127.0.0.1', port: 0 }, (request, response) => {
      if (request.url === '/long') response.end('x'.repeat(5000))
      if (request.url === '/cut') request.socket.destroy()
      if (request.url === '/slow') response.write('begins')
    })
    const why = (path: string, more = {}) =>
      ask(`http://127.0.0.1:${listener.port}${path}`, { timeoutMs: 5000, ...more }).then(
        () => 'answered',
        (error: Error) => error.message,
      )
    expect(await why('/long', { maxBytes: 1000 })).to.equal('the answer is longer than 1000 bytes')
    expect(await why('/cut')).to.match(/cut|hang up/)
    expect(await why('/slow', { timeoutMs: 50 })).to.equal('no answer within 0.05 s')
    await listener.close()
    expect(await why('/')).to.equal('connection refused')
    const odd = net.createServer((socket) => void socket.resume().end('hello\r\n\r\n')).listen(0, '127.0.0.1')
    await new Promise((resolve) => odd.once('listening', resolve))
    const answer = await ask(`http://127.0.0.1:${(odd.address() as AddressInfo).port}/`, { timeoutMs: 5000 }).catch(
      (error: Error) => error.message,
    )
    expect(answer).to.match(/Parse Error/)
    await new Promise((resolve) => odd.close(resolve))
  })
})
