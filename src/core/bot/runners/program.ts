import type { Logger } from 'pino'
import { CatalystError, codeOf, EXIT } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { endProcesses } from '#core/platform/process/end-processes.js'
import { exitCodeOfSignal, start, waitForExit } from '#core/platform/process/processes.js'
import { killTree, leftBehind, signalGroup } from '#core/platform/process/signals.js'
import { notStartedText, remedyOf, WHY_NOT_STARTED } from './find-program.js'
import type { LoggedOutput } from './output/log-output.js'
import { readOutput } from './output/read-output.js'
import { askToStop } from './stop/ask-to-stop.js'
import { runStopCommand } from './stop/stop-command.js'
import type { StopSignal } from './stop/stop-target.js'

export interface ProgramOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly log: Logger
  readonly output: LoggedOutput
  /** The value of CATALYST_INSTANCE in its environment, which identifies what it leaves behind. */
  readonly instance: string
  /** Called for each line that it prints. */
  readonly onLine: ((line: string) => void) | undefined
  readonly stopSignal: StopSignal
  /** The command that is to stop it, before the signal; undefined for none. */
  readonly stopCommand: string | undefined
}

/** The exit of a program that was asked to stop. */
export interface StoppedProgram {
  /** The program's own exit code; 128 + the signal's number when a signal ended it. */
  readonly exit: number
  /** The way it ended: by itself, by a signal that it did not catch, or killed since it took too long. */
  readonly program_exit: 'exited' | 'signal' | 'killed'
  readonly signal?: NodeJS.Signals
}

export interface Program {
  readonly pid: number
  /** Resolves to the exit code when the program has exited; 128 + the signal's number when a signal ended it. */
  readonly exited: Promise<number>
  /** Asks it to stop, and after `timeoutMs` kills it with all that it started. */
  stop(timeoutMs: number): Promise<StoppedProgram>
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
/** The share of the time to stop that BOT_STOP_COMMAND and the exit after it may take. */
const COMMAND_SHARE = 0.75

/**
 * Starts a program as the bot, without a shell; what it prints goes into the log.
 * @throws CatalystError BOT_NOT_FOUND when it can't be started
 */
export async function startProgram(clock: Clock, options: ProgramOptions): Promise<Program> {
  const { program, args, folder, environment, log, output, onLine, instance, stopSignal, stopCommand } = options
  const posix = process.platform !== 'win32'
  const child = await start(program, args, { cwd: folder, env: environment }).catch((error) => {
    throw notStarted(program, folder, error)
  })
  const { pid } = child
  child.stdin?.on('error', () => {}) // it may close its input
  for (const stream of ['stdout', 'stderr'] as const) readOutput(clock, child[stream], stream, output.take, onLine)
  const exited = waitForExit(clock, child)
  const hasExited = () => child.exitCode !== null || child.signalCode !== null

  const strays = async () => leftBehind(pid, 'CATALYST_INSTANCE', instance)
  const hasLeft = async () => (await strays()).length > 0
  const sweep = () => endProcesses(clock, strays, SWEEP_MS)

  /** Runs BOT_STOP_COMMAND, and gives the program the rest of that time to exit. */
  const stopByCommand = async (command: string, timeoutMs: number) => {
    const until = clock.monotonic() + timeoutMs
    const went = await runStopCommand(clock, { command, folder, environment, pid, log, output }, timeoutMs)
    if (went) await within(clock, Math.max(0, until - clock.monotonic()), exited)
  }

  return {
    pid,
    exited,
    hasLeft,
    sweep,
    kill: () => void killTree(child),
    freeze: () => void (posix && signalGroup(pid, 'SIGSTOP')),
    async stop(timeoutMs) {
      const until = clock.monotonic() + timeoutMs
      const left = () => Math.max(0, until - clock.monotonic())
      if (stopCommand !== undefined && left() > 0) await stopByCommand(stopCommand, left() * COMMAND_SHARE)
      child.stdin?.end()
      const stopAsking = askToStop(clock, { pid, words: [program, ...args], stopSignal, log, hasExited })
      const wasKilled = (await within(clock, left(), exited)) === undefined && !hasExited()
      stopAsking()
      if (wasKilled) {
        log.warn(`the program did not end within ${timeoutMs / 1000} s: it is killed with all that it started`)
        await killTree(child)
        await within(clock, SWEEP_MS, exited)
      }
      if (await hasLeft()) log.warn(LEFT_BEHIND)
      await sweep()
      return stopped(child.exitCode, child.signalCode, wasKilled)
    },
  }
}

function stopped(code: number | null, signal: NodeJS.Signals | null, wasKilled: boolean): StoppedProgram {
  if (wasKilled) return { exit: exitCodeOfSignal('SIGKILL'), program_exit: 'killed' }
  if (signal !== null) return { exit: exitCodeOfSignal(signal), program_exit: 'signal', signal }
  return { exit: code ?? EXIT.failed, program_exit: 'exited' }
}

function notStarted(program: string, folder: string, error: unknown): CatalystError {
  const code = codeOf(error) ?? 'unknown error'
  const why = WHY_NOT_STARTED[code]
  return new CatalystError(notStartedText(program, folder, why ?? code), {
    code: 'BOT_NOT_FOUND',
    exit: why !== undefined ? EXIT.settings : EXIT.failed, // too many open files, say, may pass
    suggestions: [remedyOf(code, program)],
    cause: error,
  })
}
