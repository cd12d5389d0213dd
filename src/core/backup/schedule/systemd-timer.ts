import { join } from 'node:path'
import { exists } from '#core/platform/fs/files.js'
import type { User } from '#core/platform/process/users.js'
import type { Action, RunAction } from '#core/service/action.js'
import type { Scope } from '#core/service/manager.js'
import { lingers } from '#core/service/systemd/systemd.js'
import { argument, literal, OWN_SECTION, quoted, sections } from '#core/service/systemd/systemd-unit.js'
import { commandOf, type Schedule, type Scheduler } from './schedule.js'

/** Opens systemd's timers, the machine's or the user's own. */
export function systemdTimers({
  scope,
  user,
  systemFolder,
}: {
  scope: Scope
  user: User
  systemFolder?: string
}): Scheduler {
  const folder =
    scope === 'system' ? (systemFolder ?? '/etc/systemd/system') : join(user.folder, '.config/systemd/user')
  const fileOf = (name: string, kind: string) => join(folder, `${name}.${kind}`)
  const env = scope === 'user' ? { XDG_RUNTIME_DIR: `/run/user/${user.uid}` } : {}
  const systemctl = (...args: string[]): RunAction => ({
    do: 'run',
    argv: ['systemctl', '--no-ask-password', ...(scope === 'user' ? ['--user'] : []), ...args],
    env,
  })
  return {
    kind: 'systemd',
    file: folder,
    install(schedule) {
      const linger: Action[] =
        scope === 'system' || lingers(user)
          ? []
          : [
              {
                do: 'run',
                argv: ['loginctl', '--no-ask-password', 'enable-linger', user.name],
                otherwise: [`Run: sudo loginctl enable-linger ${user.name}`],
              },
            ]
      return [
        ...linger,
        { do: 'write', path: fileOf(schedule.name, 'service'), text: backupUnit(schedule), mode: 0o644 },
        { do: 'write', path: fileOf(schedule.name, 'timer'), text: timerUnit(schedule), mode: 0o644 },
        { ...systemctl('daemon-reload'), retryMs: 10_000 },
        systemctl('enable', '--now', `${schedule.name}.timer`),
      ]
    },
    remove: (name) => [
      { ...systemctl('disable', '--now', `${name}.timer`), unreliable: true }, // it fails if the file is gone already
      { ...systemctl('clean', '--what=state', `${name}.timer`), unreliable: true }, // the time of its last run
      ...['timer', 'service']
        .filter((kind) => exists(fileOf(name, kind)))
        .map((kind): Action => ({ do: 'remove', path: fileOf(name, kind) })),
      systemctl('daemon-reload'),
      { ...systemctl('reset-failed', `${name}.service`), unreliable: true }, // it fails if nothing had failed
    ],
  }
}

/** Returns the unit that makes a backup once (systemd.service(5)). It leaves processor and disk to the bot. */
export function backupUnit(schedule: Schedule): string {
  const [node = '', ...args] = commandOf(schedule)
  const { bot, home, account, path, scope } = schedule
  return sections({
    Unit: {
      Description: literal(`Backup of ${bot}, managed by catalyst`.replace(/\p{Cc}|\\$/gu, ' ')),
      ...(scope === 'system' && { Wants: 'network-online.target', After: 'network-online.target' }),
    },
    Service: {
      Type: 'oneshot',
      ExecStart: [quoted(node), ...args.map(argument)].join(' '),
      WorkingDirectory: literal(home),
      ...(account !== undefined && { User: account }),
      ...(path !== undefined && { Environment: quoted(`PATH=${path}`) }),
      Nice: '10',
      IOSchedulingClass: 'idle',
      TimeoutStopSec: '60s',
      KillMode: 'mixed',
      NoNewPrivileges: 'yes',
    },
    [OWN_SECTION]: { Home: home, Role: 'backup' },
  })
}

/** Returns the timer of that unit (systemd.timer(5)). A backup that was missed, as by a machine that was off, follows. */
export function timerUnit({ bot, home, hour, minute }: Schedule): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return sections({
    Unit: { Description: literal(`Daily backup of ${bot}, managed by catalyst`.replace(/\p{Cc}|\\$/gu, ' ')) },
    Timer: { OnCalendar: `*-*-* ${two(hour)}:${two(minute)}:00`, Persistent: 'true', RandomizedDelaySec: '120' },
    Install: { WantedBy: 'timers.target' },
    [OWN_SECTION]: { Home: home, Role: 'backup' },
  })
}
