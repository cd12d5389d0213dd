import { messageOf } from '#core/errors.js'
import { refuseForeignState } from '#core/home/foreign-state.js'
import type { InstalledService } from '#core/home/installed-services.js'
import { exists, isFolder, realPath } from '#core/platform/fs/files.js'
import { run } from '#core/platform/process/processes.js'
import { isForAnother, type User } from '#core/platform/process/users.js'
import {
  type FoundService,
  PLATFORM,
  type Role,
  type ServiceManager,
  type ServiceObservation,
} from '#core/service/manager.js'
import type { Services } from '#core/service/services.js'
import { serviceSpec } from '#core/service/spec.js'

/** Returns what may keep an installed service from its next start, or from working as intended. */
export async function warningsOf(
  services: Services,
  role: Role,
  facts: { found: FoundService; observed: ServiceObservation; installed: InstalledService | undefined },
): Promise<string[]> {
  const { found, observed, installed } = facts
  const { logs } = services.paths
  const when = (is: boolean, warning: string) => (is ? [warning] : [])
  const doubt = await refuseForeignState(services).then(() => undefined, messageOf)
  return [
    ...when(doubt !== undefined, doubt ?? ''),
    ...(installed && doubt === undefined ? nodeWarnings(await readServiceNode(services, installed)) : []),
    ...when(!observed.automatic, 'it does not start with the machine: catalyst service install'),
    ...entryWarnings(services, role, { found, installed }),
    ...(observed.state !== 'running' && observed.ended ? explained(services, observed.ended.exit) : []),
    ...when(!isFolder(logs), `the log folder ${logs} is missing: catalyst service start makes it`),
  ]
}

/** Returns what is wrong with the entry itself, as the manager has it. */
export function entryWarnings(
  services: Services,
  role: Role,
  { found, installed }: { found: FoundService; installed: InstalledService | undefined },
): string[] {
  const when = (is: boolean, warning: string) => (is ? [warning] : [])
  return [
    ...when(found.unfinished === true, 'its installation was interrupted: catalyst service install completes it'),
    ...(found.fault ? [`${found.fault.why}. ${found.fault.remedy}`] : []),
    ...when(
      installed !== undefined && !found.unfinished && found.definition !== installed.definition,
      `somebody has changed ${found.place}: catalyst service install shows how`,
    ),
    ...when(
      installed !== undefined && isOutdated(services, role, installed),
      'the settings have changed since it was installed: catalyst service install brings it up to date',
    ),
  ]
}

/** Returns whether it would be installed differently by now, with the same node and command line. */
function isOutdated(services: Services, role: Role, installed: InstalledService): boolean {
  const { manager, paths, settings } = services
  const { name, node, cli, account, definition } = installed
  const watched = services.isWatched()
  const platform = PLATFORM[manager.kind]
  return (
    manager.definition(serviceSpec(role, { name, paths, settings, platform, node, cli, account, watched })) !==
    definition
  )
}

/** Managers' own exit codes (systemd.exec(5), NSSM's service.cpp): with these the bot was not even started. */
const EXPLAINED: Readonly<Partial<Record<ServiceManager['kind'], Readonly<Record<number, string>>>>> = {
  systemd: {
    200: 'systemd could not enter its folder: is the home still there?',
    203: 'systemd could not start node: catalyst service install repairs its path',
    209: 'systemd could not open its log: is the log folder there, and the disk writable?',
    216: 'systemd does not know the group it runs as',
    217: 'systemd does not know the user it runs as',
  },
  nssm: {
    2: 'NSSM could not read its settings',
    3: 'NSSM could not start node: is it there, the home too, and may its account enter both?',
    4: 'NSSM could not open its log files: is data\\logs there, may its account write there, and is the disk full?',
    5: 'a hook that somebody has set in NSSM (AppEvents) failed',
  },
}

function explained(services: Services, exit: number | null): string[] {
  const text = meaningOf(services, exit)
  return text === undefined ? [] : [`exit code ${exit}: ${text}`]
}

/** Returns the meaning of an exit code of the manager's own; undefined for one of the bot's. */
export function meaningOf({ manager }: Services, exit: number | null): string | undefined {
  return exit === null ? undefined : EXPLAINED[manager.kind]?.[exit]
}

const NODE_TIMEOUT_MS = 5000

/** The node that a service runs, with the command line for it. */
export interface ServiceNode {
  readonly node: string
  /** Those of the two that are gone. */
  readonly gone: readonly string[]
  /** Node's version when the service was installed. */
  readonly before: string
  /** Its version by now; undefined where it can't be run. */
  readonly now: string | undefined
}

export async function readServiceNode(
  { owner }: Pick<Services, 'owner'>,
  { node, node_version: before, cli }: Pick<InstalledService, 'node' | 'node_version' | 'cli'>,
): Promise<ServiceNode> {
  const gone = [node, cli].filter((path) => !exists(path))
  return { node, gone, before, now: gone.length > 0 ? undefined : await versionOf(node, owner) }
}

/**
 * Returns warnings about the node and the command line that the service runs: if they have gone or changed, it fails at
 * its next start.
 */
export function nodeWarnings({ node, gone, before, now }: ServiceNode): string[] {
  const repair = 'repair it: catalyst service install'
  if (gone.length > 0) return gone.map((path) => `${path}, which it runs, is gone: ${repair}`)
  return now === before
    ? []
    : [`its node (${node}) was ${before} when it was installed and is ${now ?? 'unusable'} now: ${repair}`]
}

/** Asks for the version as the home's owner, and without our environment: the path comes from the home. */
async function versionOf(node: string, owner: User): Promise<string | undefined> {
  if (realPath(node) === realPath(process.execPath)) return process.version
  const env = isForAnother(owner) ? { HOME: owner.folder } : process.env
  const { exit, stdout } = await run(node, ['--version'], { timeoutMs: NODE_TIMEOUT_MS, as: owner, env })
  return exit === 0 ? stdout.trim() : undefined
}
