import { join } from 'node:path'
import { type JournalEntry, readNewest } from '#core/journal/journal.js'
import { serviceLogs } from '#core/logging/service-logs.js'
import { activeRelease } from '#core/state/active-release.js'
import { type BotFile, readBotFile } from '#core/state/bot-file.js'
import type { InstalledService } from '#core/state/installed.js'
import { readWanted } from '#core/state/wanted.js'
import { exists, isFolder, realPath } from '#core/system/files.js'
import { isRunning, run } from '#core/system/processes.js'
import type { User } from '#core/system/users.js'
import { lastErrors, lastWords } from './last-errors.js'
import { PLATFORM, type Role, type ServiceReading, type ServiceState } from './manager.js'
import { isOwn, nameOf, type Services, whoseIs } from './services.js'
import { serviceSpec } from './spec.js'

/** What `service status --json` says of one service. Times are ISO 8601. */
export interface ServiceStatus {
  readonly name: string
  readonly role: Role
  readonly manager: string
  readonly scope: string
  readonly state: ServiceState | 'not installed'
  /** The manager's own words. */
  readonly words: string
  readonly pid: number | null
  readonly since: string | null
  /** How often it has been started again without being asked, since it was last started on purpose. */
  readonly restarts: number | null
  readonly last_end: LastEnd | null
  readonly release: string | null
  /** Whether it starts with the machine. */
  readonly automatic: boolean
  /** Who stopped it on purpose, and when. */
  readonly stopped_by: { readonly by: string; readonly at: string } | null
  readonly warnings: readonly string[]
  /** The newest error lines of its log. */
  readonly last_errors: readonly string[]
  /** The end of its standard error, while it does not run: there is what kept it from starting. */
  readonly last_words: readonly string[]
}

export interface LastEnd {
  readonly at: string
  readonly kind: 'stopped' | 'ended' | 'crashed' | 'killed'
  /** Null for one that was killed. */
  readonly exit: number | null
}

const ERRORS_SHOWN = 5

