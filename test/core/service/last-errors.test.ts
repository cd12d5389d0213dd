import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { lastErrors, lastWords } from '#core/service/last-errors.js'
import { tempFolder } from '../../support/temp.js'

const lines = (count: number, word: string) => Array.from({ length: count }, (_, index) => `${word} ${index}`)

describe('the last words of a service', () => {
  function wordsOf(text: readonly string[]): string[] {
    const logs = tempFolder()
    fs.writeFileSync(join(logs, 'service_stderr.log'), `${text.join('\n')}\n`)
    return lastWords(logs, 'bot', 5)
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

  it('are all there is, where that is little', () => {
    const error = ['Error: it is broken', 'Code: X', 'Try this:', '  * mend it']
    for (let count = 1; count <= error.length; count++)
      expect(wordsOf(error.slice(0, count))).to.deep.equal(error.slice(0, count))
  })

  it('are not a whole log because of one word in it', () => {
    expect(wordsOf(['Error: long ago', ...lines(30, 'line')])).to.deep.equal(lines(30, 'line').slice(25))
  })
})

const onPosix = process.platform === 'win32' ? () => {} : it

describe('a log that is no file', () => {
  onPosix('keeps nobody waiting', () => {
    const folder = tempFolder()
    execFileSync('mkfifo', [join(folder, 'errors.log')])
    expect(lastErrors(folder, 'bot', 5)).to.deep.equal([])
  })
})
