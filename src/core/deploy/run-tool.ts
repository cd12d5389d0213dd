import { dirname, join } from 'node:path'
import { endProcesses } from '#core/bot/end-processes.js'
import { withNode } from '#core/bot/environment.js'
import { onLines } from '#core/bot/lines.js'
import { locateProgram } from '#core/bot/locate-program.js'
import { CatalystError, codeOf, EXIT } from '#core/errors.js'
import { type Clock, within } from '#core/system/clock.js'
import { exists } from '#core/system/files.js'
import { killTree, leftBehind, start, waitForExit } from '#core/system/processes.js'
import type { User } from '#core/system/users.js'

/** What marks all that a deployment has started, by the deployment's id. */
export const DEPLOYMENT_MARK = 'CATALYST_DEPLOYMENT'

export interface ToolOptions {
  readonly argv: readonly [string, ...string[]]
  /** The same for people, without secrets. */
  readonly shown: string
  readonly folder: string
  readonly owner: User
  readonly environment: Readonly<Record<string, string>>
  /** The id of the deployment that it belongs to. */
  readonly deployment: string
  /** Takes a line that it has printed; the answer is the line without secrets. */
  readonly onLine: (line: string) => string
  /** Where all of it is kept. */
  readonly log: string
  readonly signal: AbortSignal
  readonly limitMs: number
}

const LAST_LINES = 12
const KILLED_MS = 5000
const GRACE_MS = 2000

/**
 * Runs a tool of the release to its end, such as `npm ci`, as the owner of the home and without a shell. What it starts
 * ends with it.
 * @throws CatalystError TOOL_FAILED with its last lines, DEPLOY_CANCELLED
 */
export async function runTool(clock: Clock, options: ToolOptions): Promise<void> {
  const { argv, shown, folder, owner, environment, deployment, onLine, log, signal, limitMs } = options
  const env = { ...withNode(environment), [DEPLOYMENT_MARK]: deployment }
  const [program, ...args] = toolOf(argv, folder)
  if (signal.aborted) throw cancelledTool(shown)
  const child = await start(program, args, { cwd: folder, env, as: owner }).catch((error) => {
    throw failed(
      shown,
      codeOf(error) === 'ENOENT' ? 'there is no such program' : (codeOf(error) ?? 'it can not be started'),
      log,
      [],
    )
  })
  child.stdin?.on('error', () => {}).end() // nobody answers what it asks
  const last: string[] = []
  for (const stream of [child.stdout, child.stderr])
    onLines(stream, (line) => {
      last.push(onLine(line))
      if (last.length > LAST_LINES) last.shift()
    })
  const ended = waitForExit(clock, child)
  const aborted = new Promise<'aborted'>((resolve) =>
    signal.addEventListener('abort', () => resolve('aborted'), { once: true }),
  )
  const outcome = await within(clock, limitMs, Promise.race([ended, aborted]))
  if (typeof outcome !== 'number') {
    await killTree(child)
    await within(clock, KILLED_MS, ended)
  }
  await endTools(clock, deployment, child.pid)
  for (const stream of [child.stdout, child.stderr]) stream?.destroy() // what got away may hold them open
  if (outcome === 'aborted') throw cancelledTool(shown)
  if (outcome === undefined) throw failed(shown, `it did not end within ${Math.round(limitMs / 60_000)} min`, log, last)
  if (outcome !== 0) throw failed(shown, `exit code ${outcome}`, log, last)
}

/** Ends what a deployment has started and left behind. */
export function endTools(clock: Clock, deployment: string, leader?: number): Promise<void> {
  return endProcesses(clock, async () => leftBehind(leader, DEPLOYMENT_MARK, deployment), GRACE_MS)
}

/** npm is a script on Windows, which only a shell would start: the node that runs us runs it. */
function toolOf([program, ...args]: readonly [string, ...string[]], folder: string): [string, ...string[]] {
  if (process.platform === 'win32' && /^np[mx]$/i.test(program)) {
    const script = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', `${program.toLowerCase()}-cli.js`)
    if (exists(script)) return [process.execPath, script, ...args]
  }
  return [locateProgram(program, folder, process.platform), ...args]
}

function cancelledTool(shown: string): CatalystError {
  return new CatalystError(`${shown} was broken off.`, { code: 'DEPLOY_CANCELLED', exit: EXIT.failed })
}

function failed(shown: string, why: string, log: string, last: readonly string[]): CatalystError {
  return new CatalystError([`${shown} failed: ${why}.`, ...last].join('\n'), {
    code: 'TOOL_FAILED',
    exit: EXIT.failed,
    suggestions: [`See all that it printed: ${log}`],
  })
}
