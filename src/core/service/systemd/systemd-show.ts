import type { ServiceObservation, ServiceState } from '#core/service/manager.js'

/** The output of `systemctl show`, by name. */
export type Properties = Readonly<Record<string, string>>

/** The properties that {@link observationOf} needs. */
export const READ = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'ExecMainStartTimestamp',
  'ExecMainExitTimestamp',
  'ExecMainCode',
  'ExecMainStatus',
  'NRestarts',
  'UnitFileState',
]

/** Translates the output of `systemctl show`. */
export function observationOf(unit: Properties): ServiceObservation | undefined {
  const isThere = unit.LoadState !== undefined && unit.LoadState !== 'not-found'
  if (!isThere && (unit.ActiveState ?? 'inactive') === 'inactive') return undefined // otherwise its file is gone, but it runs
  const pid = Number(unit.MainPID)
  return {
    state: stateOf(unit),
    pid: pid > 0 ? pid : null,
    since: pid > 0 ? isoOf(unit.ExecMainStartTimestamp ?? '') : null,
    restarts: unit.NRestarts === undefined ? null : Number(unit.NRestarts),
    ...endOf(unit),
    automatic: unit.UnitFileState === 'enabled',
    words: `${unit.ActiveState} (${unit.SubState}${unit.Result === 'success' ? '' : `, ${unit.Result}`})`,
  }
}

const EXITED = '1' // CLD_EXITED (sigaction(2)); the others are exits by a signal

function endOf(unit: Properties): Pick<ServiceObservation, 'ended'> {
  const at = isoOf(unit.ExecMainExitTimestamp ?? '')
  if (at === null) return {}
  return { ended: { at, exit: unit.ExecMainCode === EXITED ? Number(unit.ExecMainStatus) : null } }
}

function stateOf({ ActiveState, SubState }: Properties): ServiceState {
  switch (ActiveState) {
    case 'active':
    case 'reloading':
      return 'running'
    case 'activating':
      return SubState === 'auto-restart' ? 'restarting' : 'starting'
    case 'deactivating':
      return 'stopping'
    case 'failed':
      return 'failed'
    default:
      return 'stopped'
  }
}

/** Reads `Tue 2026-11-24 12:38:49 UTC`; systemctl is called with TZ=UTC. */
function isoOf(timestamp: string): string | null {
  const match = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(timestamp)
  return match ? `${match[1]}T${match[2]}.000Z` : null
}
