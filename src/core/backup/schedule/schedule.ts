import { join } from 'node:path'
import type { Action } from '#core/service/action.js'
import type { Scope } from '#core/service/manager.js'

/** The daily backup of a home, as it is entered in the machine's scheduler. */
export interface Schedule {
  /** The name of the entry, such as `NewsBot-backup`. */
  readonly name: string
  readonly bot: string
  readonly home: string
  /** The local time of the day. */
  readonly hour: number
  readonly minute: number
  readonly node: string
  readonly cli: string
  /** PATH for it; undefined on Windows, which has one of the machine's. */
  readonly path: string | undefined
  readonly scope: Scope
  /** The account it runs as; undefined for the scheduler's default. */
  readonly account: string | undefined
}

/** What a machine's scheduler needs: files and commands, as data. */
export interface Scheduler {
  readonly kind: 'systemd' | 'launchd' | 'schtasks'
  /** The file of the entry; on Windows the entry has none. */
  readonly file: string | undefined
  install(schedule: Schedule): readonly Action[]
  remove(name: string): readonly Action[]
}

/** Returns the words of the command that it runs. */
export function commandOf({ node, cli, home }: Schedule): string[] {
  return [node, cli, 'backup', 'run', '--test', '--home', home]
}

/** Reads a time of the day, such as `03:30`; undefined where it is none. */
export function timeOfDay(text: string): Pick<Schedule, 'hour' | 'minute'> | undefined {
  const [, hour, minute] = /^(\d{1,2}):(\d\d)$/.exec(text.trim()) ?? []
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined
  return { hour: Number(hour), minute: Number(minute) }
}

/** Returns a time of the night that is the same for a home each time, so that the bots of a machine take turns. */
export function quietTime(seed: string): Pick<Schedule, 'hour' | 'minute'> {
  const sum = [...seed].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 180, 7)
  return { hour: 2 + Math.floor(sum / 60), minute: sum % 60 }
}

/** The folder of a home in which what is entered on Windows is written first. */
export function taskFile(own: string): string {
  return join(own, 'backup-task.xml')
}
