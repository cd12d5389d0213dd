import { expect } from 'chai'
import fc from 'fast-check'
import { printable, printableJson } from '#core/printable.js'

/** Control characters but for newline and tab, and what turns the direction of a text. */
const STEERS = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u
const anything = fc.string({ unit: 'binary' })

describe('text written by others', () => {
  for (const [text, shown] of [
    ['a title: \u001b]0;own\u0007', 'a title: \\x1b]0;own\\x07'],
    ['\u009b2J', '\\x9b2J'],
    ['paid\rfree', 'paid\\x0dfree'],
    ['a\u0008\u007fb', 'a\\x08\\x7fb'],
    ['\u202egnp.exe\u2066', '\\u202egnp.exe\\u2066'],
    ['two\r\nlines\tin columns', 'two\nlines\tin columns'],
    ['שלום, 世界 🎉 é', 'שלום, 世界 🎉 é'],
  ] as const)
    it(`is shown as ${JSON.stringify(shown)}`, () => expect(printable(text)).to.equal(shown))

  it('controls no terminal, whatever it is', () => {
    fc.assert(fc.property(anything, (text) => !STEERS.test(printable(text))))
  })

  it('keeps its meaning as JSON, and controls no terminal there either', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const json = printableJson(JSON.stringify({ [text]: text }, null, 2))
        expect(json).to.not.match(STEERS)
        expect(JSON.parse(json)).to.deep.equal({ [text]: text })
      }),
    )
  })
})
