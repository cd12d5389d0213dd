import { expect } from 'chai'
import { pino } from 'pino'
import type { Entry } from '#core/bot/runners/output/join-lines.js'
import { logOutput } from '#core/bot/runners/output/log-output.js'
import { FakeClock } from '../../../../support/fake-clock.js'

describe('the printed errors of a bot', () => {
  function output() {
    const clock = new FakeClock()
    const lines: Record<string, unknown>[] = []
    let errors = 0
    const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) })
    return { clock, lines, errors: () => errors, ...logOutput(clock, log, () => errors++) }
  }
  const ERROR: Entry = { level: 'error', text: 'ERROR no prices' }
  const TRACE: Entry = { level: 'error', text: "KeyError: 'token'", stack: "Traceback…\nKeyError: 'token'" }

  it('are counted, each entry once, and in the log with their stack', () => {
    const { take, errors, lines } = output()
    take({ level: 'warn', text: 'slow' }, 'stderr')
    take(ERROR, 'stdout')
    take(TRACE, 'stderr')
    expect(errors()).to.equal(2)
    expect(lines).to.deep.equal([
      { level: 40, stream: 'stderr', msg: 'slow' },
      { level: 50, msg: 'ERROR no prices' },
      { level: 50, stream: 'stderr', err: { stack: TRACE.stack }, msg: TRACE.text },
    ])
  })

  it('are quoted after an exit: an error with its stack before any other, and only a recent one', async () => {
    const { take, lastError, clock } = output()
    expect(lastError()).to.equal(undefined)
    take(TRACE, 'stderr')
    take(ERROR, 'stdout')
    expect(lastError()).to.equal("KeyError: 'token'")
    await clock.turn(10_001)
    expect(lastError()).to.equal(undefined)
    take(ERROR, 'stdout')
    expect(lastError()).to.equal('ERROR no prices')
  })

  it('may be a last line on standard error that names no error', async () => {
    const { take, lastError, clock } = output()
    take({ level: 'warn', text: 'no token' }, 'stderr')
    take({ level: 'info', text: 'bye' }, 'stdout')
    expect(lastError()).to.equal('no token')
    await clock.turn(1001)
    expect(lastError()).to.equal(undefined)
  })
})
