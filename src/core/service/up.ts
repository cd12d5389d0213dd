import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth, isEndpointOn } from '#core/health/client.js'
import { serviceLogs } from '#core/logging/service-logs.js'
import { readBotFile } from '#core/state/bot-file.js'
import { sleep } from '#core/system/clock.js'
import { lastErrors, lastWords } from './last-errors.js'
import type { Role, ServiceReading } from './manager.js'
import type { Services } from './services.js'

const LOOK_MS = 100
const LINES = 5
const ANSWER_MS = 1000
/** A bot that waits for its port, or ends what its predecessor left, takes this long at most until it can be asked. */
const UP_MS = 30_000
/** A manager may say 'stopped' for a moment before it starts. */
const AT_FIRST_MS = 2000

/** The pid of what the service runs: the manager's word, or, where that has none, the bot's own. */
export function pidOf({ paths }: Services, role: Role, reading: ServiceReading | undefined): number | null {
  if (reading?.state !== 'running') return null
  return reading.pid ?? (role === 'bot' ? (readBotFile(paths.bot)?.pid ?? null) : null)
}

/**
 * Waits until the service runs as another process than `before`, and, for the bot, until it answers; then its pid comes
 * back. Once it is found stopped, `startAgain` is tried: not every manager restarts reliably.
 * @throws CatalystError SERVICE_NOT_RUNNING with its last words
 */
export async function waitUntilUp(
  services: Services,
  role: Role,
  name: string,
  options: { before: number | null; onWait: () => void; startAgain?: () => Promise<void> },
): Promise<number | null> {
  const { clock } = services.system
  let { startAgain } = options
  let began = clock.monotonic()
  for (;;) {
    const reading = await services.manager.read(name)
    const pid = pidOf(services, role, reading)
    const isNew = pid === null || pid !== options.before
    if (reading?.state === 'running' && isNew && (await answers(services, role))) return pid
    if (reading?.state === 'stopped') {
      await startAgain?.()
      startAgain = undefined
    }
    if (reading?.state === 'stopping') began = clock.monotonic() // the old one may take its whole time to end
    const waited = clock.monotonic() - began
    const ended = reading === undefined || reading.state === 'failed' || reading.state === 'stopped'
    if (waited > UP_MS || (ended && waited > AT_FIRST_MS)) throw notUp(services, role, name, reading)
    options.onWait()
    await sleep(clock, LOOK_MS)
  }
}

async function answers({ paths, settings }: Services, role: Role): Promise<boolean> {
  if (role === 'watchdog' || !isEndpointOn(settings)) return true
  const { status } = await askHealth(paths, settings, ANSWER_MS)
  return status !== 'unreachable' && status !== 'unknown'
}

function notUp({ paths }: Services, role: Role, name: string, reading: ServiceReading | undefined): CatalystError {
  const state = reading?.state
  const what =
    state === 'running'
      ? `The service ${name} runs, but the bot does not answer.`
      : state === 'starting'
        ? `The service ${name} has not come up within ${UP_MS / 1000} s: ${reading?.words}.`
        : `The service ${name} does not run: ${reading?.words ?? 'it is gone'}.`
  // what keeps it from starting is said before there is a log
  const words = state === 'running' ? [] : lastWords(join(paths.logs, serviceLogs(role)[1].name), LINES)
  const lines = words.length > 0 ? words : lastErrors(paths.logs, role, LINES)
  return new CatalystError([what, ...lines].join('\n'), {
    code: 'SERVICE_NOT_RUNNING',
    exit: EXIT.failed,
    suggestions: [
      'See what it says: catalyst service status',
      `Run it here, and watch: catalyst ${role === 'bot' ? 'bot start' : 'watchdog run'}`,
    ],
  })
}

/**
 * Waits until the service has ended, for `ms` at most.
 * @throws CatalystError SERVICE_COMMAND_FAILED when it still runs then
 */
export async function waitUntilDown(
  services: Services,
  name: string,
  options: { ms: number; onWait: () => void },
): Promise<void> {
  const { clock } = services.system
  const until = clock.monotonic() + options.ms
  for (;;) {
    const reading = await services.manager.read(name)
    if (reading === undefined || reading.state === 'stopped' || reading.state === 'failed') return
    if (clock.monotonic() >= until) {
      throw new CatalystError(`The service ${name} has not stopped: ${reading.words}.`, {
        code: 'SERVICE_COMMAND_FAILED',
        exit: EXIT.failed,
        suggestions: ['Ask again: catalyst service status'],
      })
    }
    options.onWait()
    await sleep(clock, LOOK_MS)
  }
}
