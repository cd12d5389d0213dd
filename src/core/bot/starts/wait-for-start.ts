import { isatty } from 'node:tty'
import type { Run } from '#core/bot/run/run.js'
import { activeRelease } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type JournalEntry, readNewestSince } from '#core/journal/journal.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { isStartByPerson } from '#core/journal/start-reason.js'
import { changedAt } from '#core/platform/fs/files.js'
import { machineState } from '#core/platform/machine.js'
import { pollUntil } from '#core/platform/poll.js'
import { DAY_MS, type StartHistory, startHistory } from './history.js'
import { delayText, type StartDelay, startDelay } from './start-delay.js'
import { readUnwrittenStarts } from './unwritten-starts.js'

/** The interval at which a bot that waits checks whether somebody has ordered its start, or changed its settings. */
const POLL_INTERVAL_MS = 250

/** The parts of a run that decide about its start. */
export type Waiting = Pick<
  Run,
  'clock' | 'paths' | 'config' | 'claim' | 'release' | 'monitor' | 'log' | 'journal' | 'stopRequest' | 'ready'
> &
  Pick<Run, 'service' | 'isChild'>

/**
 * Waits until the bot may be started, by the journal; or until somebody orders its start, or asks it to stop. Returns
 * what has changed meanwhile, so that another process has to start the bot; undefined where nothing has.
 */
export async function waitForStart(run: Waiting): Promise<string | undefined> {
  const { clock, paths, monitor, stopRequest } = run
  if (stopRequest.askedBy() !== undefined) return undefined
  const orders = tailOf(paths.journal) // before it is read: no order falls between
  try {
    const delay = delayOf(run)
    if (delay === undefined) return undefined
    announce(run, delay)
    const obsoleteBy = changesSince(run)
    const options = { intervalMs: POLL_INTERVAL_MS, timeoutMs: delay.until - clock.now(), signal: stopRequest.signal }
    const end = await pollUntil(clock, options, () => {
      // by the wall clock: no sleep of the machine makes it longer
      const isDue = clock.now() >= delay.until || orders.read().some(isStartByPerson)
      return obsoleteBy() ?? (isDue ? 'due' : undefined)
    })
    monitor.endDelay()
    return end === 'due' ? undefined : end
  } finally {
    orders.close()
  }
}

function delayOf({ clock, paths, config, service, isChild }: Waiting): StartDelay | undefined {
  const now = clock.now()
  const history = startHistory(entriesOf(paths, now - DAY_MS), now)
  const isFresh =
    isByPerson(service === undefined && !isChild && isInTerminal(), history, now) ||
    isFirstSinceBoot(history, now) ||
    isAnotherTry(history, paths, now)
  return startDelay(history, { now, isFresh }, { startsPerDay: config.settings.BOT_STARTS_PER_DAY }, Math.random())
}

/** Returns the entries of the journal since then, with the starts that it did not take. */
function entriesOf(paths: HomePaths, since: number): readonly JournalEntry[] {
  const entries = readNewestSince(paths.journal, since)
  const unwritten = readUnwrittenStarts(paths)
  if (unwritten.length === 0) return entries
  return [...entries, ...unwritten].sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
}

/** Returns the tail of a journal; an empty one where it can't be read, which must not keep the bot from its start. */
function tailOf(journal: string): Pick<JournalTail, 'read' | 'close'> {
  try {
    return new JournalTail(journal)
  } catch {
    return { read: () => [], close() {} }
  }
}

/** Announces the delay to all who watch the bot. Its service manager is not to take it for a slow start. */
function announce({ clock, claim, monitor, log, journal, ready }: Waiting, delay: StartDelay): void {
  const text = delayText(delay, clock.now())
  monitor.setDelay(text)
  ready()
  const until = new Date(delay.until).toISOString()
  journal.append('bot.wait', { pid: process.pid, instance: claim.instance, until, reason: delay.reason })
  log.warn(text)
}

/** The time in which a person sees that the bot has exited, and starts it again. */
const PERSON_MS = 15_000

/** Returns whether a person makes this start. A loop of a shell has a terminal, too, and starts the bot at once again. */
export function isByPerson(inTerminal: boolean, { lastExit }: Pick<StartHistory, 'lastExit'>, now: number): boolean {
  return inTerminal && (lastExit === undefined || now - lastExit.at >= PERSON_MS)
}

/** Returns whether this process was started in a terminal. In a container the first process may have one, too. */
function isInTerminal(): boolean {
  return isatty(0) && isatty(2) && process.pid > 1 && process.ppid > 1
}

function isFirstSinceBoot({ starts }: StartHistory, now: number): boolean {
  const last = starts.at(-1)
  return last !== undefined && last < now - machineState().upSeconds * 1000
}

/**
 * Returns whether the settings were changed since the last exit. A change in the future, since the clock was set back,
 * tells nothing: it would make each start a fresh one until then.
 */
function isAnotherTry({ lastExit }: StartHistory, { env }: HomePaths, now: number): boolean {
  const changed = changedAt(env)
  return lastExit !== undefined && changed !== undefined && changed > lastExit.at && changed <= now
}

/** Returns what tells whether this process, which has read the settings and the active release, is out of date. */
function changesSince({ paths, release }: Waiting): () => string | undefined {
  const settingsAt = changedAt(paths.env)
  return () => {
    if (changedAt(paths.env) !== settingsAt) return 'new settings'
    return activeRelease(paths)?.name === release?.name ? undefined : 'another version'
  }
}
