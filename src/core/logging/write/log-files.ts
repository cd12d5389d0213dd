import { type FileNames, linesFor, targetsOf } from './file-names.js'
import { LogFile, type LogFileOptions } from './log-file.js'
import type { Line } from './ring.js'

/** The open files of a log: each line goes to those that its flags name. */
export class LogFiles {
  readonly #files: readonly { readonly flag: number; readonly file: LogFile }[]

  constructor(names: FileNames, options: Omit<LogFileOptions, 'name'>) {
    this.#files = targetsOf(names).map(({ flag, name }) => ({ flag, file: new LogFile({ ...options, name }) }))
  }

  /**
   * Resolves when the lines are with the system, or lost: then with the disk's error. `dropped` lines never came here.
   * Call it again only after the last call has resolved.
   */
  async write(lines: readonly Line[], dropped: number): Promise<string | undefined> {
    this.#files[0]?.file.countLost(dropped)
    await Promise.all(this.#files.map(({ flag, file }) => file.write(linesFor(flag, lines))))
    return this.#files.find(({ file }) => file.fault !== undefined)?.file.fault
  }

  /** Soon compresses rotated files and removes those that are too old. */
  tidy(): void {
    for (const { file } of this.#files) file.tidy()
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.map(({ file }) => file.close()))
  }
}
