import { currentWait, type StartWait } from '#core/bot/starts/current-wait.js'
import { activeRelease } from '#core/home/active-release.js'
import type { JournalEntry } from '#core/journal/journal.js'
import type { Role, ServiceState } from '#core/service/manager.js'
import { isOwn, nameOf, type Services, whoseIs } from '#core/service/services.js'
import { isoOf } from '#core/text.js'
import { type LastWords, lastErrors, lastWords } from './last-errors.js'
import { countUnexpectedExits, type LastExit, lastExit } from './last-exit.js'
import { warningsOf } from './warnings.js'

/** One service in `service status --json`. Times are ISO 8601. */
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
  /** The delay of the start of a bot that is up; null where nothing delays it. */
  readonly waits: StartWait | null
  /** The number of automatic restarts since it was last started on purpose. */
  readonly restarts: number | null
  readonly last_end: LastExit | null
  readonly release: string | null
  /** True if it starts with the machine. */
  readonly automatic: boolean
  /** The person who stopped it on purpose, and when. */
  readonly stopped_by: { readonly by: string; readonly at: string } | null
  readonly warnings: readonly string[]
  /** The newest error lines of its log. */
  readonly last_errors: readonly string[]
  /** The number of those, the newest, since its last start. */
  readonly errors_since_start: number
  /** The end of its standard error since its last start, while it does not run: it shows what kept it from starting. */
  readonly last_words: readonly string[]
  /** The time of the last of them; managers write no times. */
  readonly last_words_at: string | null
}

const LINES_SHOWN = 5
const NO_WORDS: LastWords = { at: undefined, lines: [] }

export async function serviceStatus(services: Services, role: Role): Promise<ServiceStatus> {
  const { manager, paths, asOwner } = services
  const { name, installed } = asOwner(() => ({ name: nameOf(services, role), installed: services.installed()[role] }))
  const [found, read] = await Promise.all([manager.find(name), manager.read(name)])
  const isForeign = found !== undefined && !isOwn(services, found)
  const observed = found && !isForeign ? read : undefined
  const bot = role === 'bot' ? await services.runningBot().catch(() => undefined) : undefined // another user's
  const runs = observed?.state === 'running'
  const since = observed?.since ?? (runs ? (bot?.since ?? null) : null)
  // at once: each change of the user costs
  const { entries, desiredStop, words, errors, errorsSinceStart } = asOwner(() => {
    const entries = role === 'bot' ? services.newestEntries() : []
    const errorsSince = (sinceMs: number) => lastErrors(paths.logs, role, LINES_SHOWN, { sinceMs })
    return {
      entries,
      desiredStop: role === 'bot' ? services.desiredStop() : undefined,
      words: runs ? NO_WORDS : lastWords(paths.logs, role, LINES_SHOWN),
      errors: errorsSince(0),
      errorsSinceStart: errorsSince(lastStart(entries, since)),
    }
  })
  return {
    name,
    role,
    manager: manager.kind,
    scope: manager.scope,
    state: observed?.state ?? 'not installed',
    words: observed?.words ?? '',
    pid: observed?.pid ?? (runs ? (bot?.pid ?? null) : null),
    since,
    waits: (runs && currentWait(entries, bot?.instance)) || null,
    restarts: observed ? (observed.restarts ?? (role === 'bot' ? countUnexpectedExits(entries) : null)) : null,
    last_end: lastExit(entries, runs ? undefined : observed?.ended),
    release: role === 'bot' ? (bot?.release ?? asOwner(() => activeRelease(paths))?.name ?? null) : null,
    automatic: observed?.automatic ?? false,
    stopped_by: desiredStop ? { by: desiredStop.by, at: desiredStop.at } : null,
    warnings: isForeign
      ? [`the name is taken: the service ${name} ${whoseIs(found)}`]
      : observed && found
        ? await warningsOf(services, role, { found, observed, installed })
        : [],
    last_errors: errors,
    errors_since_start: errorsSinceStart.length,
    last_words: words.lines,
    last_words_at: isoOf(words.at),
  }
}

/** Returns when it was last started, in ms since 1970, by the journal or its manager; 0 if unknown. */
function lastStart(entries: readonly JournalEntry[], since: string | null): number {
  const started = entries.findLast(({ kind }) => kind === 'bot.start')?.time
  return Math.max(0, ...[started, since].map((time) => Date.parse(time ?? '')).filter(Number.isFinite))
}

/** Returns the roles to show: the given one, or all that are installed. */
export function rolesToShow(services: Services, asked: Role | undefined): readonly Role[] {
  if (asked !== undefined) return [asked]
  return services.installed().watchdog === undefined ? ['bot'] : ['bot', 'watchdog']
}
