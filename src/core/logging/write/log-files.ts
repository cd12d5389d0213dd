import { LogFile, type LogFileOptions } from './log-file.js'
import { LINE, type Line } from './ring.js'

/** The names of a bot's log files. */
export interface FileNames {
  readonly bot: string
  readonly errors?: string | undefined
  readonly health?: string | undefined
}

/** The files of a log: each line goes to those that its flags name. */
export class LogFiles {
  readonly #targets: readonly { readonly flag: number; readonly name: string; readonly file: LogFile }[]

  constructor(names: FileNames, options: Omit<LogFileOptions, 'name'>) {
    const target = (flag: number, name: string | undefined) =>
      name === undefined ? [] : [{ flag, name, file: new LogFile({ ...options, name }) }]
    this.#targets = [
      ...target(LINE.bot, names.bot),
      ...target(LINE.errors, names.errors),
      ...target(LINE.health, names.health),
    ]
  }

  /**
   * Resolves when the lines are with the system, or lost: then with the disk's error. `dropped` lines never came here.
   * Call it again only after the last call has resolved.
   */
  async write(lines: readonly Line[], dropped: number): Promise<string | undefined> {
    this.#targets[0]?.file.countLost(dropped)
    await Promise.all(this.#targets.map(({ flag, file }) => file.write(bytesOf(lines, flag))))
    return this.#targets.find(({ file }) => file.fault !== undefined)?.file.fault
  }

  /** Returns the lines of each file by its name, for a process that is about to exit. */
  split(lines: readonly Line[]): { readonly name: string; readonly bytes: Buffer }[] {
    return this.#targets.flatMap(({ flag, name }) => {
      const bytes = Buffer.concat(bytesOf(lines, flag))
      return bytes.length === 0 ? [] : [{ name, bytes }]
    })
  }

  /** Soon compresses rotated files and removes those that are too old. */
  tidy(): void {
    for (const { file } of this.#targets) file.tidy()
  }

  async close(): Promise<void> {
    await Promise.all(this.#targets.map(({ file }) => file.close()))
  }
}

function bytesOf(lines: readonly Line[], flag: number): Buffer[] {
  return lines.filter((line) => line.flags & flag).map((line) => line.bytes)
}
