import { expect } from 'chai'
import { readLiteral, UNREAD } from '#core/init/sources/js-literal.js'

describe('readLiteral', () => {
  for (const [text, value] of [
    [
      '{ a: \'b\', "c": [1, -2.5, 1_000], /* x */ d: true, e: null, }',
      { a: 'b', c: [1, -2.5, 1000], d: true, e: null },
    ],
    ["{ a: 'it\\'s', b: `plain`, // said\n c: '' }", { a: "it's", b: 'plain', c: '' }],
    ['{ a: { b: [] } }', { a: { b: [] } }],
  ] as const)
    it(`reads ${text}`, () => {
      expect(readLiteral(text, 0)).to.deep.equal(value)
    })

  for (const text of [
    '{ a: x }',
    "{ a: f('}', ',') }",
    '{ a: process.env.A || 1 }',
    '{ a: `b$' + '{c}` }',
    "{ a: 'b' + c }",
    '{ a }',
    '{ a: () => { return [1, 2] } }',
  ])
    it(`does not run ${text}, and reads on behind it`, () => {
      expect(readLiteral(text.replace(/ \}$/, ", z: 'last' }"), 0)).to.deep.equal({ a: UNREAD, z: 'last' })
    })

  it('ends at a text that never closes', () => {
    expect(readLiteral("{ a: 'b", 0)).to.equal(UNREAD)
    expect(readLiteral('[[[', 0)).to.equal(UNREAD)
  })
})
