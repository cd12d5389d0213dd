import { expect } from 'chai'
import { parseRegistry } from '#core/platform/windows/registry.js'

/** As Windows writes it, but for the blocks of a `.reg` file that we have no use for. */
const TEXT = [
  '\ufeffWindows Registry Editor Version 5.00',
  '',
  '[HKEY_LOCAL_MACHINE\\SOFTWARE\\One [odd] name]',
  '"Path"="C:\\\\bots\\\\say \\"hi\\" é"',
  '"A=\\"b\\""="x"',
  '"Two lines"="first \\\\',
  'second"',
  '"Number"=dword:0000002a',
  '"Empty"=""',
  '"Expanded"=hex(2):25,00,54,00,\\',
  '  25,00,00,00',
  '"List"=hex(7):61,00,00,00,62,00,\\',
  '  63,00,00,00,00,00',
  '"Binary"=hex:01,02',
  '@="its own"',
  '',
  '[HKEY_LOCAL_MACHINE\\SOFTWARE\\One [odd] name\\Below]',
  '',
].join('\r\n')

describe('an exported key of the registry', () => {
  const registry = parseRegistry(TEXT)

  it('has its values', () => {
    expect(Object.fromEntries(registry.get('HKEY_LOCAL_MACHINE\\SOFTWARE\\One [odd] name') ?? [])).to.deep.equal({
      Path: 'C:\\bots\\say "hi" é',
      'A="b"': 'x',
      'Two lines': 'first \\\r\nsecond',
      Number: 42,
      Empty: '',
      Expanded: '%T%',
      List: ['a', 'bc'],
      '': 'its own',
    })
  })

  it('has the keys below it, with or without values', () => {
    expect([...registry.keys()]).to.have.length(2)
    expect(registry.get('HKEY_LOCAL_MACHINE\\SOFTWARE\\One [odd] name\\Below')?.size).to.equal(0)
  })
})
