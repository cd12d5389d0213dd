import { expect } from 'chai'
import { inSharedWords } from '#cli/watchdog/shared-words.js'

describe('texts about the service of the shared watchdog', () => {
  const CASES = [
    ['Try it again: catalyst service install', 'Try it again: catalyst watchdog install --all'],
    ['Replace it: catalyst service install watchdog --yes', 'Replace it: catalyst watchdog install --all --yes'],
    ['See: catalyst service status', 'See: catalyst watchdog status --all'],
    ['Or: catalyst service uninstall watchdog', 'Or: catalyst watchdog uninstall --all'],
    ['Run it: catalyst watchdog run', 'Run it: catalyst watchdog run --all'],
    ['Run it: catalyst watchdog run --all', 'Run it: catalyst watchdog run --all'],
    ['catalyst service install --home /a', 'catalyst service install --home /a'],
    ['catalyst service uninstall watchdog --home /a', 'catalyst service uninstall watchdog --home /a'],
  ] as const
  for (const [text, shared] of CASES)
    it(`say what to type for it: ${text}`, () => {
      expect(inSharedWords(text)).to.equal(shared)
    })
})
