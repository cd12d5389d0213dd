import { expect } from 'chai'
import type { Business } from '#core/health/announced/safe-moment.js'
import { waitForSafeMoment } from '#core/health/announced/wait-for-safe-moment.js'
import { FakeClock } from '../../../support/fake-clock.js'

const BUSY: Business = { busy: { why: 'open order', until: '2026-03-01T12:10:00.000Z' } }

/** Waits for a bot that answers so: each answer holds from its second on. */
async function waited(
  answers: readonly (readonly [number, Business])[],
  { maxMs = 600_000, abortAt }: { maxMs?: number; abortAt?: number } = {},
) {
  const clock = new FakeClock()
  const began = clock.monotonic()
  const end = new AbortController()
  if (abortAt !== undefined) clock.after(abortAt, () => end.abort())
  let asked = 0
  const ask = async () => {
    const seconds = (clock.monotonic() - began) / 1000
    return answers.findLast(([from]) => from <= seconds)?.[1] ?? 'idle'
  }
  const work = waitForSafeMoment(clock, { ask, maxMs, signal: end.signal, onWait: () => asked++ })
  const { waitedMs, isBusy, busy } = await clock.turnUntil(work)
  return { seconds: Math.round(waitedMs / 1000), isBusy, why: busy?.why, asked }
}

describe('a planned restart', () => {
  it('goes on at once where the bot is not busy, gives no answer, or nothing is to be waited for', async () => {
    const none = { seconds: 0, isBusy: false, why: undefined, asked: 0 }
    expect(await waited([[0, 'idle']])).to.deep.equal(none)
    expect(await waited([[0, 'silent']])).to.deep.equal(none)
    expect(await waited([[0, BUSY]], { maxMs: 0 })).to.deep.equal(none)
  })

  it('waits for a bot that is busy until it is not', async () => {
    const story: [number, Business][] = [
      [0, BUSY],
      [42, 'idle'],
    ]
    expect(await waited(story)).to.deep.equal({ seconds: 42, isBusy: false, why: 'open order', asked: 42 })
  })

  it('waits no longer than it may, also for a bot that says so again and again', async () => {
    expect(await waited([[0, BUSY]])).to.include({ seconds: 600, isBusy: true })
    expect(await waited([[0, BUSY]], { maxMs: 1500 })).to.include({ seconds: 2, isBusy: true })
  })

  it('waits through a short silence, and not for a bot that has frozen meanwhile', async () => {
    const hiccup: [number, Business][] = [
      [0, BUSY],
      [5, 'silent'],
      [15, BUSY],
      [30, 'idle'],
    ]
    expect(await waited(hiccup)).to.include({ seconds: 30, isBusy: false })
    const frozen: [number, Business][] = [
      [0, BUSY],
      [5, 'silent'],
    ]
    expect(await waited(frozen)).to.include({ seconds: 20, isBusy: false })
  })

  it('ends its wait when it is cancelled', async () => {
    expect(await waited([[0, BUSY]], { abortAt: 7000 })).to.include({ seconds: 7 })
  })
})
