import type { InstallResult } from '#core/service/install-all.js'
import type { Operated } from '#core/service/operate.js'
import type { ServiceStatus } from '#core/service/status.js'
import { countOf } from '#core/text.js'
import { table } from './table.js'

/** A service's status for a person. */
export function statusText(status: ServiceStatus): string {
  const { name, state, words, pid, since, restarts, last_end, release, automatic, stopped_by } = status
  if (state === 'not installed') return `${name}: not installed. Install it: catalyst service install`
  const rows = [
    ['service', `${name} (${status.manager}, ${status.scope})`],
    ['state', words === state || words === '' ? state : `${state}: ${words}`],
    ...(stopped_by ? [['stopped by', stopped_by]] : []),
    ['pid', pid === null ? '-' : String(pid)],
    ['since', since ?? '-'],
    ['restarts', restarts === null ? '-' : String(restarts)],
    [
      'last end',
      last_end
        ? `${last_end.at}: ${last_end.kind}${last_end.exit === null ? '' : `, exit code ${last_end.exit}`}`
        : '-',
    ],
    ['release', release ?? 'none: it runs in the home'],
    ['with machine', automatic ? 'yes' : 'no'],
  ]
  const errors = status.last_errors
  return [
    table(rows),
    ...status.warnings.map((warning) => `warning: ${warning}`),
    ...(errors.length > 0
      ? [`last ${countOf(errors.length, 'error line')}:`, ...errors.map((line) => `  ${line}`)]
      : []),
  ].join('\n')
}

const INSTALLED: Readonly<Record<InstallResult['installed'], string>> = {
  new: 'installed',
  unchanged: 'installed already',
  outdated: 'brought up to date',
  edited: 'replaced',
  kept: 'kept as it is',
}

export function installText({ name, installed, pid }: InstallResult): string {
  return `${name}: ${INSTALLED[installed]}${pid === null ? '.' : `; it runs (pid ${pid}).`}`
}

export function uninstallText({ name, already }: Operated, home: string): string {
  return already ? `${name} was not installed.` : `${name} is removed. ${home} stays as it is.`
}
