import { table } from '#cli/table.js'
import type { InstallResult } from '#core/service/operations/install-all.js'
import type { OperationResult } from '#core/service/operations/start-stop.js'
import type { Uninstalled } from '#core/service/operations/uninstall.js'
import { installLine } from '#core/service/services.js'
import type { ServiceStatus } from '#core/service/status/status.js'
import { countOf, localTime } from '#core/text.js'

/** Shows a service's status to a person. */
export function statusText(status: ServiceStatus): string {
  const { name, state, words, pid, since, waits, restarts, last_end, release, automatic, stopped_by } = status
  if (state === 'not installed')
    return [
      `${name}: not installed. Install it: ${installLine(status.role)}`,
      ...status.warnings.map(warningText),
    ].join('\n')
  const rows = [
    ['service', `${name} (${status.manager}, ${status.scope})`],
    ['state', words === state || words === '' ? state : `${state}: ${words}`],
    ...(stopped_by ? [['stopped by', `${stopped_by.by}, ${localTime(stopped_by.at)}`.replace(/\p{Cc}/gu, '?')]] : []),
    ['pid', pid === null ? '-' : String(pid)],
    ['since', localTime(since)],
    ...(waits ? [['waits', `until ${localTime(waits.until)} before its next start: ${waits.reason}`]] : []),
    ['restarts', restarts === null ? '-' : String(restarts)],
    [
      'last exit',
      last_end
        ? `${localTime(last_end.at)}: ${last_end.kind}${last_end.exit === null ? '' : `, exit code ${last_end.exit}`}`
        : '-',
    ],
    ...(status.role === 'bot' ? [['release', release ?? 'none: it runs in the working tree']] : []),
    ['automatic', automatic ? whenAutomatic(status) : 'no'],
  ]
  const why = last_end?.reason === undefined ? [] : [`reason of the last exit: ${last_end.reason}`]
  return [table(rows), ...why, ...status.warnings.map(warningText), ...errorsText(status), ...wordsText(status)].join(
    '\n',
  )
}

/** Shows the error lines, those before the last start apart, so that they are not taken for current ones. */
function errorsText({ last_errors, errors_since_start }: ServiceStatus): string[] {
  const first = last_errors.length - errors_since_start
  const older = last_errors.slice(0, first)
  const newer = last_errors.slice(first)
  return [
    ...linesText(`${countOf(older.length, 'error line')} before its last start`, older),
    ...linesText(`${countOf(newer.length, 'error line')} since its last start`, newer),
  ]
}

function wordsText({ last_words, last_words_at }: ServiceStatus): string[] {
  const what = last_words.length === 1 ? 'line' : `${last_words.length} lines`
  return linesText(`last ${what} of standard error, written at ${localTime(last_words_at)}`, last_words)
}

/** Returns when it starts: an agent of launchd belongs to a login at the screen. */
function whenAutomatic({ manager, scope }: ServiceStatus): string {
  return manager === 'launchd' && scope === 'user' ? 'at login' : 'with the machine'
}

function warningText(warning: string): string {
  return `warning: ${warning}`
}

function linesText(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${heading}:`, ...lines.map((line) => `  ${line}`)]
}

/** Shows the result of a start, with the health that its bot reports. */
export function runsText(
  { name, pid, health }: Pick<OperationResult, 'name' | 'pid' | 'health'>,
  what: string,
): string {
  const process = pid === null ? '' : ` (pid ${pid})`
  const reasons = health?.reasons.join('; ')
  switch (health?.status) {
    case 'starting':
      return `${name} is starting${process}: ${reasons}. Wait for it: catalyst health check --wait 60`
    case 'degraded':
    case 'unhealthy':
      return `${name} ${what}${process}, and is ${health.status}: ${reasons}.`
    default:
      return `${name} ${what}${process}.`
  }
}

export function stopText({ name, already, killed }: OperationResult): string {
  if (already) return `${name} was not running.`
  return killed ? `${name} did not stop in time and was killed.` : `${name} has stopped.`
}

const INSTALLED: Readonly<Record<InstallResult['installed'], string>> = {
  installed: 'installed',
  unchanged: 'installed already',
  updated: 'brought up to date',
  replaced: 'replaced',
  kept: 'kept as it is',
}

export function installText({ name, installed, pid, health }: InstallResult): string {
  return pid === null
    ? `${name}: ${INSTALLED[installed]}.`
    : `${name}: ${INSTALLED[installed]}; ${runsText({ name: 'it', pid, health }, 'runs')}`
}

export function uninstallText({ removed, bot, notes }: Uninstalled, home: string): string {
  const lines = removed.map(({ name, already }) =>
    already ? `${name} was not installed.` : `${name} is removed. ${home} stays as it is.`,
  )
  if (bot?.entry === 'updated') lines.push(`${bot.name}: brought up to date; that applies from its next start.`)
  if (bot?.entry === 'kept')
    lines.push(`${bot.name} was edited by hand, and stays so: catalyst service install shows how.`)
  return [...lines, ...notes].join('\n')
}
