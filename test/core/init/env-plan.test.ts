import { expect } from 'chai'
import { parseEnvFile } from '#core/config/env-file.js'
import { planEnv } from '#core/init/env-plan.js'

const NOBODY = new Set<string>()

describe('planEnv', () => {
  it('adds what is missing, and leaves every other byte', () => {
    const text = '# mine\r\nTOKEN=abc # secret\r\n'
    const plan = planEnv(text, { BOT_NAME: 'x', TOKEN: 'abc' }, NOBODY)
    expect(plan).to.deep.equal({ text: `${text}BOT_NAME=x\r\n`, added: ['BOT_NAME'], replaced: [], kept: [] })
  })

  it('leaves another value that nobody was asked for, and replaces one that somebody was', () => {
    const plan = planEnv('A=1\nB=1\n', { A: '2', B: '2' }, new Set(['B']))
    expect(plan).to.deep.equal({ text: 'A=1\nB=2\n', added: [], replaced: ['B'], kept: ['A'] })
  })

  it('fills an empty value', () => {
    expect(planEnv('TOKEN=\n', { TOKEN: 'x' }, NOBODY)).to.include({ text: 'TOKEN=x\n' })
  })

  for (const value of [
    'a # b',
    `it's "quoted"`,
    'line\nbreak',
    ' blanks ',
    '`tick`',
    'C:\\bots\\new',
    `sh -c 'cd /a && exec "b"'`,
  ])
    it(`writes ${JSON.stringify(value)} so that it is read back`, () => {
      const { text } = planEnv('', { X: value }, NOBODY)
      expect(parseEnvFile(text)).to.deep.equal({ values: { X: value }, faults: [] })
    })
})
