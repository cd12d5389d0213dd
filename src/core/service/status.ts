import { readNewest } from '#core/journal/journal.js'
import { activeRelease } from '#core/state/active-release.js'
import { type BotFile, readBotFile } from '#core/state/bot-file.js'
import { readStopWish } from '#core/state/wanted.js'
import { isRunning } from '#core/system/processes.js'
import { type LastEnd, lastEnd, unexpectedEnds } from './last-end.js'
import { lastErrors, lastWords } from './last-errors.js'
import type { Role, ServiceState } from './manager.js'
import { isOwn, nameOf, type Services, whoseIs } from './services.js'
import { warningsOf } from './warnings.js'

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

const LINES_SHOWN = 5

export async function serviceStatus(services: Services, role: Role): Promise<ServiceStatus> {
  const { manager, paths, asOwner } = services
  const name = nameOf(services, role)
  const installed = services.installed()[role]
  const [found, read] = await Promise.all([manager.find(name), manager.read(name)])
  const isForeign = found !== undefined && !isOwn(services, found)
  const reading = found && !isForeign ? read : undefined
  const bot = role === 'bot' ? await runningBot(services) : undefined
  const entries = role === 'bot' ? asOwner(() => readNewest(paths.journal)) : []
  const wanted = role === 'bot' ? asOwner(() => readStopWish(paths)) : undefined
  const runs = reading?.state === 'running'
  const words = runs ? [] : asOwner(() => lastWords(paths.logs, role, LINES_SHOWN))
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
    warnings: isForeign
      ? [`the name is taken: the service ${name} ${whoseIs(found)}`]
      : reading && found
        ? await warningsOf(services, role, { found, reading, installed })
        : [],
    last_errors: asOwner(() => lastErrors(paths.logs, role, LINES_SHOWN)),
    last_words: words,
  }
}

async function runningBot({ paths, asOwner }: Services): Promise<BotFile | undefined> {
  try {
    const bot = asOwner(() => readBotFile(paths.bot))
    return bot && (await isRunning(bot)) ? bot : undefined
  } catch {
    return undefined // another user's
  }
}
