import type { Repository } from '#core/backup/repository.js'
import type { Home } from '#core/home/home.js'
import { onLines } from '#core/platform/process/lines.js'
import { lowerPriority, start, waitForExit } from '#core/platform/process/processes.js'
import { killTree, signal as sendSignal } from '#core/platform/process/signals.js'
import { currentUser } from '#core/platform/process/users.js'
import { type ResticFault, resticFaultOf } from './restic-output.js'

/**
 * The variable in the environment of our restic that holds the home: by it the next run finds one that was left. Those that
 * only read, and may run beside others, have none.
 */
export const RESTIC_VARIABLE = 'CATALYST_BACKUP'

/** The time that restic may take to remove its lock and exit, once it is asked to. */
const STOP_MS = 30_000
/** The time after which a place that takes nothing is given up: restic itself would try for 15 minutes. */
const STALLED_MS = 5 * 60_000
/** The words of restic when it tries a request again. */
const RETRY = /returned error, retrying after/

export interface ResticRun {
  /** The folder that relative paths are of; the home if it is not given. */
  readonly cwd?: string
  readonly input?: string
  readonly signal?: AbortSignal | undefined
  /** Called with each line of its output, and of its errors. Without it the output is in the result, as it is. */
  readonly onLine?: (line: string) => void
  /** The line among its errors with which it is known to fail: it is stopped then, rather than waited for. */
  readonly failsAt?: RegExp
}

export interface ResticResult {
  readonly exit: number
  readonly stdout: string
  /** Its errors, without secrets. */
  readonly stderr: string
  /** Why it has failed; undefined where it has not. */
  readonly fault: ResticFault | undefined
}

/**
 * Runs restic until it exits: nothing that happens meanwhile lets it outlive us. It gets secrets by its environment alone, and
 * little of the processor.
 */
export async function runRestic(
  home: Home,
  program: string,
  { environment }: Repository,
  args: readonly string[],
  { cwd = home.paths.home, input = '', signal, onLine, failsAt }: ResticRun = {},
): Promise<ResticResult> {
  const { clock, paths, redact, config } = home
  const child = await start(program, args, {
    cwd,
    env: {
      ...inherited(process.env),
      ...proxies(config.environment),
      ...environment,
      ...ours(paths, READS.has(args[0] ?? '')),
    },
  })
  lowerPriority(child.pid)
  const exited = waitForExit(clock, child)
  const output: Buffer[] = []
  const errors: string[] = []
  let isStalled = false
  let cancelStall: (() => void) | undefined
  const moved = () => {
    cancelStall?.()
    cancelStall = undefined
  }
  let cancelKill: (() => void) | undefined
  // it removes its lock then; Windows has sent it the Ctrl-C already, and would only kill it
  const stop = () => {
    if (process.platform !== 'win32') sendSignal(child.pid, 'SIGINT')
    cancelKill ??= clock.after(STOP_MS, () => void killTree(child))
  }
  let thrown: unknown
  const tell = (line: string) => {
    try {
      onLine?.(line)
    } catch (error) {
      thrown ??= error
      stop()
    }
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    moved()
    if (onLine === undefined) output.push(chunk) // as it is: JSON in one line may be longer than a line that is passed on
  })
  if (onLine !== undefined) onLines(child.stdout, tell)
  onLines(child.stderr, (line) => {
    if (RETRY.test(line))
      cancelStall ??= clock.after(STALLED_MS, () => {
        isStalled = true
        stop()
      })
    errors.push(line)
    if (cancelKill === undefined && failsAt?.test(line)) stop()
    tell(line)
  })
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  process.once('exit', stop) // only an error that nobody catches ends us before it
  child.stdin?.on('error', () => {}).end(input) // it may exit before it has read all
  const exit = await exited
  moved()
  cancelKill?.()
  signal?.removeEventListener('abort', stop)
  process.off('exit', stop)
  if (thrown !== undefined) throw thrown
  const words = errors.join('\n') || (exit > 128 ? `restic was killed by signal ${exit - 128}` : '')
  const fault = exit === 0 ? undefined : isStalled ? 'unreachable' : resticFaultOf(exit, words)
  return { exit, stdout: Buffer.concat(output).toString('utf8').trimEnd(), stderr: redact(words), fault }
}

/** Returns the environment without settings of restic: those of another repository would contradict ours. */
function inherited(environment: NodeJS.ProcessEnv): Record<string, string> {
  const isOurs = ([name, value]: [string, string | undefined]) => value !== undefined && !/^RESTIC_/i.test(name)
  return Object.fromEntries(Object.entries(environment).filter(isOurs) as [string, string][])
}

function proxies(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => /_PROXY$/i.test(name)))
}

const READS: ReadonlySet<string> = new Set(['cat', 'dump', 'list', 'ls', 'snapshots'])

function ours({ home, resticCache }: Home['paths'], isReading: boolean): Record<string, string> {
  return {
    RESTIC_CACHE_DIR: resticCache,
    RESTIC_PROGRESS_FPS: '2',
    ...(!isReading && { [RESTIC_VARIABLE]: home }),
    ...(process.platform !== 'win32' && { HOME: currentUser().folder }), // root's, where root became the owner
    LC_ALL: 'C',
  }
}
