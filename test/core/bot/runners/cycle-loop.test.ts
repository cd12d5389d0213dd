import { expect } from 'chai'
import { pino } from 'pino'
import type { BotContext } from '#core/bot/contract.js'
import { retryPauseMs, runCycles } from '#core/bot/runners/cycle-loop.js'
import { FakeClock } from '../../../support/fake-clock.js'

function set(cycle: (ctx: BotContext) => unknown) {
  const clock = new FakeClock()
  const end = new AbortController()
  const done: number[] = []
  const failed: unknown[] = []
  const log: BotContext['log'] = pino({ level: 'silent' })
  const ctx = { log, signal: end.signal } as BotContext
  const bot = { name: 'x', cycle: (given: BotContext) => cycle(given) as Promise<void> }
  const hooks = {
    onCycle: (ms: number) => done.push(ms),
    onFailure: (error: unknown) => failed.push(error),
    pauseMs: 30_000,
  }
  return { clock, end, done, failed, finished: runCycles(clock, bot, ctx, hooks) }
}

describe('the cycle loop', () => {
  it('pauses between cycles and times them', async () => {
    const { clock, end, done, finished } = set(() => {})
    await clock.turn(60_000)
    expect(done).to.deep.equal([0, 0, 0])
    end.abort()
    await finished
  })

  it('counts what a cycle throws as an error, whatever it is, and retries with a backoff', async () => {
    const thrown: unknown[] = ['text', undefined, new Error('x'), Promise.reject(new Error('y'))]
    let round = 0
    const { clock, end, done, failed, finished } = set(() => {
      const next = thrown[round++]
      if (next instanceof Promise) return next
      if (round <= 3) throw next
    })
    await clock.turn(0)
    expect(failed).to.deep.equal(['text'])
    await clock.turn(30_000)
    expect(failed).to.have.length(2)
    await clock.turn(59_000)
    expect(failed).to.have.length(2)
    await clock.turn(1_000)
    expect(failed).to.have.length(3)
    await clock.turn(120_000)
    expect(failed).to.have.length(4)
    expect(done).to.have.length(0)
    await clock.turn(240_000 + 30_000)
    expect(done).to.have.length(2)
    end.abort()
    await finished
  })

  it('stops in the middle of a pause, and takes what an aborted cycle throws for no error', async () => {
    const { clock, end, failed, finished } = set(
      (ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(new Error('ended')))),
    )
    await clock.turn(5)
    end.abort()
    await finished
    expect(failed).to.deep.equal([])
  })

  it('has a backoff up to five minutes, and never below the pause that was set', () => {
    expect([1, 2, 3, 4, 5, 6].map((n) => retryPauseMs(30_000, n))).to.deep.equal([
      30_000, 60_000, 120_000, 240_000, 300_000, 300_000,
    ])
    expect([1, 2, 10].map((n) => retryPauseMs(0, n))).to.deep.equal([1000, 2000, 300_000])
    expect(retryPauseMs(600_000, 3)).to.equal(600_000)
    expect(retryPauseMs(30_000, 5000)).to.equal(300_000)
  })
})
