import type { User } from '#core/platform/process/users.js'
import { carryOut } from '#core/service/action.js'
import { findChoco, findNssm, installByChoco } from './find-nssm.js'

/**
 * Offers to install NSSM if it is missing and Chocolatey is there. Without Chocolatey it does nothing: the manager
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
