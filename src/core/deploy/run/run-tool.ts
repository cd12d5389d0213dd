import { dirname, join } from 'node:path'
import { withNode } from '#core/bot/environment.js'
import { locateProgram } from '#core/bot/runners/locate-program.js'
import { CatalystError, codeOf, EXIT } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { endProcesses } from '#core/platform/process/end-processes.js'
import { onLines } from '#core/platform/process/lines.js'
import { start, waitForExit } from '#core/platform/process/processes.js'
import { killTree, leftBehind } from '#core/platform/process/signals.js'
import type { User } from '#core/platform/process/users.js'

/** The variable that marks all processes of a deployment, by the deployment's id. */
export const DEPLOYMENT_MARK = 'CATALYST_DEPLOYMENT'

/** The options of {@link runTool}. */
export interface ToolOptions {
  readonly argv: readonly [string, ...string[]]
  /** The command for people, without secrets. */
  readonly shown: string
  readonly folder: string
  readonly owner: User
  readonly environment: Readonly<Record<string, string>>
  /** The names of secrets that are withheld from it. */
  readonly withheld: readonly string[]
  /** The id of the deployment that it belongs to. */
  readonly deployment: string
  /** Takes a line that it has printed, and returns the line without secrets. */
  readonly onLine: (line: string) => string
  /** The release whose log has all its output. */
  readonly release: string
  readonly signal: AbortSignal
  readonly limitMs: number
}

const LAST_LINES = 12
const KILLED_MS = 5000
const GRACE_MS = 2000

/**
 * Runs a tool of the release, such as `npm ci`, as the owner of the home and without a shell, and waits for its exit.
 * All processes that it has started are stopped then.
 * @throws CatalystError TOOL_FAILED with its last lines, DEPLOY_CANCELLED
 */
export async function runTool(clock: Clock, options: ToolOptions): Promise<void> {
  const { argv, shown, folder, owner, environment, deployment, onLine, signal, limitMs } = options
  const env = { ...withNode(environment), [DEPLOYMENT_MARK]: deployment }
  const [program, ...args] = toolOf(argv, folder)
  if (signal.aborted) throw cancelledTool(shown)
  const child = await start(program, args, { cwd: folder, env, as: owner }).catch((error) => {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such program' : (codeOf(error) ?? 'it can not be started')
    throw failed(options, why, [])
  })
  child.stdin?.on('error', () => {}).end() // nobody answers what it asks
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr])
    onLines(stream, (line) => {
      last.push(onLine(line))
      if (last.length > LAST_LINES) last.shift()
    })
  const exited = waitForExit(clock, child)
  const aborted = new Promise<'aborted'>((resolve) =>
    signal.addEventListener('abort', () => resolve('aborted'), { once: true }),
  )
  const outcome = await within(clock, limitMs, Promise.race([exited, aborted]))
  if (typeof outcome !== 'number') {
    await killTree(child)
    await within(clock, KILLED_MS, exited)
  }
  await stopTools(clock, deployment, child.pid)
  for (const stream of [child.stdout, child.stderr]) stream?.destroy() // a process that got away may hold them open
  if (outcome === 'aborted') throw cancelledTool(shown)
  if (outcome === undefined) throw failed(options, `it did not exit within ${Math.round(limitMs / 60_000)} min`, last)
  if (outcome !== 0) throw failed(options, `exit code ${outcome}`, last)
}

/** Stops all processes that a deployment has started and left behind. */
export function stopTools(clock: Clock, deployment: string, leader?: number): Promise<void> {
  return endProcesses(clock, async () => leftBehind(leader, DEPLOYMENT_MARK, deployment), GRACE_MS)
}

/**
 * Returns the program to start. On Windows npm is a script, which only a shell would start: the node that runs us runs
 * it.
 */
function toolOf([program, ...args]: readonly [string, ...string[]], folder: string): [string, ...string[]] {
  if (process.platform === 'win32' && /^np[mx]$/i.test(program)) {
    const script = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', `${program.toLowerCase()}-cli.js`)
    if (exists(script)) return [process.execPath, script, ...args]
  }
  return [locateProgram(program, folder, process.platform), ...args]
}

function cancelledTool(shown: string): CatalystError {
  return new CatalystError(`${shown} was cancelled.`, { code: 'DEPLOY_CANCELLED', exit: EXIT.failed })
}

function failed({ shown, release, withheld }: ToolOptions, why: string, last: readonly string[]): CatalystError {
  const said = last.join('\n')
  const missed = withheld.filter((name) => said.includes(name))
  return new CatalystError([`${shown} failed: ${why}.`, ...last].join('\n'), {
    code: 'TOOL_FAILED',
    exit: EXIT.failed,
    suggestions: [
      `See all that it printed: catalyst deploy log ${release}`,
      ...(missed.length > 0 ? [`Installing sees no secrets. Let it see this one, in .env: ${letSee(missed)}`] : []),
    ],
  })
}

function letSee(names: readonly string[]): string {
  return `DEPLOY_INSTALL_ENV=${names.join(',')}`
}
