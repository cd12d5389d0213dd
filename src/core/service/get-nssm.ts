import type { User } from '#core/system/users.js'
import { carryOut } from './action.js'
import { findChoco, findNssm, installByChoco } from './find-nssm.js'

/**
 * Where NSSM is missing and Chocolatey is there, offers to install it. Without Chocolatey nothing is done: the manager
 * itself then says how to get it.
 * @throws CatalystError SERVICE_COMMAND_FAILED when Chocolatey fails
 */
export async function getNssm(
  setting: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  owner: User,
  ask: () => Promise<boolean>,
): Promise<void> {
  if (findNssm(setting, environment) !== undefined) return
  const choco = findChoco(environment)
  if (choco !== undefined && (await ask())) await carryOut([installByChoco(choco)], owner)
}
