import { posix } from 'node:path'
import type { User } from '#core/platform/process/users.js'
import type { RunAction } from '#core/service/action.js'
import { labelOf } from '#core/service/launchd/launchd-plist.js'
import { writePlist } from '#core/service/launchd/property-list.js'
import type { Scope } from '#core/service/manager.js'
import { SERVICE_VARIABLE } from '#core/service/spec.js'
import { commandOf, type Schedule, type Scheduler } from './schedule.js'

/** Opens launchd's jobs by the calendar: those of the machine, or of one user. */
export function launchdCalendar({ scope, user }: { scope: Scope; user: User }): Scheduler {
  const domain = scope === 'system' ? 'system' : `gui/${user.uid}`
  const folder = scope === 'system' ? '/Library/LaunchDaemons' : posix.join(user.folder, 'Library', 'LaunchAgents')
  const fileOf = (name: string) => posix.join(folder, `${labelOf(name)}.plist`)
  const launchctl = (...args: string[]): RunAction => ({ do: 'run', argv: ['launchctl', ...args] })
  const bootout = (name: string) => ({ ...launchctl('bootout', `${domain}/${labelOf(name)}`), unreliable: true })
  return {
    kind: 'launchd',
    file: folder,
    install: (schedule) => [
      { do: 'write', path: fileOf(schedule.name), text: calendarPlist(schedule), mode: 0o644 },
      bootout(schedule.name), // it fails where none is loaded
      launchctl('enable', `${domain}/${labelOf(schedule.name)}`),
      launchctl('bootstrap', domain, fileOf(schedule.name)),
    ],
    remove: (name) => [bootout(name), { do: 'remove', path: fileOf(name) }],
  }
}

/** Returns the property list of the daily backup (launchd.plist(5)); one that was missed in sleep follows. */
export function calendarPlist(schedule: Schedule): string {
  const { name, home, hour, minute, path, account, scope } = schedule
  return writePlist({
    Label: labelOf(name),
    ProgramArguments: commandOf(schedule),
    WorkingDirectory: home,
    // by the variable we find whose it is
    EnvironmentVariables: { ...(path !== undefined && { PATH: path }), [`${SERVICE_VARIABLE}_BACKUP`]: name },
    ...(scope === 'system' && account !== undefined && { UserName: account }),
    StartCalendarInterval: { Hour: hour, Minute: minute },
    Nice: 10,
    LowPriorityIO: true,
    ProcessType: 'Background',
  })
}
