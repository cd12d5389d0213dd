import { expect } from 'chai'
import { matchesLine } from '#core/bot/proof/log.js'
import { compilePatterns, patternFaults } from '#core/bot/proof/pattern.js'
import { readConfig } from '#core/config/load.js'
import type { CatalystError } from '#core/errors.js'

const settings = (env: Record<string, string>) => readConfig('/nowhere', { BOT_COMMAND: 'bot', ...env }).settings

describe('a pattern of the settings', () => {
  it('that RE2 does not understand is a fault, in the same words at a check and at the start', async () => {
    for (const [pattern, why] of [
      ['(a', 'missing closing ): `(a`'],
      ['a**', 'invalid nested repetition operator: `**`'],
      ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
      ['((a{100}){100}){100}', 'invalid repeat count: `{100}`'],
    ]) {
      const wrong = settings({ BOT_LOG_ERROR: pattern as string })
      const fault = `BOT_LOG_ERROR is no pattern that RE2 understands: ${why}`
      expect(await patternFaults(wrong)).to.deep.equal([fault])
      const { message, code, exit } = (await compilePatterns(wrong).catch((error) => error)) as CatalystError
      expect({ message, code, exit }).to.deep.equal({ message: fault, code: 'SETTINGS_INVALID', exit: 78 })
    }
  })

  it('is compiled only where it is set', async () => {
    expect(await compilePatterns(settings({}))).to.deep.equal({})
    const { BOT_LOG_PROOF: matches } = await compilePatterns(settings({ BOT_LOG_PROOF: '(?i)bot HEARTBEAT' }))
    expect([matches?.('x Bot heartbeat. PID=5'), matches?.('Bot started')]).to.deep.equal([true, false])
  })

  for (const pattern of [
    '(a+)+$',
    '(a|aa)+$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(.*a){20}b',
    '(x+x+)+y',
    '(a?){100}a{100}b',
  ])
    it(`can not hang us: ${pattern}`, async () => {
      const { BOT_LOG_PROOF: matches } = await compilePatterns(settings({ BOT_LOG_PROOF: pattern }))
      const began = performance.now()
      for (const text of [`${'a'.repeat(100_000)}!`, 'x'.repeat(100_000), 'ab'.repeat(50_000)]) matches?.(text)
      expect(performance.now() - began, 'ms, on a busy machine').to.be.lessThan(2000)
    })
})

describe('the lines of a program', () => {
  const beats = matchesLine((text) => text.includes('beat'))

  it('are proof where they match', () => {
    expect(['a beat', 'nothing'].filter(beats)).to.deep.equal(['a beat'])
  })

  it('are compared by their first 4096 characters', () => {
    expect([`${'x'.repeat(4092)}beat`, `${'x'.repeat(4093)}beat`].map(beats)).to.deep.equal([true, false])
  })
})
