import { CatalystError, EXIT } from '#core/errors.js'
import { localTime } from '#core/text.js'
import type { JournalEntry } from './journal.js'

/** A kind that is shown only on request: deployments have many steps. */
const HIDDEN = 'deploy.step'

/**
 * Returns the entries of a kind, or of a whole group such as `deploy`, from a time on (ms since 1970).
 * @throws CatalystError USAGE for an impossible kind
 */
export function timeline(
  entries: readonly JournalEntry[],
  { kind, sinceMs = 0 }: { kind?: string | undefined; sinceMs?: number | undefined },
): JournalEntry[] {
  if (kind !== undefined && !/^[a-z][a-z.-]*$/.test(kind)) {
    throw new CatalystError(`${JSON.stringify(kind)} is not a kind of entry.`, {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Use one such as bot, bot.crash, deploy, rating, service, incident, backup'],
    })
  }
  return entries.filter((entry) => {
    const isRequested =
      kind === undefined ? entry.kind !== HIDDEN : entry.kind === kind || entry.kind.startsWith(`${kind}.`)
    const isShown = entry.kind !== HIDDEN || kind === HIDDEN
    return isRequested && isShown && !(Date.parse(entry.time) < sinceMs)
  })
}

/** Describes an event in one line, without its time. */
export function entryText(entry: JournalEntry): string {
  const { kind, time: _time, ...details } = entry
  const words = WORDS[kind]?.(details)
  return words === undefined ? [kind, ...restOf(details)].join(' ') : words
}

type Details = Readonly<Record<string, unknown>>

const WORDS: Readonly<Record<string, (details: Details) => string>> = {
  'bot.start': ({ pid, release }) => `the bot started (pid ${pid}) as ${release ?? 'the working tree'}`,
  'bot.wait': ({ until, reason }) => `the bot waits until ${localTime(until)} before its next start: ${reason}`,
  'bot.stop': (details) =>
    `the bot stopped, as asked by ${details.asked_by}, after ${details.ran_seconds} s${programExit(details)}`,
  'bot.exit': ({ exit, ran_seconds, reason, error }) =>
    `the bot exited by itself with exit code ${exit}, after ${ran_seconds} s${because(reason ?? error)}`,
  'bot.crash': ({ exit, error }) => `the bot crashed with exit code ${exit}: ${error}`,
  'bot.lost': ({ pid, since }) => `the previous bot (pid ${pid}, since ${localTime(since)}) was killed`,
  'bot.refused': ({ exit }) => `the bot refused to start, with exit code ${exit}`,
  'deploy.begin': ({ what, release, from, by }) =>
    `${doing(what, release)}, from ${from ?? 'the working tree'}, by ${by}`,
  'deploy.step': ({ step, state, reason }) => `  ${step}: ${state}${reason === undefined ? '' : `, ${reason}`}`,
  'deploy.recover': ({ what, release, direction }) =>
    `the ${doing(what, release)} was interrupted: it is ${direction === 'back' ? 'rolled back' : 'resumed'}`,
  'deploy.end': ({ what, release, outcome, active, bot, seconds, downtime_seconds, reason }) =>
    `${doing(what, release)}: ${String(outcome).replace('_', ' ')} after ${seconds} s, active is ${active ?? 'the working tree'}${ranAs(bot, active)}${
      typeof downtime_seconds === 'number' ? `, down for ${downtime_seconds} s` : ''
    }${reason === undefined ? '' : `: ${reason}`}`,
  'deploy.bake': ({ release, why, to }) => `${release} fails while it bakes: ${why}; it is taken back to ${to}`,
  'deploy.left': ({ release, why }) =>
    `${release} was left ${why === 'failed' ? 'because it had failed' : 'by a rollback'}`,
  rating: ({ release, rating, reason }) => `${release} is ${rating}: ${reason}`,
  verdict: ({ release, verdict, reason }) => `${release} is ${verdict}: ${reason}`, // before 0.2
  backup: ({ backup, reason }) => `settings backed up as ${backup}: ${reason}`,
  restore: ({ backup }) => `settings of ${backup} restored`,
  'data.snapshot': ({ snapshot, release }) => `the data of ${release ?? 'the working tree'} was copied as ${snapshot}`,
  'data.restore': ({ restored, snapshot }) => `the data of ${restored} was put back; what was there is ${snapshot}`,
  'backup.run': ({ backup, outcome }) =>
    `the home was backed up as ${backup}${outcome === 'partial' ? ', not all of it' : ''}`,
  'backup.restore': ({ backup, paths }) => `${(paths as string[]).join(', ')} restored from the backup ${backup}`,
  'backup.undo': ({ restored }) => `the restore of ${localTime(restored)} was undone`,
  'service.install': ({ name, manager, scope, by }) =>
    `the service ${name} was installed by ${by} (${manager}, ${scope})`,
  'service.start': ({ name, by }) => `the service ${name} was started by ${by}`,
  'service.stop': ({ name, by }) => `the service ${name} was stopped by ${by}`,
  'service.restart': ({ name, by }) => `the service ${name} was restarted by ${by}`,
  'service.uninstall': ({ name, by }) => `the service ${name} was uninstalled by ${by}`,
  'watchdog.pause': ({ until, by, why }) =>
    `the watchdog was paused by ${by} until ${localTime(until)}${because(why ?? undefined)}`,
  'watchdog.resume': ({ by }) => `the watchdog was resumed by ${by}`,
  incident: ({ incident, state, why, ends, crash_loop }) =>
    `incident ${incident}: ${crash_loop === true ? `${why}, crash loop (${ends} exits)` : why}, ${String(state).replace('_', ' ')}`,
}

/** Describes how a program ended that was asked to stop, unless it ended well. */
function programExit({ program_exit, signal, exit }: Details): string {
  if (program_exit === 'killed') return '; the program had to be killed'
  if (program_exit === 'signal') return `; ${signal} ended the program`
  return program_exit === 'exited' && exit !== 0 ? `; the program ended with exit code ${exit}` : ''
}

function because(reason: unknown): string {
  return reason === undefined ? '' : `: ${reason}`
}

/** Describes the release that the bot reported at the end of a deployment, if that differs from the active one. */
function ranAs(bot: unknown, active: unknown): string {
  if (bot === undefined) return '' // written by an earlier version
  if (bot === null) return ', no bot runs'
  const { release } = bot as { release: string | null }
  return release === active ? '' : `, the bot runs as ${release ?? 'the working tree'}`
}

function doing(what: unknown, release: unknown): string {
  return `${what} ${what === 'rollback' ? 'to' : 'of'} ${release}`
}

function restOf(details: Details): string[] {
  return Object.entries(details).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
}
