import { expect } from 'chai'
import { withSetting } from '#core/config/env-edit.js'
import { parseEnvFile } from '#core/config/env-file.js'

describe('putting a setting into a settings file', () => {
  const cases: [string, string, string][] = [
    ['makes the first line', '', 'W=1\n'],
    ['adds a line at the end', 'A=1\n', 'A=1\nW=1\n'],
    ['closes a last line first', 'A=1', 'A=1\nW=1\n'],
    ['keeps empty lines at the end', 'A=1\n\n', 'A=1\n\nW=1\n'],
    ['goes into its own line', 'A=1\nW=0\nB=2\n', 'A=1\nW=1\nB=2\n'],
    ['goes into a line that has no end', 'A=1\nW=0', 'A=1\nW=1'],
    ['goes into the first line', 'W=0\nA=1\n', 'W=1\nA=1\n'],
    ['goes into an empty one', 'W=\nA=1\n', 'W=1\nA=1\n'],
    ['goes into the last of its lines, which counts', 'W=1\nA=1\nW=0\n', 'W=1\nA=1\nW=1\n'],
    ['finds it behind blanks and export', 'A=1\n  export   W = 0\n', 'A=1\nW=1\n'],
    ['finds it behind a tab', '\tW\t=0\n', 'W=1\n'],
    ['leaves a remark alone', '# W=0\n#W=0\n', '# W=0\n#W=0\nW=1\n'],
    ['leaves those alone that are only like it', 'WW=0\nW_=0\nXW=0\nA=W=0\n', 'WW=0\nW_=0\nXW=0\nA=W=0\nW=1\n'],
    ["goes by the file's own line ends", 'A=1\r\nW=0\r\n', 'A=1\r\nW=1\r\n'],
    ['leaves the line ends of others alone', 'A=1\nB=2\r\nW=3\n', 'A=1\nB=2\r\nW=1\n'],
    ["is not misled by a line within another's value", 'A="x\nW=0\ny"\n', 'A="x\nW=0\ny"\nW=1\n'],
    ['comes after a value of several lines of its own', 'W="x\ny"\n', 'W="x\ny"\nW=1\n'],
    ["adds a line with the file's own line end", 'A=1\r\nB=2', 'A=1\r\nB=2\r\nW=1\r\n'],
    [
      'leaves blanks, quotes and signs of others as they are',
      ' A = "x  #y" # z \n\n\nB=\'$&\'\n',
      ' A = "x  #y" # z \n\n\nB=\'$&\'\nW=1\n',
    ],
  ]
  for (const [what, text, expected] of cases) {
    it(what, () => {
      expect(withSetting(text, 'W', '1')).to.equal(expected)
    })
    it(`${what}, and then it holds, and a repeat changes nothing`, () => {
      expect(parseEnvFile(withSetting(text, 'W', '1'))).to.deep.include({ faults: [] })
      expect(parseEnvFile(withSetting(text, 'W', '1')).values.W).to.equal('1')
      expect(withSetting(expected, 'W', '1')).to.equal(expected)
    })
  }

  it('takes a value literally', () => {
    expect(withSetting('W=0\n', 'W', '$&$1')).to.equal('W=$&$1\n')
  })
})
