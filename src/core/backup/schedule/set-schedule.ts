import { join } from 'node:path'
import { repositoryOf } from '#core/backup/repository.js'
import { demandRestic } from '#core/backup/restic/find-restic.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { readInstalled } from '#core/home/installed-services.js'
import { readText } from '#core/platform/fs/files.js'
import { currentUser } from '#core/platform/process/users.js'
import { type Action, carryOut, shown } from '#core/service/action.js'
import type { Scope } from '#core/service/manager.js'
import { hasServiceManager } from '#core/service/open-services.js'
import { bySudo, permissionDenied } from '#core/service/rights.js'
import { pathVariable, thisRuntime } from '#core/service/runtime.js'
import { nearestName } from '#core/service/spec.js'
import { homeOfUnit } from '#core/service/systemd/systemd-unit.js'
import { launchdCalendar } from './launchd-calendar.js'
import { quietTime, type Schedule, type Scheduler } from './schedule.js'
import { systemdTimers } from './systemd-timer.js'
import { windowsTasks } from './windows-task.js'

export interface ScheduleOptions {
  readonly scope: Scope | undefined
  /** The local time of the day; undefined: a time of the night. */
  readonly time: Pick<Schedule, 'hour' | 'minute'> | undefined
  /** True to remove the schedule. */
  readonly removes: boolean
  /** True to do nothing, and only return what would be done. */
  readonly isDry: boolean
}

/** The schedule of a home's backups that was set or removed. */
export interface ScheduleSet {
  readonly name: string
  readonly scheduler: Scheduler['kind']
  /** The local time of the day, such as `02:41`; null where the schedule was removed. */
  readonly time: string | null
  /** What is written and run, as a person would. */
  readonly actions: readonly string[]
}

/**
 * Schedules the backups of a home, or ends that. A repeat changes what has changed.
 * @throws CatalystError BACKUP_OFF, RESTIC_MISSING, NOT_ALLOWED, SERVICE_MANAGER_MISSING, SERVICE_NAME_TAKEN
 */
export async function setSchedule(
  home: Home,
  { scope: asked, time, removes, isDry }: ScheduleOptions,
): Promise<ScheduleSet> {
  const { paths, settings, owner, asOwner } = home
  if (!removes) {
    repositoryOf(settings, paths.home)
    await demandRestic(settings, paths.home)
  }
  const { platform } = process
  const user = currentUser()
  const scope = asked ?? (user.uid === 0 ? 'system' : 'user')
  if (platform !== 'win32' && scope === 'system' && user.uid !== 0 && !isDry)
    throw permissionDenied('Only root can schedule for the machine.', bySudo(paths.home))
  const scheduler = schedulerFor(home, scope)
  const bot = asOwner(() => readInstalled(paths)).bot?.name ?? nearestName(settings.BOT_NAME)
  const name = `${bot}-backup`
  refuseOthers(scheduler, name, paths.home)
  if (removes && scheduler.kind === 'systemd') refuseElsewhere(home, scope, name)
  const { hour, minute } = time ?? quietTime(paths.home)
  const actions = removes ? scheduler.remove(name) : scheduler.install(scheduleOf())
  if (!isDry) await carryOut(actions, owner)
  const at = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
  return {
    name,
    scheduler: scheduler.kind,
    time: removes ? null : at,
    actions: actions.map((action: Action) => shown(action)),
  }

  function scheduleOf(): Schedule {
    const { node, cli } = thisRuntime()
    const isForOwner = scope === 'system' && owner.uid > 0
    const account = platform === 'win32' ? owner.name : isForOwner ? owner.name : undefined
    const path = pathVariable({ node, cli }, platform)
    return { name, bot: settings.BOT_NAME, home: paths.home, hour, minute, node, cli, path, scope, account }
  }
}

function schedulerFor({ paths, owner }: Home, scope: Scope): Scheduler {
  const { platform } = process
  const user = currentUser()
  if (scope === 'user' && platform !== 'win32' && user.uid !== owner.uid)
    throw permissionDenied(
      `Only the home's owner, ${owner.name}, can schedule it as their own.`,
      bySudo(paths.home, { as: owner.name }),
    )
  if (platform === 'win32') return windowsTasks({ own: paths.own, home: paths.home })
  if (platform === 'darwin') return launchdCalendar({ scope, user })
  if (hasServiceManager(platform)) return systemdTimers({ scope, user })
  throw new CatalystError('systemd does not run here, so nothing can be scheduled by it.', {
    code: 'SERVICE_MANAGER_MISSING',
    exit: EXIT.failed,
    suggestions: ['Have cron, or what runs the container, call once a day: catalyst backup run --test'],
  })
}

/** Refuses to remove nothing where the home is scheduled by the other of the machine's and the owner's own systemd. */
function refuseElsewhere({ paths, owner, asOwner }: Home, scope: Scope, name: string): void {
  const isThere = (of: Scope) => {
    const { file = '' } = systemdTimers({ scope: of, user: owner })
    const text = asOwner(() => readText(join(file, `${name}.timer`)))
    return text !== undefined && homeOfUnit(text) === paths.home
  }
  if (isThere(scope) || !isThere(scope === 'system' ? 'user' : 'system')) return
  if (scope === 'user')
    throw permissionDenied(`Only root can remove ${name}, a timer of the machine.`, bySudo(paths.home))
  throw permissionDenied(
    `Only ${owner.name} can remove ${name}, a timer of their own.`,
    bySudo(paths.home, { as: owner.name }),
  )
}

/** Refuses to touch an entry of that name which is not this home's. */
function refuseOthers({ kind, file }: Scheduler, name: string, home: string): void {
  const text = kind === 'systemd' && file !== undefined ? readText(join(file, `${name}.timer`)) : undefined
  const whose = text === undefined ? home : homeOfUnit(text)
  if (whose === home) return
  throw new CatalystError(
    `There is a timer ${name} already, and it is ${whose === undefined ? "not catalyst's" : `for ${whose}`}. It stays as it is.`,
    {
      code: 'SERVICE_NAME_TAKEN',
      exit: EXIT.failed,
      suggestions: ['Give this bot another name in .env: BOT_NAME'],
    },
  )
}
