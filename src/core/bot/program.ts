import type { Logger } from 'pino'
import { CatalystError, codeOf, EXIT } from '#core/errors.js'
import { type Clock, within } from '#core/system/clock.js'
import { killTree, leftBehind, signal, signalGroup, start, waitForExit } from '#core/system/processes.js'
import { endProcesses } from './end-processes.js'
import { levelOf, onLines } from './lines.js'

export interface ProgramOptions {
  readonly program: string
  readonly args: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  readonly log: Logger
  /** The value of CATALYST_INSTANCE in its environment: whatever it leaves behind is known by it. */
  readonly instance: string
}

export interface Program {
  readonly pid: number
  /** Resolves to the exit code when the program has ended; 128 + the signal's number when a signal ended it. */
  readonly ended: Promise<number>
  /** Asks it to end, and after `timeoutMs` kills it with all that it started. */
  stop(timeoutMs: number): Promise<void>
  /** Ends what an ended program has left behind. */
  sweep(): Promise<void>
  /** Kills it with all that it started, as if it had crashed. */
  kill(): void
  /** Makes it and all that it started stand still, where the platform can. */
  freeze(): void
}

/** What is left behind may end by itself for this long before it is killed. */
const SWEEP_MS = 2000

/**
 * Starts a program as the bot, without a shell; what it prints goes into the log, line by line.
 * @throws CatalystError BOT_NOT_FOUND when it can't be started
 */
export async function startProgram(clock: Clock, options: ProgramOptions): Promise<Program> {
  const { program, args, folder, environment, log, instance } = options
  const posix = process.platform !== 'win32'
  const child = await start(program, args, { cwd: folder, env: environment }).catch((error) => {
    throw notStarted(program, folder, error)
  })
  const { pid } = child
  child.stdin?.on('error', () => {}) // it may close its input
  for (const stream of ['stdout', 'stderr'] as const)
    onLines(child[stream], (line) => log[levelOf(line, stream)](stream === 'stderr' ? { stream } : {}, line))
  const ended = waitForExit(clock, child)

  async function sweep(): Promise<void> {
    const strays = async () => leftBehind(pid, 'CATALYST_INSTANCE', instance)
    if ((await strays()).length === 0) return
    log.warn('the program left processes behind: ending them')
    await endProcesses(clock, strays, SWEEP_MS)
  }

  return {
    pid,
    ended,
    sweep,
    kill: () => void killTree(child),
    freeze: () => void (posix && signalGroup(pid, 'SIGSTOP')),
    async stop(timeoutMs) {
      child.stdin?.end()
      if (posix) signal(pid, 'SIGTERM')
      if ((await within(clock, timeoutMs, ended)) === undefined) {
        log.warn(`the program did not end within ${timeoutMs / 1000} s: it is killed with all that it started`)
        await killTree(child)
        await within(clock, SWEEP_MS, ended)
      }
      await sweep()
    },
  }
}

function notStarted(program: string, folder: string, error: unknown): CatalystError {
  const why: Record<string, string> = {
    ENOENT: 'no such program',
    EACCES: 'it may not be executed',
    ENOTDIR: 'no such program',
    ENOEXEC: 'it is no program',
    EINVAL: 'Windows starts a .cmd or .bat only through a shell',
  }
  const code = codeOf(error) ?? 'unknown error'
  const script = code === 'EINVAL'
  return new CatalystError(`BOT_COMMAND: ${program} can't be started in ${folder}: ${why[code] ?? code}.`, {
    code: 'BOT_NOT_FOUND',
    exit: code in why ? EXIT.settings : EXIT.failed, // too many open files, say, may pass
    suggestions: [
      script
        ? 'Name the program itself in BOT_COMMAND: node bot.js instead of npm start.'
        : 'Correct BOT_COMMAND in .env.',
    ],
    cause: error,
  })
}
