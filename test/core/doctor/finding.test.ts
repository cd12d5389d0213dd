import { expect } from 'chai'
import { exitCodeOfFindings, fault, ok, splitCommand, warning } from '#core/doctor/finding.js'

describe('the findings of the doctor', () => {
  it('exit as the worst of them', () => {
    expect(exitCodeOfFindings([])).to.equal(0)
    expect(exitCodeOfFindings([ok('a')])).to.equal(0)
    expect(exitCodeOfFindings([ok('a'), warning('b')])).to.equal(1)
    expect(exitCodeOfFindings([fault('c'), warning('b'), ok('a')])).to.equal(2)
  })

  const INSTALL = /^catalyst service install/
  /** A message, its text and its command. */
  const MESSAGES: readonly (readonly [string, string, string | null])[] = [
    ['A sentence that names nothing to type.', 'A sentence that names nothing to type', null],
    ['x is gone: repair it: catalyst service install', 'x is gone', 'catalyst service install'],
    ['b: x was begun: catalyst service install completes it', 'b: x was begun', 'catalyst service install'],
    ['It is broken. See: catalyst bot start --demo', 'It is broken. See: catalyst bot start --demo', null],
  ]

  for (const [message, text, command] of MESSAGES)
    it(`split "${message}" from its command`, () => {
      expect(splitCommand(message, INSTALL, null)).to.deep.equal({ text, command })
    })

  it('have the command that is given where a message names none', () => {
    expect(splitCommand('x', INSTALL, 'catalyst config check').command).to.equal('catalyst config check')
    const changed = 'Python is gone. Rebuild it: catalyst deploy repair'
    expect(splitCommand(changed, /^catalyst deploy repair$/, null).text).to.equal('Python is gone')
  })
})
