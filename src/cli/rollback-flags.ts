import { Flags } from '@oclif/core'
import type { PrepareOptions } from '#core/deploy/prepare.js'
import { CatalystError, EXIT } from '#core/errors.js'

/** The flags of `deploy rollback`. */
export const rollbackFlags = {
  'last-good': Flags.boolean({ summary: 'The last version that was good, other than the active one.' }),
  'keep-config': Flags.boolean({
    summary: "The settings of then, with today's secrets. This is the default.",
    exclusive: ['with-secrets', 'current-config'],
  }),
  'with-secrets': Flags.boolean({
    summary: 'The settings of then, their secrets too.',
    exclusive: ['current-config'],
  }),
  'current-config': Flags.boolean({ summary: 'The settings of now.' }),
  'dry-run': Flags.boolean({ summary: 'Only show what would be done.' }),
  yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
}

/** Which settings were asked for; undefined: nothing was said. */
export function settingsOf(flags: {
  'keep-config': boolean
  'with-secrets': boolean
  'current-config': boolean
}): PrepareOptions['settings'] | undefined {
  if (flags['with-secrets']) return 'of then with secrets'
  if (flags['current-config']) return 'of now'
  return flags['keep-config'] ? 'of then' : undefined
}

export function both(): CatalystError {
  return new CatalystError('A target and --last-good are two wishes at once.', {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['Give one of them'],
  })
}

export function needsTarget(): CatalystError {
  return new CatalystError('Back to which version? There is no terminal to ask on.', {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      'Name it: catalyst deploy rollback v1.2.2 --yes',
      'Or take the last good one: catalyst deploy rollback --last-good --yes',
    ],
  })
}
