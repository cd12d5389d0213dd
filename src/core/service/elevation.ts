import type { CatalystError } from '#core/errors.js'
import { QUERY_TIMEOUT_MS, run } from '#core/platform/process/processes.js'
import { systemProgram } from '#core/platform/windows/windows.js'
import { asAdministrator, permissionDenied } from './rights.js'

/** Integrity levels: high is an administrator's elevated terminal, system a service; medium and low are everybody's. */
const ELEVATED = /\bS-1-16-(12288|16384)\b/
const ORDINARY = /\bS-1-16-(0|4096|8192|8448)\b/

export interface WindowsPrograms {
  readonly whoami: string
  readonly net: string
}

function windowsPrograms(): WindowsPrograms {
  return { whoami: systemProgram('whoami.exe'), net: systemProgram('net.exe') }
}

/**
 * Returns whether this process has an administrator's rights; undefined if Windows doesn't tell: then NSSM has to
 * refuse.
 */
export async function isElevated(programs = windowsPrograms()): Promise<boolean | undefined> {
  const groups = await run(programs.whoami, ['/groups'], { timeoutMs: QUERY_TIMEOUT_MS })
  const told = elevatedByGroups(groups.stdout)
  if (told !== undefined) return told
  // it also fails if the Server service is off, so only success proves something
  const session = await run(programs.net, ['session'], { timeoutMs: QUERY_TIMEOUT_MS })
  return session.exit === 0 ? true : undefined
}

/** Returns the same by the integrity level in the output of `whoami /groups`, which is equal in every language. */
export function elevatedByGroups(output: string): boolean | undefined {
  if (ELEVATED.test(output)) return true
  return ORDINARY.test(output) ? false : undefined
}

/** Returns the security identifier of the user who runs this, or undefined if Windows doesn't tell. */
export async function userSid(programs = windowsPrograms()): Promise<string | undefined> {
  const { stdout } = await run(programs.whoami, ['/user'], { timeoutMs: QUERY_TIMEOUT_MS })
  // 5 are Windows' own and a domain's, 12 those of Entra ID
  return /\bS-1-(?:5|12)-[\d-]+\b/.exec(stdout)?.[0]
}

export function notElevated(home: string): CatalystError {
  return permissionDenied("Only an administrator can change the machine's services.", asAdministrator(home))
}
