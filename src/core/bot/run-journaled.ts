import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { countOf, localTime } from '#core/text.js'
import { endLeftovers } from './leftovers.js'
import type { Ending, Run } from './run.js'
import { passedOn } from './run-program.js'
import { runToItsEnd } from './run-to-its-end.js'
import { onSuddenExit } from './sudden-exit.js'

/** The run with its lines in the journal, from the start to whatever ended it. */
export async function runJournaled(run: Run, listenFirst: () => Promise<void>): Promise<Ending> {
  const { claim, journal, log, monitor, clock } = run
  const began = clock.monotonic()
  try {
    // it can be asked sooner so; and whoever finds its port taken still ends what was left behind
    await listenFirst().finally(() => endPrevious(run))
    if (run.end.askedBy() !== undefined) return endedBeforeItsStart(run)
    const { settings } = run.config
    const what = settings.BOT_COMMAND ?? settings.BOT_MODULE ?? 'built-in'
    journal.append('bot.start', {
      pid: process.pid,
      instance: claim.instance,
      bot: what,
      release: run.release?.name ?? null,
      environment: settings.DEPLOYMENT_ENV,
      version: run.version,
      ...(run.service !== undefined && { service: run.service }),
    })
    const writeDown = ({ kind, exit, details }: Ending) => {
      const ran_seconds = Math.round((clock.monotonic() - began) / 100) / 10
      journal.append(kind, { pid: process.pid, exit, ran_seconds, ...details })
      log.info(`the bot has ended (exit code ${exit})`)
    }
    run.closing.push(onSuddenExit((code) => closeSuddenly(run, code, writeDown)))
    const ending = await runToItsEnd(run)
    monitor.setStopping()
    writeDown(ending)
    return ending
  } catch (error) {
    monitor.setStopping()
    const exit = error instanceof CatalystError ? error.exit : EXIT.failed
    journal.append('bot.crash', { pid: process.pid, exit, error: messageOf(error) })
    log.fatal(
      { err: error instanceof CatalystError ? undefined : error },
      `${monitor.running ? 'the bot crashed' : 'the bot could not be started'}: ${messageOf(error)}`,
    )
    if (error instanceof CatalystError) throw error
    return { kind: 'bot.crash', exit, details: {} }
  }
}

/** Ends what predecessors that were killed have left behind, before the bot is started. */
async function endPrevious({ claim, journal, log, clock, note }: Run): Promise<void> {
  if (claim.previous.length === 0) return
  try {
    for (const { pid, since, ...previous } of claim.previous) {
      const leftovers = await endLeftovers(clock, previous)
      const left = leftovers > 0 ? `; ${countOf(leftovers, 'process', 'processes')} of its program had to be ended` : ''
      log.warn(`the last bot (pid ${pid}, since ${localTime(since)}) ended unexpectedly${left}`)
      journal.append('bot.lost', { pid, since, leftovers })
    }
  } finally {
    note({ unended: [] }) // what can not be ended must not keep the bot from its next start
  }
}

/** A module has ended the process itself: what can still be done at once is done. The answer is the exit code. */
function closeSuddenly({ end, log, closing }: Run, code: number, writeDown: (ending: Ending) => void): number {
  const asked_by = end.askedBy()
  if (asked_by === undefined) log.error(`the bot ended the process itself with exit code ${code}`)
  const ending: Ending = asked_by
    ? { kind: 'bot.stop', exit: EXIT.done, details: { asked_by } }
    : { kind: 'bot.exit', exit: passedOn(code), details: {} }
  writeDown(ending)
  for (const close of closing.reverse()) close()
  return ending.exit
}

/** Asked to end while it waited for its port: a bot that nobody could ask was never started. */
function endedBeforeItsStart({ end, journal, log, monitor }: Run): Ending {
  monitor.setStopping()
  journal.append('bot.stop', { pid: process.pid, exit: EXIT.done, ran_seconds: 0, asked_by: end.askedBy() })
  log.info(`asked to end (${end.askedBy()}) before the bot was started`)
  return { kind: 'bot.stop', exit: EXIT.done, details: {} }
}
