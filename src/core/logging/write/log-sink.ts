import type { FileNames } from './file-names.js'
import type { Retention } from './retention.js'

export interface LogSinkOptions {
  readonly folder: string
  readonly retention: Retention
  readonly files: FileNames
  /** The size that makes a file rotate, in bytes. */
  readonly rotateBytes: number
  /** Called when lines don't reach the disk, and with undefined when they do again. `source` is where that was noticed. */
  readonly onFault: (source: 'writer' | 'queue', fault: string | undefined) => void
}

/** The part of a log that writes its lines to the disk. */
export interface LogSink {
  /** Begins to write, where that was put off. */
  begin(): void
  put(flags: number, line: string): void
  /** Writes what waits, at the exit of the process: nothing asynchronous is done then. */
  flushAtExit(): void
  /** Writes what waits, and closes the files. */
  end(): Promise<void>
}
