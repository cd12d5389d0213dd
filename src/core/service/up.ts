import { CatalystError, EXIT } from '#core/errors.js'
import { askHealth, isEndpointOn } from '#core/health/client.js'
import { readBotFile } from '#core/state/bot-file.js'
import { sleep } from '#core/system/clock.js'
import { lastErrors, lastWords } from './last-errors.js'
import type { Role, ServiceReading } from './manager.js'
import type { Services } from './services.js'

const LOOK_MS = 100
/** A bot that goes on for this long after it began to answer has been loaded. */
const SETTLED_MS = 2000
const LINES = 5
const ANSWER_MS = 1000
/** A bot that waits for its port, or ends what its predecessor left, takes this long at most until it can be asked. */
const UP_MS = 30_000
/** A manager may say 'stopped' for a moment before it starts. */
export const AT_FIRST_MS = 2000

/** The pid of what the service runs: the manager's word, or, where that has none, the bot's own. */
export function pidOf({ paths, asOwner }: Services, role: Role, reading: ServiceReading | undefined): number | null {
  if (reading?.state !== 'running') return null
  return reading.pid ?? (role === 'bot' ? (asOwner(() => readBotFile(paths.bot))?.pid ?? null) : null)
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
  options: {
    before: number | null
    onWait: () => void
    /** What the commands said that failed. */
    said?: readonly string[]
    startAgain?: () => Promise<readonly string[]>
  },
): Promise<number | null> {
  const { clock } = services
  let { said = [], startAgain } = options
  let began = clock.monotonic()
  let up: { readonly pid: number | null; readonly since: number } | undefined
  for (;;) {
    const reading = await services.manager.read(name)
    const pid = pidOf(services, role, reading)
    const isNew = pid === null || pid !== options.before
    const answer = reading?.state === 'running' && isNew ? await answerOf(services, role) : 'none'
    if (answer === 'settled') return pid
    const now = clock.monotonic()
    if (answer === 'none' || up?.pid !== pid) up = answer === 'none' ? undefined : { pid, since: now }
    if (up && now - up.since >= SETTLED_MS) return pid
    if (reading?.state === 'stopped' && startAgain) {
      said = await startAgain()
      startAgain = undefined
    }
    if (reading?.state === 'stopping') began = now // the old one may take its whole time to end
    const ended = reading === undefined || ['failed', 'stopped', 'restarting'].includes(reading.state)
    if (now - began > UP_MS || (ended && now - began > AT_FIRST_MS))
      throw notUp(services, role, { name, reading, said })
    options.onWait()
    await sleep(clock, LOOK_MS)
  }
}

/** `settled`: it works, or says why it doesn't. `some`: it answers, and may yet end while it is loaded. */
async function answerOf({ paths, settings }: Services, role: Role): Promise<'none' | 'some' | 'settled'> {
  if (role === 'watchdog' || !isEndpointOn(settings)) return 'some'
  const { status } = await askHealth(paths, settings, ANSWER_MS)
  if (status === 'unreachable' || status === 'unknown') return 'none'
  return status === 'starting' ? 'some' : 'settled'
}

function notUp(
  { paths, asOwner }: Services,
  role: Role,
  { name, reading, said }: { name: string; reading: ServiceReading | undefined; said: readonly string[] },
): CatalystError {
  const state = reading?.state
  const what =
    state === 'running'
      ? `The service ${name} runs, but the bot does not answer.`
      : state === 'starting'
        ? `The service ${name} has not come up within ${UP_MS / 1000} s: ${reading?.words}.`
        : `The service ${name} does not run: ${reading?.words ?? 'it is gone'}.`
  // what keeps it from starting is said before there is a log
  const words = state === 'running' ? [] : asOwner(() => lastWords(paths.logs, role, LINES))
  const lines = words.length > 0 ? words : asOwner(() => lastErrors(paths.logs, role, LINES))
  // where its manager did start it, what a command complained of is not the reason
  const why = state === 'stopped' || state === 'failed' ? said : []
  return new CatalystError([what, ...why, ...lines].join('\n'), {
    code: 'SERVICE_NOT_RUNNING',
    exit: EXIT.failed,
    suggestions: [
      'See what it says: catalyst service status',
      `Run it here, and watch: catalyst ${role === 'bot' ? 'bot start' : 'watchdog run'}`,
    ],
  })
}

/**
 * Waits until the service has ended, for `ms` at most. The answer is whether its manager had to kill it, if that tells.
 * @throws CatalystError SERVICE_COMMAND_FAILED when it still runs then
 */
export async function waitUntilDown(
  services: Services,
  name: string,
  options: { ms: number; onWait: () => void },
): Promise<boolean> {
  const { clock } = services
  const until = clock.monotonic() + options.ms
  let first: number | null | undefined
  for (;;) {
    const reading = await services.manager.read(name)
    first ??= reading?.pid
    if (reading === undefined || reading.state === 'stopped' || reading.state === 'failed')
      return reading?.state === 'failed'
    const isAnother = reading.state === 'running' && reading.pid !== null && reading.pid !== first
    if (clock.monotonic() >= until || isAnother) {
      throw new CatalystError(
        isAnother
          ? `The service ${name} was started again meanwhile, by somebody else.`
          : `The service ${name} has not stopped: ${reading.words}.`,
        {
          code: 'SERVICE_COMMAND_FAILED',
          exit: EXIT.failed,
          suggestions: ['Ask again: catalyst service status'],
        },
      )
    }
    options.onWait()
    await sleep(clock, LOOK_MS)
  }
}
