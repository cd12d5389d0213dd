import { systemProgram } from '#core/platform/windows/windows.js'
import type { RunAction } from '#core/service/action.js'
import { asAdministrator } from '#core/service/rights.js'
import { quoteWord } from '#core/text.js'
import { commandOf, type Schedule, type Scheduler, taskFile } from './schedule.js'

/** Opens the Task Scheduler of Windows. `own` is the folder in which the entry is written first. */
export function windowsTasks({ own, home }: { own: string; home: string }): Scheduler {
  const schtasks = (...args: string[]): RunAction => ({
    do: 'run',
    argv: [systemProgram('schtasks.exe'), ...args],
    otherwise: asAdministrator(home),
  })
  return {
    kind: 'schtasks',
    file: undefined,
    install: (schedule) => [
      { do: 'write', path: taskFile(own), text: taskXml(schedule), mode: 0o600 },
      schtasks('/create', '/tn', taskName(schedule.name), '/xml', taskFile(own), '/f'),
      { do: 'remove', path: taskFile(own) },
    ],
    remove: (name) => [{ ...schtasks('/delete', '/tn', taskName(name), '/f'), unreliable: true }],
  }
}

function taskName(name: string): string {
  return `\\Catalyst\\${name}`
}

/**
 * Returns the entry as the Task Scheduler reads it (its schema 1.2). It runs whether anybody is logged in or not, and as
 * soon as it can where the machine was off at its time.
 */
export function taskXml(schedule: Schedule): string {
  const [node = '', ...args] = commandOf(schedule)
  const { bot, home, hour, minute, account } = schedule
  const two = (part: number) => String(part).padStart(2, '0')
  const words = args.map((word) => quoteWord(word, 'win32')).join(' ')
  return `<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>${escaped(`Daily backup of ${bot}, managed by catalyst`)}</Description></RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T${two(hour)}:${two(minute)}:00</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="owner">${account === undefined ? '' : `<UserId>${escaped(account)}</UserId>`}<LogonType>S4U</LogonType><RunLevel>LeastPrivilege</RunLevel></Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT12H</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="owner">
    <Exec>
      <Command>${escaped(node)}</Command>
      <Arguments>${escaped(words)}</Arguments>
      <WorkingDirectory>${escaped(home)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`
}

function escaped(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
}
