import { expect } from 'chai'
import type { Logger } from 'pino'
import { parseReport, takeReport } from '#core/bot/servers/reports.js'
import { realClock } from '#core/platform/clock.js'
import { LineSplitter, LONGEST_PIECE } from '#core/platform/process/lines.js'
import { aMonitor } from '../../../support/builders/monitor.js'

describe('the first reported cycle', () => {
  it('turns the proof from the process to the reports, unless that was set', () => {
    for (const [proof, set, becomes] of [
      ['process', 'auto', 'report'],
      ['url', 'auto', 'url'],
      ['process', 'process', 'process'],
    ] as const) {
      const monitor = aMonitor(realClock, { proof })
      takeReport({ kind: 'cycle' }, { settings: { BOT_PROOF: set }, monitor, log: {} as Logger })
      expect(monitor.proof).to.equal(becomes)
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

  it('goes to one of three places, and is cut to a length', () => {
    expect(parseReport('cycles', '')).to.have.property('fault')
    expect(parseReport('../stop', '')).to.have.property('fault')
    expect(parseReport('alert', 'x'.repeat(100_000)))
      .to.have.property('message')
      .with.length(2000)
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
