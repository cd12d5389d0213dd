import { expect } from 'chai'
import { LineLedger } from './lines.js'

/** A ledger that has read these lines of runs, such as `a0 a1 b0`. */
function read(words: string): LineLedger {
  const ledger = new LineLedger()
  for (const word of words.split(' ')) ledger.take(`{"msg":"noise; line ${word[0]}-1 ${word.slice(1)};"}`)
  return ledger
}

const sure = (counts: Readonly<Record<string, number>>) =>
  new Map(Object.entries(counts).map(([run, count]) => [`${run}-1`, { sure: count }]))

describe('the count of numbered lines', () => {
  it('is content when every process has all of its lines once, in order', () => {
    const ledger = read('a0 a1 b0 a2 b1')
    expect(ledger.count).to.equal(5)
    expect(ledger.faults(sure({ a: 3, b: 2 }))).to.deep.equal([])
  })

  it('finds a gap', () => {
    expect(read('a0 a1 a4').faults(sure({ a: 5 }))).to.deep.equal([{ run: 'a-1', what: 'lines 2 to 3 are missing' }])
  })

  it('finds a line that comes twice', () => {
    expect(read('a0 a1 a1 a2').faults(sure({ a: 3 }))).to.deep.equal([
      { run: 'a-1', what: 'line 1 came again, or late' },
    ])
  })

  it('finds lines that are missing at the end, and a process that has none', () => {
    expect(read('a0 a1').faults(sure({ a: 4, b: 1 }))).to.deep.equal([
      { run: 'a-1', what: 'lines 2 to 3 are missing at its end' },
      { run: 'b-1', what: 'lines 0 to 0 are missing at its end' },
    ])
  })

  it('forgives a killed process what it had only just handed over', () => {
    expect(read('a0 a1 a2').faults(sure({ a: 2 }))).to.deep.equal([])
  })

  it('skips what others have logged', () => {
    const ledger = new LineLedger()
    ledger.take('{"msg":"the bot started"}')
    expect(ledger.count).to.equal(0)
  })
})
