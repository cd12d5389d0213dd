import { EXIT, messageOf } from '#core/errors.js'
import { type Clock, within } from '#core/system/clock.js'
import type { Ending, Run } from './run.js'
import type { BotRun } from './run-module.js'
import { startBot } from './start-bot.js'

/** How long killing and sweeping up may take after a bot's own time to stop is over. */
const LAST_MEASURES_MS = 10_000

/** Starts the bot and waits for the first of: its own end, an error nobody caught, somebody asking it to end. */
export async function runToItsEnd(run: Run): Promise<Ending> {
  const { end, monitor, log, clock } = run
  const patienceMs = run.config.settings.BOT_STOP_TIMEOUT * 1000
  const uncaught = uncaughtErrors(run)
  const asked = aborted(end.signal)
  const starting = startBot(run)
  try {
    const exit = await Promise.race([starting.then((bot) => bot.ended), uncaught, asked])
    if (exit !== undefined && end.askedBy() === undefined) return { kind: 'bot.exit', exit, details: {} }
  } catch (error) {
    await endBot(clock, starting, 0)
    throw error
  }
  monitor.setStopping()
  log.info(`ending (${end.askedBy()})`)
  // Ctrl-C a second time: a person who waits no longer
  await Promise.race([endBot(clock, starting, patienceMs), aborted(end.hurry).then(() => endBot(clock, starting, 0))])
  return { kind: 'bot.stop', exit: EXIT.done, details: { asked_by: end.askedBy() } }
}

/** Ends a bot that may still be starting, or may never have started. What then doesn't end is left to the process's own end. */
async function endBot(clock: Clock, starting: Promise<BotRun>, patienceMs: number): Promise<void> {
  const bot = await within(clock, patienceMs, starting).catch(() => undefined)
  if (bot) await within(clock, patienceMs + LAST_MEASURES_MS, bot.stop(patienceMs))
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(undefined)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/** Rejects with the first error that nobody caught. A rejected promise that was left alone is an error, not an end. */
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
    let told = false
    const onError = (error: unknown) => {
      reject(error)
      // once the bot is ending anyway, nobody waits for the rejection; one is told, since telling may be what fails
      if (run.end.askedBy() === undefined || told) return
      told = true
      run.log.error({ err: error instanceof Error ? error : undefined }, `uncaught while ending: ${messageOf(error)}`)
    }
    process.on('uncaughtException', onError)
    run.closing.push(() => process.off('uncaughtException', onError))
  })
}
