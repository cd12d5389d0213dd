import type { InstallResult } from '#core/service/install-all.js'
import type { Operated } from '#core/service/operate.js'
import { installLine } from '#core/service/services.js'
import type { ServiceStatus } from '#core/service/status.js'
import type { Uninstalled } from '#core/service/uninstall.js'
import { countOf, localTime } from '#core/text.js'
import { table } from './table.js'

/** A service's status for a person. */
export function statusText(status: ServiceStatus): string {
  const { name, state, words, pid, since, restarts, last_end, release, automatic, stopped_by } = status
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
    ['restarts', restarts === null ? '-' : String(restarts)],
    [
      'last end',
      last_end
        ? `${localTime(last_end.at)}: ${last_end.kind}${last_end.exit === null ? '' : `, exit code ${last_end.exit}`}`
        : '-',
    ],
    ...(status.role === 'bot' ? [['release', release ?? 'none: it runs in the home']] : []),
    ['automatic', automatic ? whenAutomatic(status) : 'no'],
  ]
  return [
    table(rows),
    ...status.warnings.map(warningText),
    ...linesText('error line', status.last_errors),
    ...linesText('line of standard error', status.last_words, 'lines of standard error'),
  ].join('\n')
}

/** An agent of launchd belongs to a login at the screen. */
function whenAutomatic({ manager, scope }: ServiceStatus): string {
  return manager === 'launchd' && scope === 'user' ? 'at login' : 'with the machine'
}

function warningText(warning: string): string {
  return `warning: ${warning}`
}

function linesText(noun: string, lines: readonly string[], plural?: string): string[] {
  return lines.length === 0 ? [] : [`last ${countOf(lines.length, noun, plural)}:`, ...lines.map((line) => `  ${line}`)]
}

export function runsText(name: string, pid: number | null, what: string): string {
  return `${name} ${what}${pid === null ? '' : ` (pid ${pid})`}.`
}

export function stopText({ name, already, killed }: Operated): string {
  if (already) return `${name} did not run.`
  return killed ? `${name} did not end in time: it was killed.` : `${name} has stopped.`
}

const INSTALLED: Readonly<Record<InstallResult['installed'], string>> = {
  installed: 'installed',
  unchanged: 'installed already',
  updated: 'brought up to date',
  replaced: 'replaced',
  kept: 'kept as it is',
}

export function installText({ name, installed, pid }: InstallResult): string {
  return `${name}: ${INSTALLED[installed]}${pid === null ? '.' : `; it runs (pid ${pid}).`}`
}

export function uninstallText({ removed, bot, notes }: Uninstalled, home: string): string {
  const lines = removed.map(({ name, already }) =>
    already ? `${name} was not installed.` : `${name} is removed. ${home} stays as it is.`,
  )
  if (bot?.entry === 'updated') lines.push(`${bot.name}: brought up to date; that holds from its next start.`)
  if (bot?.entry === 'kept')
    lines.push(`${bot.name} was edited by hand, and stays so: catalyst service install shows how.`)
  return [...lines, ...notes].join('\n')
}
