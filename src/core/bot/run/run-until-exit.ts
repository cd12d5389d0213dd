import type { StoppedProgram } from '#core/bot/runners/program.js'
import type { BotRun } from '#core/bot/runners/run-module.js'
import { timings } from '#core/config/timings.js'
import { EXIT, messageOf } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import type { Controlled } from './open-control.js'
import type { Run, RunResult } from './run.js'
import { startBot } from './start-bot.js'

/** The limit of the time for killing and sweeping up, after a bot's own time to stop is over. */
const LAST_MEASURES_MS = 10_000

/** Starts the bot and waits for the first of: its own exit, an uncaught error, a request to stop. */
export async function runUntilExit(run: Run, controlled: Controlled): Promise<RunResult> {
  const { stopRequest, monitor, log, clock } = run
  const graceMs = timings(run.config.settings).stopTimeoutMs
  const uncaught = uncaughtErrors(run)
  const asked = aborted(stopRequest.signal)
  const starting = startBot(run, controlled)
  try {
    const exited = await Promise.race([starting.then((bot) => bot.exited), uncaught, asked])
    if (exited !== undefined && stopRequest.askedBy() === undefined) {
      const { exit, ...details } = exited
      return { kind: 'bot.exit', exit, details }
    }
  } catch (error) {
    await stopRun(clock, starting, 0)
    throw error
  }
  monitor.setStopping()
  log.info(`stopping (${stopRequest.askedBy()})`)
  // Ctrl-C a second time: a person who waits no longer
  const program = await Promise.race([
    stopRun(clock, starting, graceMs),
    aborted(stopRequest.hurry).then(() => stopRun(clock, starting, 0)),
  ])
  const { exit = EXIT.done, ...how } = program ?? {}
  if (program !== undefined) log.info(stoppedText(program))
  return { kind: 'bot.stop', exit, details: { asked_by: stopRequest.askedBy(), ...how } }
}

/**
 * Stops a bot that may still be starting, or may never have started. What doesn't end then is left to the exit of the
 * process.
 */
async function stopRun(clock: Clock, starting: Promise<BotRun>, graceMs: number): Promise<StoppedProgram | undefined> {
  const bot = await within(clock, graceMs, starting).catch(() => undefined)
  return bot && within(clock, graceMs + LAST_MEASURES_MS, bot.stop(graceMs))
}

function stoppedText({ exit, program_exit, signal }: StoppedProgram): string {
  if (program_exit === 'killed') return 'the program was killed'
  return program_exit === 'signal' ? `the program was ended by ${signal}` : `the program ended with exit code ${exit}`
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/** Rejects with the first uncaught error. An unhandled promise rejection is only recorded as an error. */
function uncaughtErrors(run: Run): Promise<never> {
  const onRejection = (reason: unknown) => {
    run.monitor.recordError()
    run.log.error(
      { err: reason instanceof Error ? reason : undefined },
      `unhandled promise rejection: ${messageOf(reason)}`,
    )
  }
  process.on('unhandledRejection', onRejection)
  run.closing.push(() => process.off('unhandledRejection', onRejection))
  return new Promise((_, reject) => {
    let isLogged = false
    const onError = (error: unknown) => {
      reject(error)
      // once the bot is ending anyway, nobody waits for the rejection; one is isLogged, since telling may be what fails
      if (run.stopRequest.askedBy() === undefined || isLogged) return
      isLogged = true
      run.log.error({ err: error instanceof Error ? error : undefined }, `uncaught while stopping: ${messageOf(error)}`)
    }
    process.on('uncaughtException', onError)
    run.closing.push(() => process.off('uncaughtException', onError))
  })
}
