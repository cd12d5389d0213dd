import { CatalystError, EXIT } from '#core/errors.js'
import { announcedMs } from '#core/health/announced/announced.js'
import { askHealth, type Health, isEndpointOn } from '#core/health/client.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { sleep } from '#core/platform/clock.js'
import type { Role, ServiceObservation } from '#core/service/manager.js'
import type { Services } from '#core/service/services.js'
import { lastErrors, lastWords } from '#core/service/status/last-errors.js'
import { meaningOf } from '#core/service/status/warnings.js'
import { newestUnexpectedExit, wasAskedToStop } from './early-exit.js'

const POLL_INTERVAL_MS = 100
/** The time after which a bot that has proven its work is up; so is a watchdog. */
const PROVEN_MS = 2000
/** The time after which a bot is up of which only the process is known to live: most that fail do so sooner. */
const ALIVE_MS = 5000
const LINES = 8
const ANSWER_MS = 1000
/** The maximum time until a bot answers that waits for its port, or stops what its predecessor left. */
const UP_MS = 30_000
/** The time during which a manager may report 'stopped' before it starts. */
export const AT_FIRST_MS = 2000

/** Returns the pid of what the service runs: as the manager reports it, or else as the bot itself does. */
export function pidOf(services: Services, role: Role, observed: ServiceObservation | undefined): number | null {
  if (observed?.state !== 'running') return null
  return observed.pid ?? (role === 'bot' ? (services.lastBot()?.pid ?? null) : null)
}

/** A service that has come up. */
export interface Up {
  readonly pid: number | null
  /** The health that its bot reports; undefined for a watchdog, and if the endpoint is switched off. */
  readonly health: Health | undefined
}

export interface UpOptions {
  /** The process that ran before: it is not the one to wait for. */
  readonly before: number | null
  /** The wall time of the order, in ms: earlier output is no reason. */
  readonly since: number
  readonly onWait: () => void
  /** The errors of the commands that failed. */
  readonly said?: readonly string[]
  /** Called once if it is found stopped: not every manager restarts reliably. */
  readonly startAgain?: () => Promise<readonly string[]>
}

/**
 * Waits until the service runs as another process than before and has stayed up for a while: one that exits soon after
 * its start has never worked. A bot may still be `starting` by then, which its health shows.
 * @throws CatalystError SERVICE_NOT_RUNNING with how it exited, and its last output
 */
export async function waitUntilUp(services: Services, role: Role, name: string, options: UpOptions): Promise<Up> {
  const { clock } = services
  const { before, since } = options
  let { said = [], startAgain } = options
  let began = clock.monotonic()
  let longestMs = UP_MS
  let seen: { readonly pid: number | null; answeredAt?: number } | undefined
  for (;;) {
    const observed = await services.manager.read(name)
    const state = observed?.state
    const pid = pidOf(services, role, observed)
    const isNew = state === 'running' && (pid === null || pid !== before)
    const failed = (what: string, why: readonly string[] = []) => notUp(services, role, { what, why, since })

    const isAnother = seen?.pid != null && observed?.pid != null && observed.pid !== seen.pid
    if (seen && state !== 'stopping' && (state !== 'running' || isAnother)) {
      const entries = entriesSince(services, since)
      // somebody else may have stopped it, or restarted it once more
      if (!wasAskedToStop(entries, seen.pid)) throw failed(notStaying(services, name, { entries, before, observed }))
      seen = undefined
    }

    const health = isNew ? await answerOf(services, role) : 'none'
    const now = clock.monotonic()
    if (isNew && health !== 'none')
      longestMs = Math.max(longestMs, now - began + announcedMs(health?.report?.starting, clock.now()))
    if (isNew) seen = { ...seen, pid: seen?.pid ?? observed?.pid ?? null } // a manager may report the pid a moment later
    if (seen && health !== 'none') {
      seen.answeredAt ??= now
      if (now - seen.answeredAt >= settleMs(role, health)) {
        const entries = entriesSince(services, since)
        if (newestUnexpectedExit(entries, before))
          throw failed(notStaying(services, name, { entries, before, observed }))
        if (health?.status === 'unhealthy')
          throw failed(`The service ${name} runs, but its bot is unhealthy: ${health.reasons.join('; ')}.`)
        return { pid, health }
      }
    }

    if (state === 'stopped' && startAgain) {
      said = await startAgain()
      startAgain = undefined
    }
    if (state === 'stopping') began = now // the old one may take its whole stop timeout
    const isDown = state === undefined || state === 'failed' || state === 'stopped' || state === 'restarting'
    if (isDown && now - began > AT_FIRST_MS)
      // if its manager did start it, the error of a command is not the reason
      throw failed(notRunning(services, name, observed), state === 'stopped' || state === 'failed' ? said : [])
    if (now - began > longestMs)
      throw failed(
        state === 'running'
          ? `The service ${name} runs, but the bot does not answer.`
          : `The service ${name} did not come up within ${Math.round(longestMs / 1000)} s: ${observed?.words}.`,
      )
    options.onWait()
    await sleep(clock, POLL_INTERVAL_MS)
  }
}

