import type { Logger } from 'pino'
import { locateProgram } from '#core/bot/runners/locate-program.js'
import type { LoggedOutput } from '#core/bot/runners/output/log-output.js'
import { readOutput } from '#core/bot/runners/output/read-output.js'
import { splitCommand } from '#core/config/command-words.js'
import { messageOf } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { start, waitForExit } from '#core/platform/process/processes.js'
import { killTree } from '#core/platform/process/signals.js'
import { inSeconds } from '#core/text.js'

export interface StopCommandOptions {
  readonly command: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** The pid of the program that it is to stop. */
  readonly pid: number
  readonly log: Logger
  readonly output: LoggedOutput
}

/** Runs BOT_STOP_COMMAND; returns whether it went well within `timeoutMs`. Why it did not is logged. */
export async function runStopCommand(clock: Clock, options: StopCommandOptions, timeoutMs: number): Promise<boolean> {
  const { command, folder, environment, pid, log, output } = options
  const fail = (why: string) => {
    log.warn(`BOT_STOP_COMMAND failed: ${why}`)
    return false
  }
  const words = splitCommand(command)
  if ('fault' in words) return fail(words.fault)
  const [name = '', ...args] = words
  try {
    const child = await start(locateProgram(name, folder, process.platform), args, {
      cwd: folder,
      env: { ...environment, CATALYST_PID: String(pid) },
    })
    child.stdin?.on('error', () => {}).end()
    readOutput(clock, child.stdout, 'stdout', output.take)
    readOutput(clock, child.stderr, 'stderr', output.take)
    const exit = await within(clock, timeoutMs, waitForExit(clock, child))
    if (exit === 0) return true
    if (exit !== undefined) return fail(`exit code ${exit}`)
    await killTree(child)
    return fail(`it did not end within ${inSeconds(timeoutMs)} s`)
  } catch (error) {
    return fail(messageOf(error))
  }
}
