import { expect } from 'chai'
import { errorText } from '#cli/error-text.js'
import { CatalystError, EXIT } from '#core/errors.js'

function shown(message: string, ...suggestions: string[]): string {
  return errorText(new CatalystError(message, { code: 'NOT_ALLOWED', exit: EXIT.notAllowed, suggestions }))
}

describe('an error at the screen', () => {
  it('keeps a command to type on one line, however long it is', () => {
    const line = `sudo /usr/bin/node /usr/local/bin/catalyst service install --home '/srv/${'long '.repeat(60)}'`
    expect(shown('You may not.', line)).to.equal(`Error: You may not.\nCode: NOT_ALLOWED\nTry this: ${line}`)
  })

  it('lists several suggestions, a line each', () => {
    expect(shown('No.', 'this', 'or that')).to.equal('Error: No.\nCode: NOT_ALLOWED\nTry this:\n  * this\n  * or that')
  })

  it('indents further lines, and never controls the terminal', () => {
    expect(shown('It said:\n\u001B[2J', 'x\u001B[2J')).to.equal(
      'Error: It said:\n    \\x1b[2J\nCode: NOT_ALLOWED\nTry this: x\\x1b[2J',
    )
  })
})