export async function serviceStatus(services: Services, role: Role): Promise<ServiceStatus> {
  const { manager, paths, asOwner } = services
  const name = nameOf(services, role)
  const installed = services.installed()[role]
  const [found, read, node] = await Promise.all([
    manager.find(name),
    manager.read(name),
    nodeWarnings(services, installed),
  ])
  const isForeign = found !== undefined && !isOwn(services, found)
  const reading = found && !isForeign ? read : undefined
  const bot = role === 'bot' ? await runningBot(services) : undefined
  const entries = role === 'bot' ? asOwner(() => readNewest(paths.journal)) : []
  const wanted = role === 'bot' ? asOwner(() => readWanted(paths)) : undefined
  const runs = reading?.state === 'running'
  const words = runs ? [] : asOwner(() => lastWords(join(paths.logs, serviceLogs(role)[1].name), ERRORS_SHOWN))
  return {
    name,
    role,
    manager: manager.kind,
    scope: manager.scope,
    state: reading?.state ?? 'not installed',
    words: reading?.words ?? '',
    pid: reading?.pid ?? (runs ? (bot?.pid ?? null) : null),
    since: reading?.since ?? (runs ? (bot?.since ?? null) : null),
    restarts: reading ? (reading.restarts ?? (role === 'bot' ? unexpectedEnds(entries) : null)) : null,
    last_end: lastEnd(entries, runs ? undefined : reading?.ended),
    release: role === 'bot' ? (bot?.release ?? asOwner(() => activeRelease(paths))?.name ?? null) : null,
    automatic: reading?.automatic ?? false,
    stopped_by: wanted ? { by: wanted.by, at: wanted.at } : null,
    warnings: [
      ...(isForeign ? [`the name is taken: the service ${name} ${whoseIs(found)}`] : []),
      ...(reading ? node : []),
      ...(reading && !reading.automatic ? ['it does not start with the machine: catalyst service install'] : []),
      ...(reading && installed && found?.definition !== installed.definition
        ? [`somebody has changed ${found?.place}: catalyst service install shows how`]
        : []),
      ...(reading && installed && isOutdated(services, role, installed)
        ? ['the settings have changed since it was installed: catalyst service install brings it up to date']
        : []),
      ...(reading?.state !== 'running' && reading?.ended ? explained(reading.ended.exit) : []),
      ...(reading && !isFolder(paths.logs)
        ? [`the log folder ${paths.logs} is missing: catalyst service start makes it`]
        : []),
    ],
    last_errors: asOwner(() => lastErrors(paths.logs, role, ERRORS_SHOWN)),
    last_words: words,
  }
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

/** systemd's own exit codes (systemd.exec(5)): then the bot was not even begun. */
const EXPLAINED: Readonly<Record<number, string>> = {
  200: 'systemd could not enter its folder: is the home still there?',
  203: 'systemd could not start node: catalyst service install mends its path',
  209: 'systemd could not open its log: is the log folder there, and the disk writable?',
  216: 'systemd does not know the group it runs as',
  217: 'systemd does not know the user it runs as',
}

function explained(exit: number | null): string[] {
  const text = exit === null ? undefined : EXPLAINED[exit]
  return text === undefined ? [] : [`exit code ${exit}: ${text}`]
}

async function runningBot({ paths, asOwner }: Services): Promise<BotFile | undefined> {
  try {
    const bot = asOwner(() => readBotFile(paths.bot))
    return bot && (await isRunning(bot)) ? bot : undefined
  } catch {
    return undefined // another user's
  }
}

const NODE_TIMEOUT_MS = 5000

/** The node and the command line that the service runs may have gone, or become others: then it dies at its next start. */
async function nodeWarnings({ owner }: Services, installed: InstalledService | undefined): Promise<string[]> {
  if (installed === undefined) return []
  const { node, node_version: then, cli } = installed
  const mend = 'mend it with: catalyst service install'
  const gone = [node, cli].filter((path) => !exists(path)).map((path) => `${path}, which it runs, is gone: ${mend}`)
  if (gone.length > 0) return gone
  const now = await versionOf(node, owner)
  return now === then
    ? []
    : [`its node (${node}) was ${then} when it was installed and is ${now ?? 'unusable'} now: ${mend}`]
}

/** Asked as the home's owner: the path is out of the home. */
async function versionOf(node: string, owner: User): Promise<string | undefined> {
  if (realPath(node) === realPath(process.execPath)) return process.version
  const { exit, stdout } = await run(node, ['--version'], { timeoutMs: NODE_TIMEOUT_MS, as: owner })
  return exit === 0 ? stdout.trim() : undefined
}

const SAME_END_MS = 10_000

const ENDS: Readonly<Record<string, LastEnd['kind']>> = {
  'bot.stop': 'stopped',
  'bot.exit': 'ended',
  'bot.crash': 'crashed',
  'bot.lost': 'killed',
}

/**
 * How the bot last ended: by the journal, unless its manager knows of a later end. One that ended before it could write
 * there, or was killed, the journal doesn't have.
 */
export function lastEnd(entries: readonly JournalEntry[], seen?: ServiceReading['ended']): LastEnd | null {
  const entry = entries.findLast(({ kind }) => kind in ENDS)
  const known = entry === undefined ? Number.NEGATIVE_INFINITY : Date.parse(entry.time)
  // managers tell whole seconds, and the journal's line comes a moment before the end
  const later = seen ? Date.parse(seen.at) - known : Number.NEGATIVE_INFINITY
  if (seen && (later > SAME_END_MS || (later > -1000 && seen.exit !== entry?.exit)))
    return { at: seen.at, kind: seen.exit === null ? 'killed' : 'ended', exit: seen.exit }
  if (entry === undefined) return null
  const kind = ENDS[entry.kind] as LastEnd['kind']
  return { at: entry.time, kind, exit: typeof entry.exit === 'number' ? entry.exit : null }
}

/** Ends that nobody asked for, since somebody last started the service. */
export function unexpectedEnds(entries: readonly JournalEntry[]): number {
  const begin = entries.findLastIndex(({ kind }) => /^service\.(install|start|restart)$/.test(kind))
  return entries.slice(begin + 1).filter(({ kind }) => /^bot\.(exit|crash|lost)$/.test(kind)).length
}

/** Which services to show: the one that was asked for, else all that there are. */
export function rolesToShow(services: Services, asked: Role | undefined): readonly Role[] {
  if (asked !== undefined) return [asked]
  return services.installed().watchdog === undefined ? ['bot'] : ['bot', 'watchdog']
}
