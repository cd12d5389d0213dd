import { CatalystError, EXIT } from '#core/errors.js'
import type { Services } from '#core/service/services.js'

/**
 * Returns the account that the service runs as: on Windows the given one, else LocalSystem; for the machine's manager
 * elsewhere the home's owner; in a user's own manager that user.
 * @throws CatalystError USAGE
 */
export function accountFor(
  { manager, owner }: Services,
  asked: string | undefined,
): { account: string | undefined; warnings: string[] } {
  if (manager.kind === 'nssm') return { account: asked, warnings: [] }
  if (asked !== undefined) {
    throw new CatalystError('--account is for Windows: elsewhere the service runs as the owner of the home.', {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Give the home to the user that it should run as: chown -R USER HOME'],
    })
  }
  if (manager.scope === 'user') return { account: undefined, warnings: [] }
  const root = owner.uid === 0
  return {
    account: root ? undefined : owner.name,
    warnings: root ? ['the home belongs to root, so the bot runs as root'] : [],
  }
}
