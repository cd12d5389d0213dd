import { expect } from 'chai'
import type { Logger } from 'pino'
import { parseReport, takeReport } from '#core/bot/servers/reports.js'
import { realClock } from '#core/platform/clock.js'
import { LineSplitter, LONGEST_PIECE } from '#core/platform/process/lines.js'
import { aMonitor } from '../../../support/builders/monitor.js'

describe('the first reported cycle', () => {
  it('turns the proof from the process to the reports, unless that was set', () => {
    for (const [proof, set, becomes] of [
      [undefined, 'auto', ['report']],
      ['url', 'auto', ['url']],
      [undefined, 'process', []],
    ] as const) {
      const monitor = aMonitor(realClock, { signals: proof === undefined ? [] : [{ name: proof, setMs: 1000 }] })
      takeReport({ kind: 'cycle' }, { settings: { BOT_PROOF: [set] }, monitor, log: {} as Logger })
      expect(monitor.signals).to.deep.equal(becomes)
      expect(monitor.totalCycles).to.equal(1)
    }
  })
})

describe('a report', () => {
  it('is JSON, plain text, or nothing', () => {
    expect(parseReport('cycle', '')).to.deep.equal({ kind: 'cycle' })
    expect(parseReport('cycle', '{"next_in_seconds": 600}')).to.deep.equal({ kind: 'cycle', nextInSeconds: 600 })
    expect(parseReport('alert', 'sold 3\n')).to.deep.equal({ kind: 'alert', message: 'sold 3' })
    expect(parseReport('error', '{"message": "no prices"}')).to.deep.equal({ kind: 'error', message: 'no prices' })
    expect(parseReport('error', '{broken')).to.deep.equal({ kind: 'error', message: '{broken' })
  })

  it('has a sensible time for the next one', () => {
    for (const next of ['-1', '"soon"', '1e99', 'null']) {
      expect(parseReport('cycle', `{"next_in_seconds": ${next}}`), next).to.have.property('fault')
    }
  })

  it('has a message that is a text', () => {
    for (const message of ['{"toString":1}', 'null', '[]'])
      expect(parseReport('alert', `{"message":${message}}`), message).to.have.property('fault')
    expect(parseReport('alert', '{"message":5}')).to.have.property('message', '5')
  })

  it('goes to one of six places, and is cut to a length', () => {
    expect(parseReport('cycles', '')).to.have.property('fault')
    expect(parseReport('../stop', '')).to.have.property('fault')
    expect(parseReport('alert', 'x'.repeat(100_000)))
      .to.have.property('message')
      .with.length(2000)
  })
})

describe('an announcement', () => {
  const reported = (monitor = aMonitor(realClock)) => ({
    monitor,
    take: (kind: string, body = '') => {
      const report = parseReport(kind, body)
      if ('fault' in report) return report.fault
      return takeReport(report, { settings: { BOT_PROOF: ['auto'] }, monitor, log: {} as Logger })
    },
  })

  it('says how long and why a bot is busy, until it is idle', () => {
    const { monitor, take } = reported()
    expect(take('busy', '{"for_seconds": 600, "why": "open order"}')).to.equal(undefined)
    expect(monitor.announced.busyWith?.why).to.equal('open order')
    expect(take('idle')).to.equal(undefined)
    expect(monitor.announced.busyWith).to.equal(undefined)
  })

  it('extends the start until the first cycle, and is refused after it', () => {
    const { monitor, take } = reported(aMonitor(realClock, { signals: [] }))
    monitor.setRunning()
    expect(take('starting', '{"for_seconds": 1800, "why": "migrating"}')).to.equal(undefined)
    expect(monitor.state().status).to.equal('starting')
    expect(monitor.state().reasons.join()).to.match(/the start takes longer: migrating, until 20\d\d-/)
    take('cycle')
    expect(monitor.state().status).to.equal('healthy')
    expect(take('starting', '{"for_seconds": 1800}')).to.equal('the start is over: there was a cycle already')
  })

  it('extends the start until each of several proofs has come', () => {
    const signals = [
      { name: 'url', setMs: 1000 },
      { name: 'report', setMs: undefined },
    ] as const
    const { monitor, take } = reported(aMonitor(realClock, { signals }))
    monitor.setRunning()
    monitor.observe('url', { is: 'proof' }) // by a side thread, while it migrates
    expect(take('starting', '{"for_seconds": 1800, "why": "migrating"}')).to.equal(undefined)
    expect(monitor.state().reasons.join()).to.contain('the start takes longer: migrating')
    take('cycle')
    expect(take('starting', '{"for_seconds": 1800}')).to.equal('the start is over: there was a cycle already')
  })

  it('ends with the first cycle also where only the process is watched', () => {
    const { monitor } = reported(aMonitor(realClock, { signals: [] }))
    monitor.setRunning()
    monitor.announced.starting(1800, 'migrating')
    monitor.recordCycle()
    expect(monitor.state().status).to.equal('healthy')
  })

  it('names a bounded number of seconds, and a reason that is a text', () => {
    const { monitor, take } = reported()
    for (const body of ['', 'open order', '{}', '{"for_seconds":"600"}', '{"for_seconds":-1}', '{"for_seconds":1e9}'])
      for (const kind of ['busy', 'starting']) expect(take(kind, body), body).to.match(/^for_seconds must be a number/)
    expect(take('busy', '{"for_seconds":1,"why":5}')).to.equal('why must be a text')
    expect([monitor.announced.busyWith, monitor.announced.startExtension]).to.deep.equal([undefined, undefined])
  })
})

describe("a program's lines", () => {
  function split(...chunks: (string | Buffer)[]): string[] {
    const lines: string[] = []
    const splitter = new LineSplitter((line) => lines.push(line))
    for (const chunk of chunks) splitter.push(Buffer.from(chunk as string))
    splitter.end()
    return lines
  }

  it('come whole, over chunks and characters cut in two, without colours and line ends', () => {
    const euro = Buffer.from('€')
    expect(split('one\ntw', 'o\r\n', '\n', '\u001b[31mred\u001b[0m\n')).to.deep.equal(['one', 'two', 'red'])
    expect(split(euro.subarray(0, 1), euro.subarray(1), '5')).to.deep.equal(['€5'])
  })

  it('come in pieces when they have no end', () => {
    const pieces = split('x'.repeat(LONGEST_PIECE * 2 + 5))
    expect(pieces.map((piece) => piece.length)).to.deep.equal([LONGEST_PIECE, LONGEST_PIECE, 5])
    expect(split(`${'x'.repeat(LONGEST_PIECE + 1)}\n`).map((piece) => piece.length)).to.deep.equal([LONGEST_PIECE, 1])
  })
})
