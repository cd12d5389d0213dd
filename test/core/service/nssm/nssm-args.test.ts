import { expect } from 'chai'
import {
  accountName,
  argumentLine,
  needsPassword,
  nssmDefinition,
  nssmParameters,
} from '#core/service/nssm/nssm-args.js'
import { spec } from '../windows-spec.js'

/** How Windows' programs take a line apart (CommandLineToArgvW, but for the first word), written down anew. */
function split(line: string): string[] {
  const words: string[] = []
  let word = ''
  let open = false
  let any = false
  for (let at = 0; at < line.length; at++) {
    const slashes = /^\\*/.exec(line.slice(at))?.[0].length ?? 0
    const isQuote = line[at + slashes] === '"'
    if (slashes > 0) {
      word += '\\'.repeat(isQuote ? Math.floor(slashes / 2) : slashes)
      any = true
      at += slashes - 1
      if (isQuote && slashes % 2 === 1) {
        word += '"'
        at++
      }
    } else if (isQuote) {
      open = !open
      any = true
    } else if (/[ \t]/.test(line[at] as string) && !open) {
      if (any) words.push(word)
      word = ''
      any = false
    } else {
      word += line[at]
      any = true
    }
  }
  return any ? [...words, word] : words
}

describe('the arguments of a service as one line', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['plain', 'plain'],
    ['', '""'],
    ['a b', '"a b"'],
    ['tab\there', '"tab\there"'],
    ['C:\\bot\\', 'C:\\bot\\'],
    ['C:\\my bot\\', '"C:\\my bot\\\\"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['a\\"b', '"a\\\\\\"b"'],
    ['\\\\server\\share', '\\\\server\\share'],
    ['é 日', '"é 日"'],
    ['100% $x ^ & | <a>', '"100% $x ^ & | <a>"'],
    ["it's", "it's"],
  ]
  for (const [argument, line] of cases) {
    it(`writes ${JSON.stringify(argument)} as ${line}`, () => {
      expect(argumentLine([argument])).to.equal(line)
      expect(split(line)).to.deep.equal([argument])
    })
  }

  it('splits into the same arguments again, whatever they are', () => {
    const letters = ['\\', '"', ' ', 'a']
    for (let number = 0; number < 4 ** 6; number++) {
      const text = number.toString(4).replace(/\d/g, (digit) => letters[Number(digit)] as string)
      expect(split(argumentLine(['x', text, 'y'])), text).to.deep.equal(['x', text, 'y'])
    }
  })
})

describe("the settings of NSSM's service", () => {
  const lines = nssmDefinition(spec).split('\n')

  it('restart after every exit but two', () => {
    expect(lines.filter((line) => line.startsWith('AppExit'))).to.deep.equal([
      'AppExit 77=Exit',
      'AppExit 78=Exit',
      'AppExit Default=Restart',
    ])
  })

  it('restart after the delay, however short the last run was', () => {
    expect(lines).to.include('AppRestartDelay=10000')
    expect(lines).to.include('AppThrottle=1')
    expect(nssmDefinition({ ...spec, restartDelayMs: 0 })).to.include('\nAppRestartDelay=0\n')
    expect(nssmDefinition({ ...spec, restartDelayMs: 2500.4 })).to.include('\nAppRestartDelay=2500\n')
  })

  it('give the bot its time to stop', () => {
    expect(lines).to.include('AppStopMethodConsole=30000')
    expect(lines).to.include('AppStopMethodSkip=0')
    expect(lines).to.include('AppKillProcessTree=1')
  })

  it('rotate the logs by size alone', () => {
    const rotation = ['AppRotateBytes=10485760', 'AppRotateDelay=1', 'AppRotateFiles=1', 'AppRotateOnline=1']
    expect(lines.filter((line) => line.startsWith('AppRotate'))).to.deep.equal(rotation)
  })

  it('have a line for each variable, and are sorted', () => {
    const many = nssmDefinition({ ...spec, environment: { CATALYST_SERVICE: 'NewsBot', B: 'two words' } })
    expect(many).to.include('\nAppEnvironmentExtra B=two words\nAppEnvironmentExtra CATALYST_SERVICE=NewsBot\n')
    expect(lines.slice(0, -1)).to.deep.equal(lines.slice(0, -1).sort())
  })

  it('run it as LocalSystem, or as the given account', () => {
    const accountOf = (account?: string) =>
      nssmParameters({ ...spec, account }).find(({ name }) => name === 'ObjectName')?.values
    expect(accountOf()).to.deep.equal(['LocalSystem'])
    for (const [given, set] of [
      ['.\\Ann', '.\\Ann'],
      ['Ann', '.\\Ann'],
      ['CORP\\Ann', 'CORP\\Ann'],
      ['ann@corp.example', 'ann@corp.example'],
      ['LocalService', 'LocalService'],
      ['CORP\\bot$', 'CORP\\bot$'],
    ] as const)
      expect(accountOf(given)).to.deep.equal([set])
  })

  it('are the same whether an account is named with its machine or without', () => {
    expect(nssmDefinition({ ...spec, account: 'Ann' })).to.equal(nssmDefinition({ ...spec, account: '.\\ann' }))
  })

  it('know which accounts have a password', () => {
    for (const account of ['ann', '.\\Ann', 'CORP\\ann', 'ann@corp.example'])
      expect(needsPassword(account), account).to.equal(true)
    for (const account of ['SYSTEM', 'LocalService', 'NT AUTHORITY\\Network Service', 'NT SERVICE\\x', 'CORP\\bot$'])
      expect(needsPassword(account), account).to.equal(false)
  })

  it('know an account in every spelling', () => {
    const names = (...accounts: string[]) => accounts.map((account) => accountName(account, 'MyPC'))
    expect(names('.\\Ann', 'ann', 'MYPC\\Ann')).to.deep.equal(['ann', 'ann', 'ann'])
    expect(names('localsystem', 'NT AUTHORITY\\SYSTEM')).to.deep.equal(['LocalSystem', 'LocalSystem'])
    expect(names('NT AUTHORITY\\Local Service', 'LocalService')).to.deep.equal(['localservice', 'localservice'])
    expect(names('CORP\\Ann')).to.deep.equal(['corp\\ann'])
  })
})
