import { expect } from 'chai'
import { table } from '#cli/table.js'

describe('a table', () => {
  it('makes columns as wide as their cells are on the screen', () => {
    const lines = table([
      ['日本', 'x'],
      ['e\u0301', 'y'],
      ['long one', ''],
    ])
    expect(lines).to.equal('日本      x\ne\u0301         y\nlong one')
  })

  it('keeps a cell on its line, whatever others wrote into it', () => {
    expect(
      table([
        ['name', 'a\nforged  row\u001b[2J'],
        ['b\tc', ''],
      ]),
    ).to.equal('name  a\\nforged  row\\x1b[2J\nb c')
  })
})
