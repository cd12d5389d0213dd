import { CatalystError, EXIT } from '#core/errors.js'
import { localTime } from '#core/text.js'
import type { JournalEntry } from './journal.js'

/** Steps of deployments are shown where they are asked for: there are many. */
const HIDDEN = 'deploy.step'

/**
 * The entries of a kind, or of a whole group such as `deploy`, from a time on (ms since 1970).
 * @throws CatalystError USAGE for a kind that nothing can have
 */
export function timeline(
  entries: readonly JournalEntry[],
  { kind, sinceMs = 0 }: { kind?: string | undefined; sinceMs?: number | undefined },
): JournalEntry[] {
  if (kind !== undefined && !/^[a-z][a-z.-]*$/.test(kind)) {
    throw new CatalystError(`${JSON.stringify(kind)} is no kind of entry.`, {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Such as bot, bot.crash, deploy, verdict, service, incident, backup'],
    })
  }
  return entries.filter((entry) => {
    const isWanted =
      kind === undefined ? entry.kind !== HIDDEN : entry.kind === kind || entry.kind.startsWith(`${kind}.`)
    const isShown = entry.kind !== HIDDEN || kind === HIDDEN
    return isWanted && isShown && !(Date.parse(entry.time) < sinceMs)
  })
}

/** One thing that happened, in a line, without its time. */
export function entryText(entry: JournalEntry): string {
  const { kind, time: _time, ...details } = entry
  const words = WORDS[kind]?.(details)
  return words === undefined ? [kind, ...restOf(details)].join(' ') : words
}

type Details = Readonly<Record<string, unknown>>

const WORDS: Readonly<Record<string, (details: Details) => string>> = {
  'bot.start': ({ pid, release }) => `the bot started (pid ${pid}) as ${release ?? 'the home itself'}`,
  'bot.stop': ({ asked_by, ran_seconds }) => `the bot ended as it was asked to (${asked_by}), after ${ran_seconds} s`,
  'bot.exit': ({ exit, ran_seconds }) => `the bot ended by itself, exit code ${exit}, after ${ran_seconds} s`,
  'bot.crash': ({ exit, error }) => `the bot crashed, exit code ${exit}: ${error}`,
  'bot.lost': ({ pid, since }) => `the bot of before (pid ${pid}, since ${localTime(since)}) was killed`,
  'bot.refused': ({ exit }) => `the bot would not start, exit code ${exit}`,
  'deploy.begin': ({ what, release, from, by }) =>
    `${doing(what, release)}, from ${from ?? 'the home itself'}, by ${by}`,
  'deploy.step': ({ step, state, reason }) => `  ${step}: ${state}${reason === undefined ? '' : `, ${reason}`}`,
  'deploy.recover': ({ what, release, direction }) =>
    `the ${doing(what, release)} was cut off: it is carried ${direction}`,
  'deploy.end': ({ what, release, outcome, active, seconds, downtime_ms, reason }) =>
    `${doing(what, release)}: ${outcome} after ${seconds} s, active is ${active ?? 'the home itself'}${
      typeof downtime_ms === 'number' ? `, away for ${downtime_ms} ms` : ''
    }${reason === undefined ? '' : `: ${reason}`}`,
  verdict: ({ release, verdict, reason }) => `${release} is ${verdict}: ${reason}`,
  backup: ({ backup, reason }) => `settings kept as ${backup}: ${reason}`,
  restore: ({ backup }) => `settings of ${backup} in force`,
  'service.install': ({ name, manager, scope, by }) =>
    `the service ${name} was installed by ${by} (${manager}, ${scope})`,
  'service.start': ({ name, by }) => `the service ${name} was started by ${by}`,
  'service.stop': ({ name, by }) => `the service ${name} was stopped by ${by}`,
  'service.restart': ({ name, by }) => `the service ${name} was restarted by ${by}`,
  'service.uninstall': ({ name, by }) => `the service ${name} was uninstalled by ${by}`,
  incident: ({ incident, state, why }) => `incident ${incident}: ${why}, ${state}`,
}

function doing(what: unknown, release: unknown): string {
  return `${what} ${what === 'rollback' ? 'to' : 'of'} ${release}`
}

function restOf(details: Details): string[] {
  return Object.entries(details).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
}
