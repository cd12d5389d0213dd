import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { startMark } from '#core/logging/start-mark.js'
import { lastErrors, lastWords } from '#core/service/status/last-errors.js'
import { tempFolder } from '../../../support/temp.js'

const lines = (count: number, word: string) => Array.from({ length: count }, (_, index) => `${word} ${index}`)

describe('the last words of a service', () => {
  function wordsOf(text: readonly string[]): string[] {
    const logs = tempFolder()
    fs.writeFileSync(join(logs, 'service_stderr.log'), `${text.join('\n')}\n`)
    return [...lastWords(logs, 'bot', 5).lines]
  }

  it('are the last lines', () => {
    expect(wordsOf(lines(9, 'line'))).to.deep.equal(lines(9, 'line').slice(4))
    expect(wordsOf(['one'])).to.deep.equal(['one'])
  })

  it('are the last error whole, though it is longer', () => {
    const error = [
      'Error: The settings have 8 faults:',
      ...lines(8, '    - NAME'),
      'Code: SETTINGS_INVALID',
      'Try this: x',
    ]
    expect(wordsOf(['Error: an older one', ...lines(3, 'line'), ...error])).to.deep.equal(error)
  })

  it('are all there is, if that is little', () => {
    const error = ['Error: it is broken', 'Code: X', 'Try this:', '  * mend it']
    for (let count = 1; count <= error.length; count++)
      expect(wordsOf(error.slice(0, count))).to.deep.equal(error.slice(0, count))
  })

  it('are not a whole log because of one word in it', () => {
    expect(wordsOf(['Error: long ago', ...lines(30, 'line')])).to.deep.equal(lines(30, 'line').slice(25))
  })
})

const onPosix = process.platform === 'win32' ? () => {} : it

describe('the output of a service before its last start', () => {
  const mark = (time: string) => startMark('bot', 7, Date.parse(time))
  const said = (...text: string[]) => {
    const logs = tempFolder()
    fs.writeFileSync(join(logs, 'service_stderr.log'), text.map((line) => `${line}\n`).join(''))
    return logs
  }

  it('is not among its last words', () => {
    const logs = said(mark('2026-03-01T11:00:00Z'), 'Error: old', mark('2026-03-01T12:00:00Z'), 'Error: new')
    expect(lastWords(logs, 'bot', 5).lines).to.deep.equal(['Error: new'])
    const silent = said(mark('2026-03-01T11:00:00Z'), 'Error: old', mark('2026-03-01T12:00:00Z'))
    expect(lastWords(silent, 'bot', 5)).to.deep.equal({ at: undefined, lines: [] })
  })

  it('is no reason for a start that was ordered later', () => {
    const logs = said('Error: of half an hour ago')
    const at = Date.parse('2026-03-01T11:30:00Z')
    fs.utimesSync(join(logs, 'service_stderr.log'), at / 1000, at / 1000)
    expect(lastWords(logs, 'bot', 5)).to.deep.equal({ at, lines: ['Error: of half an hour ago'] })
    expect(lastWords(logs, 'bot', 5, at + 1)).to.deep.equal({ at: undefined, lines: [] })
  })

  it('is left out of its errors, too, if only current ones are requested', () => {
    const logs = tempFolder()
    const line = (level: string, time: unknown) => `${JSON.stringify({ level, time, msg: String(time) })}\n`
    const times = ['2026-03-01T11:30:00.000Z', '2026-03-01T12:00:00.000Z']
    fs.writeFileSync(join(logs, 'errors.log'), times.map((time) => line('error', time) + line('warn', time)).join(''))
    const sinceMs = Date.parse('2026-03-01T12:00:00Z')
    expect(lastErrors(logs, 'bot', 5)).to.have.length(2)
    expect(lastErrors(logs, 'bot', 5, { sinceMs })).to.have.length(1)
    expect(lastErrors(logs, 'bot', 5, { sinceMs, level: 'warn' })).to.have.length(2)
  })
})

describe('a log that is no file', () => {
  onPosix('keeps nobody waiting', () => {
    const folder = tempFolder()
    execFileSync('mkfifo', [join(folder, 'errors.log')])
    expect(lastErrors(folder, 'bot', 5)).to.deep.equal([])
  })
})
