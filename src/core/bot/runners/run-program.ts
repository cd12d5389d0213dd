import type { Logger } from 'pino'
import { splitCommand } from '#core/config/command-words.js'
import { CatalystError, EXIT, NOT_RETRIED } from '#core/errors.js'
import type { Clock } from '#core/platform/clock.js'
import { identify, type ProcessId } from '#core/platform/process/process-id.js'
import { backgroundAdvice } from './background.js'
import { locateProgram } from './locate-program.js'
import type { LoggedOutput } from './output/log-output.js'
import { LEFT_BEHIND, startProgram } from './program.js'
import type { BotRun } from './run-module.js'
import type { StopSignal } from './stop/stop-target.js'

export interface RunProgramOptions {
  readonly command: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly instance: string
  readonly log: Logger
  /** Called for each line that it prints. */
  readonly onLine: ((line: string) => void) | undefined
  readonly output: LoggedOutput
  readonly stopSignal: StopSignal
  readonly stopCommand: string | undefined
  /** Called once when it was started; without its identity where it has exited again already. */
  readonly onStart: (program: ProcessId | undefined) => void
}

/**
 * Runs a program in any language as the bot.
 * @throws CatalystError SETTINGS_INVALID, BOT_NOT_FOUND
 */
export async function runProgram(clock: Clock, options: RunProgramOptions): Promise<BotRun> {
  const { folder, environment, instance, log, output, onLine, stopSignal, stopCommand } = options
  const words = splitCommand(options.command)
  if ('fault' in words) {
    throw new CatalystError(`BOT_COMMAND can't be understood: ${words.fault}.`, {
      code: 'SETTINGS_INVALID',
      exit: EXIT.settings,
    })
  }
  const [name = '', ...args] = words
  const program = await startProgram(clock, {
    program: locateProgram(name, folder, process.platform),
    args,
    folder,
    environment,
    instance,
    log,
    onLine,
    output,
    stopSignal,
    stopCommand,
  })
  const began = clock.monotonic()
  const id = await identify(program.pid)
  options.onStart(id)
  let asked = false
  return {
    exited: program.exited.then(async (exit) => {
      if (asked) return { exit: passedOn(exit) }
      const error = exit === 0 ? undefined : output.lastError()
      const hasLeft = await program.hasLeft()
      const reason = backgroundAdvice({ exit, ranMs: clock.monotonic() - began, hasLeft, args })
      if (reason !== undefined) log.error(`the program exited, and what it left running is ended, too: ${reason}`)
      else {
        log[exit === 0 ? 'warn' : 'error'](`the program exited by itself with code ${exit}`)
        if (hasLeft) log.warn(LEFT_BEHIND)
      }
      await program.sweep()
      return { exit: passedOn(exit), ...(reason !== undefined && { reason }), ...(error !== undefined && { error }) }
    }),
    stop(timeoutMs) {
      asked = true
      return program.stop(timeoutMs)
    },
    drill: (drill) => program[drill === 'crash' ? 'kill' : 'freeze'](),
  }
}

/**
 * Returns the exit code that is passed on: 75, 77 and 78 mean something to service managers, so a program's own become
 * 1.
 */
export function passedOn(exit: number): number {
  return exit === EXIT.busy || NOT_RETRIED.includes(exit) ? EXIT.failed : exit
}
