import type { Logger } from 'pino'
import { CatalystError, codeOf, EXIT } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { endProcesses } from '#core/platform/process/end-processes.js'
import { levelOf, onLines } from '#core/platform/process/lines.js'
import { start, waitForExit } from '#core/platform/process/processes.js'
import { killTree, leftBehind, signal, signalGroup } from '#core/platform/process/signals.js'
import { notStartedText, remedyOf, WHY_NOT_STARTED } from './find-program.js'

export interface ProgramOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly log: Logger
  /** The value of CATALYST_INSTANCE in its environment, which identifies what it leaves behind. */
  readonly instance: string
  /** Called for each line that it prints. */
  readonly onLine?: (line: string) => void
}

export interface Program {
  readonly pid: number
  /** Resolves to the exit code when the program has exited; 128 + the signal's number when a signal ended it. */
  readonly exited: Promise<number>
  /** Asks it to stop, and after `timeoutMs` kills it with all that it started. */
  stop(timeoutMs: number): Promise<void>
  /** Returns whether it has left processes behind, once it has exited. */
  hasLeft(): Promise<boolean>
  /** Ends what an exited program has left behind. */
  sweep(): Promise<void>
  /** Kills it with all that it started, as if it had crashed. */
  kill(): void
  /** Freezes it and all that it started, where the platform can. */
  freeze(): void
}

export const LEFT_BEHIND = 'the program left processes behind: ending them'

/** The time in which leftovers may end by themselves before they are killed. */
const SWEEP_MS = 2000

/**
 * Starts a program as the bot, without a shell; what it prints goes into the log, line by line.
 * @throws CatalystError BOT_NOT_FOUND when it can't be started
 */
export async function startProgram(clock: Clock, options: ProgramOptions): Promise<Program> {
  const { program, args, folder, environment, log, instance, onLine } = options
  const posix = process.platform !== 'win32'
  const child = await start(program, args, { cwd: folder, env: environment }).catch((error) => {
    throw notStarted(program, folder, error)
  })
  const { pid } = child
  child.stdin?.on('error', () => {}) // it may close its input
  for (const stream of ['stdout', 'stderr'] as const)
    onLines(child[stream], (line) => {
      log[levelOf(line, stream)](stream === 'stderr' ? { stream } : {}, line)
      onLine?.(line)
    })
  const exited = waitForExit(clock, child)

  const strays = async () => leftBehind(pid, 'CATALYST_INSTANCE', instance)
  const hasLeft = async () => (await strays()).length > 0
  const sweep = () => endProcesses(clock, strays, SWEEP_MS)

  return {
    pid,
    exited,
    hasLeft,
    sweep,
    kill: () => void killTree(child),
    freeze: () => void (posix && signalGroup(pid, 'SIGSTOP')),
    async stop(timeoutMs) {
      child.stdin?.end()
      if (posix) signal(pid, 'SIGTERM')
      if ((await within(clock, timeoutMs, exited)) === undefined) {
        log.warn(`the program did not end within ${timeoutMs / 1000} s: it is killed with all that it started`)
        await killTree(child)
        await within(clock, SWEEP_MS, exited)
      }
      if (await hasLeft()) log.warn(LEFT_BEHIND)
      await sweep()
    },
  }
}

function notStarted(program: string, folder: string, error: unknown): CatalystError {
  const code = codeOf(error) ?? 'unknown error'
  const why = WHY_NOT_STARTED[code]
  return new CatalystError(notStartedText(program, folder, why ?? code), {
    code: 'BOT_NOT_FOUND',
    exit: why !== undefined ? EXIT.settings : EXIT.failed, // too many open files, say, may pass
    suggestions: [remedyOf(code)],
    cause: error,
  })
}
