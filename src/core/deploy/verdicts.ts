import { type JournalEntry, readNewest } from '#core/journal/journal.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Release } from './releases.js'

/** What is known of a commit by having run it. */
export type Verdict = 'good' | 'bad' | 'unknown'

export interface Judgement {
  readonly verdict: Verdict
  readonly reason: string
  /** ISO 8601. */
  readonly at: string
}

/** The last word on each commit. */
export function verdictsOf(entries: readonly JournalEntry[]): ReadonlyMap<string, Judgement> {
  const verdicts = new Map<string, Judgement>()
  for (const { kind, commit, verdict, reason, time } of entries) {
    if (kind !== 'verdict' || typeof commit !== 'string' || !isVerdict(verdict)) continue
    verdicts.delete(commit) // the order is that of the last word
    verdicts.set(commit, { verdict, reason: typeof reason === 'string' ? reason : '', at: time })
  }
  return verdicts
}

/** Commits that are good, the one that proved itself last first. */
export function goodCommits(verdicts: ReadonlyMap<string, Judgement>): string[] {
  return [...verdicts]
    .filter(([, { verdict }]) => verdict === 'good')
    .map(([commit]) => commit)
    .reverse()
}

/** Good releases on disk, the one that proved itself last first, without those of these commits. */
export function goodReleases(
  verdicts: ReadonlyMap<string, Judgement>,
  onDisk: readonly Release[],
  except: readonly (string | undefined)[],
): Release[] {
  return goodCommits(verdicts)
    .filter((commit) => !except.includes(commit))
    .flatMap((commit) => onDisk.find((release) => release.commit === commit) ?? [])
}

/** The last word on each commit of a home. */
export function readVerdicts(paths: HomePaths): ReadonlyMap<string, Judgement> {
  return verdictsOf(readNewest(paths.journal))
}

function isVerdict(value: unknown): value is Verdict {
  return value === 'good' || value === 'bad' || value === 'unknown'
}

/** How a release did while it ran. */
export interface Runs {
  /** In all, in milliseconds. */
  readonly ranMs: number
  /** Ends that nobody had asked for. */
  readonly unexpectedEnds: number
}

/** How each release did, by its name; the home itself is ''. */
export function runsOfReleases(entries: readonly JournalEntry[]): ReadonlyMap<string, Runs> {
  const found = new Map<string, Runs>()
  const releases = new Map<unknown, string>()
  for (const { kind, pid, release, ran_seconds } of entries) {
    if (kind === 'bot.start') releases.set(pid, typeof release === 'string' ? release : '')
    if (!ENDS.includes(kind)) continue
    const name = releases.get(pid)
    if (name === undefined) continue
    const { ranMs, unexpectedEnds } = found.get(name) ?? { ranMs: 0, unexpectedEnds: 0 }
    found.set(name, {
      ranMs: ranMs + (typeof ran_seconds === 'number' ? ran_seconds * 1000 : 0),
      unexpectedEnds: unexpectedEnds + (kind === 'bot.stop' ? 0 : 1),
    })
    releases.delete(pid)
  }
  return found
}

const ENDS = ['bot.stop', 'bot.exit', 'bot.crash', 'bot.lost']

const TIMES = 5

/** What the last switches cost, in the middle; undefined where there was none. */
export function expectedDowntimeMs(entries: readonly JournalEntry[]): number | undefined {
  const times = entries
    .flatMap(({ kind, outcome, downtime_ms }) =>
      kind === 'deploy.end' && outcome === 'good' && typeof downtime_ms === 'number' ? [downtime_ms] : [],
    )
    .slice(-TIMES)
    .sort((one, other) => one - other)
  return times[Math.floor(times.length / 2)]
}
