import { expect } from 'chai'
import { type Change, changesBetween } from '#core/service/operations/changes.js'

describe('the changes between two definitions', () => {
  const cases: [string, string, string, Change[]][] = [
    ['are none where they are the same', '[Unit]\nA=1\n', '[Unit]\nA=1\n', []],
    ['are none where only blanks, line ends and empty lines differ', 'A=1\r\n\r\n  B=2  \r\n', 'A=1\nB=2', []],
    ['put old and new of one key side by side', 'A=1\nB=2\n', 'A=1\nB=3\n', [{ is: 'B=2', becomes: 'B=3' }]],
    [
      'tell what goes and what comes',
      'A=1\nOld=x\n',
      'A=1\nNew=y\n',
      [
        { is: 'Old=x', becomes: undefined },
        { is: undefined, becomes: 'New=y' },
      ],
    ],
    [
      'take a key that stands twice once for each',
      'Env=a\nEnv=b\n',
      'Env=c\nEnv=d\nEnv=e\n',
      [
        { is: 'Env=a', becomes: 'Env=c' },
        { is: 'Env=b', becomes: 'Env=d' },
        { is: undefined, becomes: 'Env=e' },
      ],
    ],
    [
      'are whole lines, though the values hold more of =',
      'Env=A=1\n',
      'Env=A=2\n',
      [{ is: 'Env=A=1', becomes: 'Env=A=2' }],
    ],
    [
      'pair the keys of a property list',
      '<key>RunAtLoad</key> <true/>\n<key>X</key> <true/>',
      '<key>RunAtLoad</key> <false/>\n<key>X</key> <true/>',
      [{ is: '<key>RunAtLoad</key> <true/>', becomes: '<key>RunAtLoad</key> <false/>' }],
    ],
    [
      'do not pair keys of which one begins as the other',
      'Wants=x\n',
      'WantsMore=x\n',
      [
        { is: 'Wants=x', becomes: undefined },
        { is: undefined, becomes: 'WantsMore=x' },
      ],
    ],
    [
      'are all lines where nothing was',
      '',
      'A=1\nB=2\n',
      [
        { is: undefined, becomes: 'A=1' },
        { is: undefined, becomes: 'B=2' },
      ],
    ],
    ['are all lines where nothing stays', 'A=1\n', '', [{ is: 'A=1', becomes: undefined }]],
  ]
  for (const [what, current, wanted, expected] of cases) {
    it(what, () => {
      expect(changesBetween(current, wanted)).to.deep.equal(expected)
    })
  }
})
