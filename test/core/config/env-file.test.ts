import { expect } from 'chai'
import { parseEnvFile } from '#core/config/env-file.js'

describe('.env', () => {
  const sound: [string, string, Record<string, string>][] = [
    ['a byte-order mark', '\uFEFFA=1\n', { A: '1' }],
    ['CRLF', 'A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['quotes', `A="one two"\nB='x # y'\nC=\`z\`\n`, { A: 'one two', B: 'x # y', C: 'z' }],
    ['export', 'export A=1\n', { A: '1' }],
    ['comments and blank lines', '# x\n\n  \nA=1 # why\n', { A: '1' }],
    ['a comment after a closing quote', 'A="1" # why\n', { A: '1' }],
    ['a value over several lines', 'A="one\ntwo"\nB=2\n', { A: 'one\ntwo', B: '2' }],
    ['an equals sign in a value', 'A=b=c\n', { A: 'b=c' }],
    ['an empty value', 'A=\n', { A: '' }],
    [
      'blanks before names and comments',
      '  A=1\n\tB=2\n  # x\nC = 3\n export  D=4\n',
      { A: '1', B: '2', C: '3', D: '4' },
    ],
    ['blanks inside a quoted value', 'A="one\n  two\n\n"\n', { A: 'one\n  two\n\n' }],
    ['a # within quotes', `A='a#b'\n`, { A: 'a#b' }],
    ['no line end at the end', 'A=1', { A: '1' }],
  ]
  for (const [what, text, values] of sound) {
    it(`reads ${what}`, () => expect(parseEnvFile(text)).to.deep.equal({ values, faults: [] }))
  }

  const unsound: [string, string, string[]][] = [
    ['a NUL', 'A=1\0\n', ['it holds NUL characters: save it as UTF-8']],
    ['another encoding', 'A=\uFFFD\n', ['it is not UTF-8: save it as UTF-8']],
    ['text after a closing quote', 'A="1"2\n', ['line 1: text after the closing " of A']],
    ['a quote that is not closed', `A=1\nB='x\nC=3\n`, [`line 2: the value of B has no closing '`]],
    [
      'a # that would cut the value off',
      'A=pass#word\n',
      ['line 1: a # within the value of A needs quotes around the value'],
    ],
    [
      'a line that is no NAME=value',
      'A=1\nhello\n=x\n',
      ['line 2: expected NAME=value', 'line 3: expected NAME=value'],
    ],
  ]
  for (const [what, text, faults] of unsound) {
    it(`refuses ${what}, by line and without the value`, () => expect(parseEnvFile(text).faults).to.deep.equal(faults))
  }
})
