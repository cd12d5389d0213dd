import { LINE, type Line } from './ring.js'

/** The names of a bot's log files. */
export interface FileNames {
  readonly bot: string
  readonly errors?: string | undefined
  readonly health?: string | undefined
}

/** A file of a log, and the flag of the lines that go there. */
export interface Target {
  readonly flag: number
  readonly name: string
}

/** Returns the files of a log: a line goes to each that its flags name. */
export function targetsOf({ bot, errors, health }: FileNames): Target[] {
  const target = (flag: number, name: string | undefined) => (name === undefined ? [] : [{ flag, name }])
  return [...target(LINE.bot, bot), ...target(LINE.errors, errors), ...target(LINE.health, health)]
}

/** Returns the lines that go to the file of a flag. */
export function linesFor(flag: number, lines: readonly Line[]): Buffer[] {
  return lines.filter((line) => line.flags & flag).map((line) => line.bytes)
}
