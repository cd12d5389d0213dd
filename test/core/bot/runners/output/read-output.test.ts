import { expect } from 'chai'
import { COMPLETE_MS, EntryReader } from '#core/bot/runners/output/read-output.js'
import { FakeClock } from '../../../../support/fake-clock.js'

describe('lines that may belong to an error', () => {
  function reader() {
    const clock = new FakeClock()
    const said: string[] = []
    return { clock, said, lines: new EntryReader(clock, 'stdout', ({ text }) => said.push(text)) }
  }

  it('are passed on a moment after the last of them, other lines at once', async () => {
    const { clock, said, lines } = reader()
    lines.push('hello')
    expect(said).to.deep.equal(['hello'])
    lines.push('ERROR no prices')
    await clock.turn(COMPLETE_MS - 1)
    expect(said).to.deep.equal(['hello'])
    await clock.turn(1)
    expect(said).to.deep.equal(['hello', 'ERROR no prices'])
  })

  it('wait for each further line anew', async () => {
    const { clock, said, lines } = reader()
    for (const line of ['Traceback (most recent call last):', '  File "bot.py", line 3', "KeyError: 'token'"]) {
      lines.push(line)
      await clock.turn(COMPLETE_MS - 1)
      expect(said).to.deep.equal([])
    }
    await clock.turn(1)
    expect(said).to.deep.equal(["KeyError: 'token'"])
  })

  it('are passed on at the end of the output', () => {
    const { said, lines } = reader()
    lines.push('ERROR no prices')
    lines.flush()
    expect(said).to.deep.equal(['ERROR no prices'])
  })
})
