import { expect } from 'chai'
import { pollUntil } from '#core/platform/poll.js'
import { FakeClock } from '../../support/fake-clock.js'

describe('polling', () => {
  const poll = (answers: readonly (string | undefined)[], timeoutMs: number, signal?: AbortSignal) => {
    const clock = new FakeClock()
    let probes = 0
    const result = pollUntil(clock, { intervalMs: 100, timeoutMs, ...(signal && { signal }) }, () => answers[probes++])
    return { clock, result, probes: () => probes }
  }

  it('returns the first answer, at once where there is one', async () => {
    expect(await poll(['yes'], 1000).result).to.equal('yes')
    const later = poll([undefined, undefined, 'yes'], 1000)
    await later.clock.turn(200)
    expect(await later.result).to.equal('yes')
    expect(later.probes()).to.equal(3)
  })

  it('returns undefined when its time is over, and probes at least once however short that is', async () => {
    const never = poll([], 250)
    await never.clock.turn(300)
    expect(await never.result).to.equal(undefined)
    expect(never.probes(), 'at 0, 100, 200 and 300 ms').to.equal(4)
    expect(await poll(['yes'], 0).result).to.equal('yes')
  })

  it('ends at once when its signal aborts', async () => {
    const end = new AbortController()
    const { clock, result, probes } = poll([], 60_000, end.signal)
    await clock.turn(50)
    end.abort()
    await clock.turn(0)
    expect(await result).to.equal(undefined)
    expect(probes(), 'once more, since it may just have come').to.equal(2)
  })
})
