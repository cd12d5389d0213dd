import { win32 } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { realPath } from '#core/platform/fs/files.js'
import type { Fault, ServiceSpec } from '#core/service/manager.js'
import { accountName, LOCAL_SYSTEM } from './nssm-args.js'

/**
 * Checks the home.
 * @throws CatalystError SERVICE_HOME_UNFIT for a home that a service would not find
 */
export function checkHome(spec: ServiceSpec): void {
  const { root } = win32.parse(spec.home)
  const fault = homeFault(spec, { home: realPath(spec.home), root: realPath(root) })
  if (fault === undefined) return
  throw new CatalystError(`This can't be a service: ${fault.why}.`, {
    code: 'SERVICE_HOME_UNFIT',
    exit: EXIT.failed,
    suggestions: [fault.remedy],
  })
}

/** The real paths of a home and of the root of its drive, if Windows tells. */
interface Real {
  readonly home: string | undefined
  readonly root: string | undefined
}

/**
 * Returns what keeps a service from this home. A letter of a network drive, or one made by `subst`, is known only in
 * the terminal where it was made, and LocalSystem is nobody on another machine. NSSM replaces everything that looks
 * like `%TEMP%` by the value of a variable.
 */
export function homeFault(spec: ServiceSpec, real: Real): Fault | undefined {
  const paths = [spec.home, spec.program, ...spec.args, spec.stdout, spec.stderr]
  const expanded = paths.find((path) => /%[^%\s\\/]+%/.test(path))
  if (expanded !== undefined)
    return { why: `NSSM reads ${expanded} as holding a variable's name`, remedy: 'Rename the folder: no %…% in it.' }
  const isSystem = accountName(spec.account ?? LOCAL_SYSTEM) === LOCAL_SYSTEM
  const share = [real.home, spec.home].find((path) => path?.startsWith('\\\\'))
  if (share !== undefined && isSystem)
    return {
      why: `${spec.home} is on another machine (${share}), where the account LocalSystem has no permissions`,
      remedy: 'Move the home to a disk of this machine, or name an account that has access: --account NAME',
    }
  const remote = [spec.program, ...spec.args].find((path) => path.startsWith('\\\\'))
  if (remote !== undefined && isSystem)
    return {
      why: `${remote} is on another machine, where the account LocalSystem has no permissions`,
      remedy: 'Install node and catalyst on a disk of this machine, or name an account that has access: --account NAME',
    }
  if (share !== undefined && !spec.home.startsWith('\\\\'))
    return {
      why: `${spec.home} is on a network drive, and services don't know the drive's letter`,
      remedy: `Name it as Windows does: --home "${share}"`,
    }
  const { root } = win32.parse(spec.home)
  if (share === undefined && real.root !== undefined && real.root.toLowerCase() !== root.toLowerCase())
    return {
      why: `services don't know the drive ${root}, which stands for ${real.root}`,
      remedy: `Name it as Windows does: --home "${real.home ?? real.root}"`,
    }
  return undefined
}
