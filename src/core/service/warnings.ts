import type { InstalledService } from '#core/state/installed.js'
import { exists, isFolder, realPath } from '#core/system/files.js'
import { run } from '#core/system/processes.js'
import { isForAnother, type User } from '#core/system/users.js'
import { type FoundService, PLATFORM, type Role, type ServiceManager, type ServiceReading } from './manager.js'
import type { Services } from './services.js'
import { serviceSpec } from './spec.js'

/** What may keep an installed service from its next start, or from what it is to be. */
export async function warningsOf(
  services: Services,
  role: Role,
  facts: { found: FoundService; reading: ServiceReading; installed: InstalledService | undefined },
): Promise<string[]> {
  const { found, reading, installed } = facts
  const { logs } = services.paths
  const when = (is: boolean, warning: string) => (is ? [warning] : [])
  return [
    ...(installed ? await nodeWarnings(services, installed) : []),
    ...when(!reading.automatic, 'it does not start with the machine: catalyst service install'),
    ...when(found.unfinished === true, 'its installation was cut off: catalyst service install completes it'),
    ...(found.fault ? [`${found.fault.why}. ${found.fault.wayOut}`] : []),
    ...when(
      installed !== undefined && !found.unfinished && found.definition !== installed.definition,
      `somebody has changed ${found.place}: catalyst service install shows how`,
    ),
    ...when(
      installed !== undefined && isOutdated(services, role, installed),
      'the settings have changed since it was installed: catalyst service install brings it up to date',
    ),
    ...(reading.state !== 'running' && reading.ended ? explained(services, reading.ended.exit) : []),
    ...when(!isFolder(logs), `the log folder ${logs} is missing: catalyst service start makes it`),
  ]
}

/** Whether it would be installed otherwise by now, with the same node and command line. */
function isOutdated(services: Services, role: Role, installed: InstalledService): boolean {
  const { manager, paths, settings } = services
  const { name, node, cli, account, definition } = installed
  const watched = services.installed().watchdog !== undefined
  const platform = PLATFORM[manager.kind]
  return (
    manager.definition(serviceSpec(role, { name, paths, settings, platform, node, cli, account, watched })) !==
    definition
  )
}

/** Managers' own exit codes (systemd.exec(5), NSSM's service.cpp): then the bot was not even begun. */
const EXPLAINED: Readonly<Partial<Record<ServiceManager['kind'], Readonly<Record<number, string>>>>> = {
  systemd: {
    200: 'systemd could not enter its folder: is the home still there?',
    203: 'systemd could not start node: catalyst service install mends its path',
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

function explained({ manager }: Services, exit: number | null): string[] {
  const text = exit === null ? undefined : EXPLAINED[manager.kind]?.[exit]
  return text === undefined ? [] : [`exit code ${exit}: ${text}`]
}

const NODE_TIMEOUT_MS = 5000

/** The node and the command line that the service runs may have gone, or become others: then it dies at its next start. */
async function nodeWarnings({ owner }: Services, installed: InstalledService): Promise<string[]> {
  const { node, node_version: then, cli } = installed
  const mend = 'mend it with: catalyst service install'
  const gone = [node, cli].filter((path) => !exists(path)).map((path) => `${path}, which it runs, is gone: ${mend}`)
  if (gone.length > 0) return gone
  const now = await versionOf(node, owner)
  return now === then
    ? []
    : [`its node (${node}) was ${then} when it was installed and is ${now ?? 'unusable'} now: ${mend}`]
}

/** Asked as the home's owner, and without our environment: the path is out of the home. */
async function versionOf(node: string, owner: User): Promise<string | undefined> {
  if (realPath(node) === realPath(process.execPath)) return process.version
  const env = isForAnother(owner) ? { HOME: owner.folder } : process.env
  const { exit, stdout } = await run(node, ['--version'], { timeoutMs: NODE_TIMEOUT_MS, as: owner, env })
  return exit === 0 ? stdout.trim() : undefined
}
