import { expect } from 'chai'
import fc from 'fast-check'
import { commandLine, shellSyntax, splitCommand } from '#core/config/command-words.js'

describe('commandLine', () => {
  it('is split into the same words again, and has nothing that only a shell understands', () => {
    const word = fc.string({ minLength: 1 }).map((text) => text.replaceAll('\0', ''))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const line = commandLine(['node', ...words])
        expect(splitCommand(line)).to.deep.equal(['node', ...words])
        expect(shellSyntax(line, 'linux').faults).to.deep.equal([])
      }),
    )
  })

  it('leaves plain words as they are', () => {
    expect(commandLine(['.venv/bin/python', '-m', 'my bot', "it's"])).to.equal(
      `.venv/bin/python -m 'my bot' 'it'"'"'s'`,
    )
  })
})
