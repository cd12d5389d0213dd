import { isOwnFault, isUnexpectedExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'

/** The runs of a release. */
export interface Runs {
  /** The time that it ran in all, in milliseconds. */
  readonly ranMs: number
  /** The number of exits that nobody had asked for. */
  readonly unexpectedExits: number
}

/** Returns the runs of each release, by its name; the working tree is ''. */
export function runsOfReleases(entries: readonly JournalEntry[]): ReadonlyMap<string, Runs> {
  const found = new Map<string, Runs>()
  for (const { release, exit } of exitsOf(entries)) {
    const { ranMs, unexpectedExits } = found.get(release) ?? { ranMs: 0, unexpectedExits: 0 }
    found.set(release, {
      ranMs: ranMs + (typeof exit.ran_seconds === 'number' ? exit.ran_seconds * 1000 : 0),
      unexpectedExits: unexpectedExits + (isUnexpectedExit(exit) ? 1 : 0),
    })
  }
  return found
}

/** Returns how often a release exited by itself between these times, in ms since 1970. */
export function exitsByItself(entries: readonly JournalEntry[], release: string, from: number, until: number): number {
  return exitsOf(entries).filter(({ release: name, exit }) => {
    const at = Date.parse(exit.time)
    return name === release && at >= from && at < until && isUnexpectedExit(exit) && isOwnFault(exit)
  }).length
}

/**
 * Returns how often a release exited by itself since the last deployment, and since this wall time, in ms. The order of the
 * journal counts, not its times: the clock may have been set back since.
 */
export function exitsSinceDeployment(entries: readonly JournalEntry[], release: string, since = -Infinity): number {
  const later = new Set(entries.slice(entries.findLastIndex(({ kind }) => kind === 'deploy.end') + 1))
  return exitsOf(entries).filter(
    ({ release: name, exit }) =>
      name === release &&
      later.has(exit) &&
      Date.parse(exit.time) >= since &&
      isUnexpectedExit(exit) &&
      isOwnFault(exit),
  ).length
}

/** Returns the exits in the journal, each with the release that exited. A process has only one. */
function exitsOf(entries: readonly JournalEntry[]): { release: string; exit: JournalEntry }[] {
  const running = new Map<unknown, string>()
  return entries.flatMap((exit) => {
    const { kind, pid, release: started } = exit
    if (kind === 'bot.start') running.set(pid, typeof started === 'string' ? started : '')
    if (kind !== 'bot.stop' && !isUnexpectedExit(exit)) return []
    const release = running.get(pid)
    running.delete(pid)
    return release === undefined ? [] : [{ release, exit }]
  })
}

/** The number of deployments that count. */
const TIMES = 5
/** The outcome `deployed`, also by its name before 0.2. */
const DEPLOYED: readonly unknown[] = ['deployed', 'good']

/** Returns the median downtime of the last deployments, in seconds; undefined where there was none. */
export function expectedDowntime(entries: readonly JournalEntry[]): number | undefined {
  const times = entries
    .filter(({ kind, outcome }) => kind === 'deploy.end' && DEPLOYED.includes(outcome))
    .flatMap(({ downtime_seconds: seconds, downtime_ms: ms }) => {
      if (typeof seconds === 'number') return [seconds]
      return typeof ms === 'number' ? [ms / 1000] : [] // before 0.2
    })
    .slice(-TIMES)
    .sort((one, other) => one - other)
  return times[Math.floor(times.length / 2)]
}
