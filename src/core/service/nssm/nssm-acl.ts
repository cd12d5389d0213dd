import { win32 } from 'node:path'
import type { Action } from '#core/service/action.js'
import type { ServiceSpec } from '#core/service/manager.js'
import { accountName, LOCAL_SYSTEM } from './nssm-args.js'

/** SYSTEM, the administrators, and the file's owner, by SIDs: their names differ by language. */
const TRUSTED = ['*S-1-5-18', '*S-1-5-32-544', '*S-1-3-4']

const KNOWN_SIDS: Readonly<Record<string, string>> = {
  [LOCAL_SYSTEM]: '*S-1-5-18',
  localservice: '*S-1-5-19',
  networkservice: '*S-1-5-20',
}

/**
 * Closes files with secrets to others: only the installing user, the files' owner, the service's account, the system
 * and administrators can read them. Without a known SID nothing is done: it could lock its owner out. A disk without
 * permissions (FAT) refuses it, which is reported.
 */
export function aclActions(
  spec: Pick<ServiceSpec, 'home' | 'account'>,
  icacls: string,
  userSid: string | undefined,
): Action[] {
  if (userSid === undefined) return []
  const account = accountName(spec.account ?? LOCAL_SYSTEM)
  const who = [...new Set([`*${userSid}`, ...TRUSTED, KNOWN_SIDS[account] ?? account])]
  const allow = (path: string, rights: string): Action => ({
    do: 'run',
    argv: [icacls, win32.join(spec.home, path), '/inheritance:r', '/grant:r', ...who.map((one) => `${one}:${rights}`)],
    about: win32.join(spec.home, path),
    warning: `${win32.join(spec.home, path)} may be readable by others on this machine`,
  })
  return [allow('.env', 'F'), allow('.catalyst', '(OI)(CI)F')]
}
