import { expect } from 'chai'
import fc from 'fast-check'
import { fitted, widthOf } from '#cli/width.js'

describe('a row of the terminal', () => {
  for (const [line, columns, shown] of [
    ['short', 10, 'short'],
    ['just right', 10, 'just right'],
    ['a bit too long', 10, 'a bit too…'],
    ['日本語のニュース', 10, '日本語の…'],
    ['🎉🎉🎉🎉🎉🎉', 10, '🎉🎉🎉🎉…'],
    ['e\u0301'.repeat(10), 10, 'e\u0301'.repeat(10)],
    ['tab\there', 10, 'tab…'],
  ] as const)
    it(`of ${columns} columns shows ${JSON.stringify(line)} as ${JSON.stringify(shown)}`, () => {
      expect(fitted(line, columns)).to.equal(shown)
    })

  it('is never wider than the terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        expect(widthOf(fitted(text, columns))).to.be.at.most(columns)
      }),
    )
  })
})
