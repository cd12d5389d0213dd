import { Flags } from '@oclif/core'
import { nowFlag } from '#cli/now-flag.js'
import type { PrepareOptions } from '#core/deploy/prepare.js'
import { CatalystError, EXIT } from '#core/errors.js'

/** The flags of `deploy rollback`. */
export const rollbackFlags = {
  'last-good': Flags.boolean({
    summary: 'Roll back to the newest good version older than the active one, and never to one that was left.',
  }),
  'keep-config': Flags.boolean({
    summary: "Restore the version's snapshot of the settings, with today's secrets. This is the default.",
    exclusive: ['with-secrets', 'current-config'],
  }),
  'with-secrets': Flags.boolean({
    summary: "Restore the version's snapshot of the settings, its secrets too.",
    exclusive: ['current-config'],
  }),
  'current-config': Flags.boolean({ summary: 'Keep the current settings.' }),
  'with-data': Flags.boolean({
    summary: "Bring back the data of then, too: the newest snapshot of the version's data. Today's is kept.",
  }),
  'dry-run': Flags.boolean({ summary: 'Only show what would be done.' }),
  now: nowFlag,
  yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
}

/** Returns which settings were asked for; undefined: none of the flags was given. */
export function settingsOf(flags: {
  'keep-config': boolean
  'with-secrets': boolean
  'current-config': boolean
}): PrepareOptions['settings'] | undefined {
  if (flags['with-secrets']) return 'snapshot with its secrets'
  if (flags['current-config']) return 'current'
  return flags['keep-config'] ? 'snapshot' : undefined
}

export function targetAndLastGood(): CatalystError {
  return new CatalystError('A target and --last-good exclude each other.', {
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