/** Returns the health of a service that has been running for a while already; undefined if that isn't known. */
export async function longUp(services: Services, role: Role, pid: number | null): Promise<Up | undefined> {
  const health = await answerOf(services, role)
  if (health === 'none' || health === undefined) return undefined
  return (health.report?.uptime_seconds ?? 0) * 1000 >= ALIVE_MS ? { pid, health } : undefined
}

/** Returns the bot's health. `none`: it doesn't answer as a bot at work; undefined: no endpoint can be asked. */
async function answerOf({ paths, settings }: Services, role: Role): Promise<Health | 'none' | undefined> {
  if (role === 'watchdog' || !isEndpointOn(settings)) return undefined
  const health = await askHealth(paths, settings, ANSWER_MS)
  return health.report === undefined || health.status === 'stopping' ? 'none' : health
}

function settleMs(role: Role, health: Health | undefined): number {
  const hasProof = (health?.report?.total_cycles ?? 0) > 0
  return role === 'watchdog' || hasProof ? PROVEN_MS : ALIVE_MS
}

/** Returns the journal's entries since then; empty if it can't be read. */
function entriesSince(services: Services, since: number): readonly JournalEntry[] {
  try {
    return services.newestEntries().filter(({ time }) => Date.parse(time) >= since)
  } catch {
    return []
  }
}

function notStaying(
  services: Services,
  name: string,
  seen: {
    readonly entries: readonly JournalEntry[]
    readonly before: number | null
    readonly observed: ServiceObservation | undefined
  },
): string {
  const how =
    newestUnexpectedExit(seen.entries, seen.before) ??
    `it exited soon after its start${exitText(services, seen.observed)}`
  return `The service ${name} does not stay up: ${how}.`
}

function notRunning(services: Services, name: string, observed: ServiceObservation | undefined): string {
  return `The service ${name} does not run: ${observed?.words ?? 'it is gone'}${exitText(services, observed)}.`
}

function exitText(services: Services, observed: ServiceObservation | undefined): string {
  const { exit = null } = observed?.ended ?? {}
  if (exit === null) return ''
  const meaning = meaningOf(services, exit)
  return `, exit code ${exit}${meaning === undefined ? '' : `: ${meaning}`}`
}

function notUp(
  { paths, asOwner }: Services,
  role: Role,
  { what, why, since }: { what: string; why: readonly string[]; since: number },
): CatalystError {
  const errors = asOwner(() => lastErrors(paths.logs, role, LINES, { sinceMs: since, level: 'warn' }))
  // what keeps it from starting is printed before there is a log
  const lines = errors.length > 0 ? errors : asOwner(() => lastWords(paths.logs, role, LINES, since)).lines
  return new CatalystError([what, ...why, ...lines].join('\n'), {
    code: 'SERVICE_NOT_RUNNING',
    exit: EXIT.failed,
    suggestions: [
      'See what it says: catalyst service status',
      `Run it here, and watch: catalyst ${role === 'bot' ? 'bot start' : 'watchdog run'}`,
    ],
  })
}

/**
 * Waits until the service has stopped, for `ms` at most. Returns whether its manager had to kill it, if it tells.
 * @throws CatalystError SERVICE_COMMAND_FAILED when it still runs then
 */
export async function waitUntilDown(
  services: Services,
  name: string,
  options: { ms: number; onWait: () => void },
): Promise<boolean> {
  const { clock } = services
  const until = clock.monotonic() + options.ms
  let first: number | null | undefined
  for (;;) {
    const observed = await services.manager.read(name)
    first ??= observed?.pid
    if (observed === undefined || observed.state === 'stopped' || observed.state === 'failed')
      return observed?.state === 'failed'
    const isAnother = observed.state === 'running' && observed.pid !== null && observed.pid !== first
    if (clock.monotonic() >= until || isAnother) {
      throw new CatalystError(
        isAnother
          ? `The service ${name} was started again meanwhile, by somebody else.`
          : `The service ${name} has not stopped: ${observed.words}.`,
        {
          code: 'SERVICE_COMMAND_FAILED',
          exit: EXIT.failed,
          suggestions: ['Ask again: catalyst service status'],
        },
      )
    }
    options.onWait()
    await sleep(clock, POLL_INTERVAL_MS)
  }
}
