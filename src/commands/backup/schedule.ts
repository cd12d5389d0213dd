import { Flags } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { scopeFlags } from '#cli/service/service-command.js'
import type { ScheduleSet } from '#core/backup/schedule/set-schedule.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { Home } from '#core/home/home.js'
import { realClock } from '#core/platform/clock.js'

export default class BackupSchedule extends BaseCommand {
  static override enableJsonFlag = true
  static override summary = 'Make a backup each day by itself.'
  static override description =
    'By a timer of systemd, a task of Windows, or a job of launchd: catalyst backup run --test, at a time of the night that is the same each day. A day on which the machine was off is made up for. Run again, it changes the time.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --at 04:30',
    { description: 'See what it would do:', command: '<%= config.bin %> <%= command.id %> --dry-run' },
    { description: 'No more:', command: '<%= config.bin %> <%= command.id %> --remove' },
  ]
  static override flags = {
    ...scopeFlags,
    at: Flags.string({ summary: 'The local time of the day. Default: between 02:00 and 05:00.', helpValue: 'HH:MM' }),
    remove: Flags.boolean({ summary: 'Make no more backups by itself.', exclusive: ['at'] }),
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be written and run, and do nothing.' }),
  }

  async run(): Promise<ScheduleSet> {
    const { flags } = await this.parse(BackupSchedule)
    const home = Home.open(realClock, this.paths(flags), process.env)
    const { timeOfDay } = await import('#core/backup/schedule/schedule.js')
    const { setSchedule } = await import('#core/backup/schedule/set-schedule.js')
    const time = flags.at === undefined ? undefined : timeOfDay(flags.at)
    if (flags.at !== undefined && time === undefined) throw noTime(flags.at)
    const isDry = flags['dry-run']
    const scope = flags.system ? 'system' : flags.user ? 'user' : undefined
    const set = await setSchedule(home, { scope, time, removes: flags.remove, isDry })
    if (isDry) this.log(set.actions.join('\n'))
    else if (set.time === null) this.log(`${set.name} is removed: no more backups are made by itself.`)
    else this.log(`A backup is made each day at ${set.time} (${set.name}, ${set.scheduler}).`)
    return set
  }
}

function noTime(text: string): CatalystError {
  return new CatalystError(`${JSON.stringify(text)} is not a time of the day.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['Write it as hours and minutes: --at 04:30'],
  })
}
