import { endLeftovers } from '#core/bot/runners/leftovers.js'
import { passedOn } from '#core/bot/runners/run-program.js'
import { waitForStart } from '#core/bot/starts/wait-for-start.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { isExit } from '#core/journal/bot-exits.js'
import { readNewest, readNewestSince } from '#core/journal/journal.js'
import { type StartReason, startReason } from '#core/journal/start-reason.js'
import { onSuddenExit } from '#core/platform/process/sudden-exit.js'
import { countOf, inSeconds, localTime } from '#core/text.js'
import { bringData } from './bring-data.js'
import { listen } from './listen.js'
import { openControl } from './open-control.js'
import type { Run, RunResult } from './run.js'
import { runUntilExit } from './run-until-exit.js'

/** Runs the bot, and writes its start and its exit into the journal. */
export async function runJournaled(run: Run): Promise<RunResult> {
  const { claim, journal, log, monitor, clock } = run
  try {
    // it can be asked sooner so; and whoever finds its port taken still ends what was left behind
    await listen(run).finally(() => endPrevious(run))
    run.beginLog()
    const controlled = await openControl(run)
    const obsolete = run.once ? undefined : await waitForStart(run)
    if (obsolete === undefined) await bringData(run)
    const askedBy = run.stopRequest.askedBy()
    if (askedBy !== undefined) return endedBeforeItsStart(run, askedBy, EXIT.done)
    if (obsolete !== undefined) return endedBeforeItsStart(run, obsolete, EXIT.busy)
    if (!run.once) monitor.recordStart(reasonOfStart(run))
    const began = clock.monotonic()
    const { settings } = run.config
    journal.append('bot.start', {
      pid: process.pid,
      instance: claim.instance,
      bot: settings.BOT_COMMAND ?? settings.BOT_MODULE,
      release: run.release?.name ?? null,
      environment: settings.DEPLOYMENT_ENV,
      version: run.version,
      ...(run.service !== undefined && { service: run.service }),
      ...(run.once && { once: true }),
    })
    const writeExit = ({ kind, exit, details }: RunResult) => {
      const ran_seconds = inSeconds(clock.monotonic() - began)
      journal.append(kind, { pid: process.pid, instance: claim.instance, exit, ran_seconds, ...details })
      log.info(`the bot has exited (exit code ${exit})`)
    }
    run.closing.push(onSuddenExit((code) => closeSuddenly(run, code, writeExit)))
    const result = await runUntilExit(run, controlled)
    monitor.setStopping()
    writeExit(result)
    return result
  } catch (error) {
    monitor.setStopping()
    const exit = error instanceof CatalystError ? error.exit : EXIT.failed
    const { instance } = claim
    const why = error instanceof CatalystError ? { code: error.code, release: run.release?.name ?? null } : {}
    journal.append('bot.crash', { pid: process.pid, instance, exit, error: messageOf(error), ...why })
    log.fatal(
      { err: error instanceof CatalystError ? undefined : error },
      `${monitor.running ? 'the bot crashed' : 'the bot could not be started'}: ${messageOf(error)}`,
    )
    if (error instanceof CatalystError) throw error
    return { kind: 'bot.crash', exit, details: {} }
  }
}

/** Returns what led to this start; a journal that can't be read tells nothing. */
function reasonOfStart({ paths, clock }: Run): StartReason {
  try {
    return startReason(readNewestSince(paths.journal, clock.now()))
  } catch {
    return 'other'
  }
}

/** Ends what killed predecessors have left behind, before the bot is started. */
async function endPrevious({ claim, journal, log, clock, note, paths }: Run): Promise<void> {
  if (claim.previous.length === 0) return
  const reported = instancesWithExit(paths.journal, log)
  try {
    for (const { pid, since, ...previous } of claim.previous) {
      const leftovers = await endLeftovers(clock, previous)
      const left = leftovers > 0 ? `; ${countOf(leftovers, 'process', 'processes')} of its program had to be ended` : ''
      log.warn(`the last bot (pid ${pid}, since ${localTime(since)}) ended unexpectedly${left}`)
      if (reported.has(previous.instance)) continue
      journal.append('bot.lost', { pid, since, leftovers })
    }
  } finally {
    note({ unended: [] }) // what can not be ended must not prevent the next start of the bot
  }
}

/** Returns the bots whose exit is in the journal: one may be killed after that, before it has released the home. */
function instancesWithExit(journal: string, log: Run['log']): ReadonlySet<unknown> {
  try {
    return new Set(
      readNewest(journal)
        .filter(isExit)
        .map(({ instance }) => instance),
    )
  } catch (error) {
    log.warn(`the journal can't be read: ${messageOf(error)}`)
    return new Set()
  }
}

/** Does at once what can still be done when a module has ended the process itself. Returns the exit code. */
function closeSuddenly(
  { stopRequest, log, closing }: Run,
  code: number,
  writeExit: (result: RunResult) => void,
): number {
  const asked_by = stopRequest.askedBy()
  if (asked_by === undefined) log.error(`the bot ended the process itself with exit code ${code}`)
  const result: RunResult = asked_by
    ? { kind: 'bot.stop', exit: EXIT.done, details: { asked_by } }
    : { kind: 'bot.exit', exit: passedOn(code), details: {} }
  writeExit(result)
  for (const close of closing.reverse()) close()
  return result.exit
}

/** Writes the exit of a bot that was asked to stop while it waited for its port or its start: it was never started. */
function endedBeforeItsStart({ claim, journal, log, monitor }: Run, asked_by: string, exit: number): RunResult {
  monitor.setStopping()
  const who = { pid: process.pid, instance: claim.instance }
  journal.append('bot.stop', { ...who, exit, ran_seconds: 0, asked_by })
  log.info(`asked to stop (${asked_by}) before the bot was started`)
  return { kind: 'bot.stop', exit, details: {}, makesRoom: exit !== EXIT.done }
}
