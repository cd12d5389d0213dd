import { checkOf } from '#core/doctor/check.js'
import type { Context } from '#core/doctor/context.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { CatalystError } from '#core/errors.js'
import { readInstalled } from '#core/home/installed-services.js'
import { exists } from '#core/platform/fs/files.js'
import { readAccess } from '#core/platform/windows/access.js'
import { systemProgram } from '#core/platform/windows/windows.js'
import { carryOut } from '#core/service/action.js'
import { isElevated, userSid } from '#core/service/elevation.js'
import { checkNssm, findNssm } from '#core/service/nssm/find-nssm.js'
import { aclActions } from '#core/service/nssm/nssm-acl.js'

const FIX = 'catalyst doctor --fix'

/** The facts about the access lists of the home. */
export interface AclFacts {
  /** The paths that everybody, or every user of this machine, can read. */
  readonly open: readonly string[]
}

/** Judges who can read `.env`, backups and state. */
export function judgeAcl({ open }: AclFacts): Judged[] {
  if (open.length === 0) return [ok('.env, backups and state are closed to other users')]
  return open.map((path) => fault(`every user of this machine can read ${path}`, FIX))
}

export const aclCheck = checkOf({
  id: 'rights',
  platforms: ['win32'],
  async read({ home }): Promise<AclFacts> {
    const access = await readAccess([home.paths.env, home.paths.own].filter(exists))
    return { open: access.filter(({ isOpen }) => isOpen).map(({ path }) => path) }
  },
  judge: judgeAcl,
  fix: closeOnWindows,
})

async function closeOnWindows({ home }: Context): Promise<string[]> {
  const { account } = readInstalled(home.paths).bot ?? {}
  const actions = aclActions({ home: home.paths.home, account }, systemProgram('icacls.exe'), await userSid())
  if (actions.length === 0) return []
  await carryOut(actions, home.owner)
  return ['.env and .catalyst are closed to other users now']
}

/** Judges NSSM; `why` is why it can't be used. */
export function judgeNssm({ why }: { readonly why: string | undefined }): Judged[] {
  return [why === undefined ? ok('it is there, and new enough') : fault(why, 'choco upgrade nssm -y')]
}

export const nssmCheck = checkOf({
  id: 'nssm',
  platforms: ['win32'],
  async read({ home }) {
    const setting = home.settings.NSSM_PATH
    try {
      await checkNssm(findNssm(setting, process.env), setting)
      return { why: undefined }
    } catch (error) {
      if (!(error instanceof CatalystError)) throw error
      return { why: error.message.replace(/\.$/, '') }
    }
  },
  judge: judgeNssm,
})

/** Judges the rights of this terminal, which only matter where a service is still to be installed. */
export function judgeAdministrator(facts: {
  readonly elevated: boolean | undefined
  readonly isInstalled: boolean
}): Judged[] {
  if (facts.elevated) return [ok("this terminal has an administrator's rights")]
  if (facts.isInstalled) return [ok("this terminal has a user's rights: changing the service needs an administrator's")]
  return [warning("no service is installed, and this terminal lacks the administrator's rights that it takes")]
}

export const administratorCheck = checkOf({
  id: 'administrator',
  platforms: ['win32'],
  read: async ({ roles }) => ({ elevated: await isElevated(), isInstalled: roles().length > 0 }),
  judge: judgeAdministrator,
})
