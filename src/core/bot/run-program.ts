import type { Logger } from 'pino'
import { splitCommand } from '#core/config/command-words.js'
import { CatalystError, EXIT, messageOf, NOT_RETRIED } from '#core/errors.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { type Clock, every } from '#core/system/clock.js'
import { ask } from '#core/system/http.js'
import { identify, type ProcessId } from '#core/system/processes.js'
import { locateProgram } from './locate-program.js'
import { startProgram } from './program.js'
import type { Report } from './reports.js'
import type { BotRun } from './run-module.js'

export interface RunProgramOptions {
  readonly command: string
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly instance: string
  readonly log: Logger
  /** Told once that it was started; without its identity where it has ended again already. */
  readonly onStart: (program: ProcessId | undefined) => void
}

/**
 * Runs a program in any language as the bot.
 * @throws CatalystError SETTINGS_INVALID, BOT_NOT_FOUND
 */
export async function runProgram(clock: Clock, options: RunProgramOptions): Promise<BotRun> {
  const { folder, environment, instance, log } = options
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
  })
  const id = await identify(program.pid)
  options.onStart(id)
  let asked = false
  return {
    ended: program.ended.then(async (exit) => {
      if (!asked) {
        log[exit === 0 ? 'warn' : 'error'](`the program ended by itself with exit code ${exit}`)
        await program.sweep()
      }
      return passedOn(exit)
    }),
    stop(timeoutMs) {
      asked = true
      return program.stop(timeoutMs)
    },
    drill: (drill) => program[drill === 'crash' ? 'kill' : 'freeze'](),
  }
}

/** The exit code that is passed on: 75, 77 and 78 mean something to service managers, so a program's own become 1. */
export function passedOn(exit: number): number {
  return exit === EXIT.busy || NOT_RETRIED.includes(exit) ? EXIT.failed : exit
}

/** Takes in what a program reports. */
export function takeReport(report: Report, monitor: HealthMonitor, log: Logger): void {
  const { kind, message, nextInSeconds } = report
  if (kind === 'cycle') {
    monitor.recordCycle(nextInSeconds === undefined ? {} : { nextMs: nextInSeconds * 1000 })
    if (message) log.info(message)
  } else if (kind === 'alert') {
    monitor.recordAlert()
    log.info({ alert: true }, message ?? 'alert')
  } else {
    monitor.recordError()
    log.error(message ?? 'the program reported an error')
  }
}

const POLL_TIMEOUT_MS = 5000
const FIRST_POLLS_MS = 1000

/** Asks the program's own health address; each 2xx is a cycle. Until the first one it is asked each second. */
export function pollHealthUrl(clock: Clock, url: string, ms: number, monitor: HealthMonitor, log: Logger): () => void {
  let trouble: string | undefined
  const poll = async () => {
    const now = await ask(url, { timeoutMs: POLL_TIMEOUT_MS }).then(
      ({ status }) => (status >= 200 && status < 300 ? undefined : `HTTP ${status}`),
      messageOf,
    )
    if (now === undefined) monitor.recordCycle()
    if (now !== trouble && monitor.totalCycles > 0)
      log.warn(now === undefined ? 'BOT_HEALTH_URL answers again' : `BOT_HEALTH_URL: ${now}`)
    trouble = now
  }
  let stop = every(clock, Math.min(ms, FIRST_POLLS_MS), async () => {
    await poll()
    if (monitor.totalCycles === 0) return
    stop()
    stop = every(clock, ms, poll)
  })
  return () => stop()
}
