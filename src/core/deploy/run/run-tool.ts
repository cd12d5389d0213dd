import { win32 } from 'node:path'
import { pathOf, withNode } from '#core/bot/environment.js'
import { locateProgram } from '#core/bot/runners/locate-program.js'
import { CatalystError, codeOf, EXIT } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { isOwnNode } from '#core/platform/package.js'
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
  /**
   * True for a bot that is a module: it is loaded by our node, for which its native modules must be built. A program has
   * the node of the machine where ours is that of a self-contained installation.
   */
  readonly isModule: boolean
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

const NO_PROGRAM = 'there is no such program'
const NODE_MISSING =
  'Install Node.js, which brings npm, and deploy again. A node that Catalyst brings along is its own, and without npm.'
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
  const env = {
    ...(isOwnNode() && !options.isModule ? environment : withNode(environment)),
    [DEPLOYMENT_MARK]: deployment,
  }
  const [program, ...args] = toolOf(argv, folder, pathOf(env))
  if (signal.aborted) throw cancelledTool(shown)
  const child = await start(program, args, { cwd: folder, env, as: owner }).catch((error) => {
    const code = codeOf(error)
    const why = code === 'ENOENT' ? NO_PROGRAM : (code ?? 'it can not be started')
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

function toolOf([program, ...args]: readonly [string, ...string[]], folder: string, path = ''): [string, ...string[]] {
  const script = process.platform === 'win32' ? npmOnWindows(program, path, exists) : undefined
  return [...(script ?? [locateProgram(program, folder, process.platform)]), ...args] as [string, ...string[]]
}

/**
 * Returns how to start npm or npx on Windows, where it is a script that only a shell would start: the first node in PATH
 * runs the first npm there, which may lie beside another node. Returns nothing for other programs, and without npm.
 */
export function npmOnWindows(
  program: string,
  path: string,
  isThere: (file: string) => boolean,
): readonly [string, string] | undefined {
  if (!/^np[mx]$/i.test(program)) return undefined
  const firstOf = (...parts: string[]) =>
    path
      .split(';')
      .map((folder) => win32.join(folder, ...parts))
      .find(isThere)
  const node = firstOf('node.exe')
  const script = firstOf('node_modules', 'npm', 'bin', `${program.toLowerCase()}-cli.js`)
  return node !== undefined && script !== undefined ? [node, script] : undefined
}

function cancelledTool(shown: string): CatalystError {
  return new CatalystError(`${shown} was cancelled.`, { code: 'DEPLOY_CANCELLED', exit: EXIT.failed })
}

function failed({ argv, shown, release, withheld }: ToolOptions, why: string, last: readonly string[]): CatalystError {
  const said = last.join('\n')
  const missed = withheld.filter((name) => said.includes(name))
  return new CatalystError([`${shown} failed: ${why}.`, ...last].join('\n'), {
    code: 'TOOL_FAILED',
    exit: EXIT.failed,
    suggestions: [
      ...(why === NO_PROGRAM && isOfNode(argv[0])
        ? [NODE_MISSING]
        : [`See all that it printed: catalyst deploy log ${release}`]),
      ...(missed.length > 0 ? [`Installing sees no secrets. Let it see this one, in .env: ${letSee(missed)}`] : []),
    ],
  })
}

function isOfNode(program: string): boolean {
  return /^(npm|npx|node)$/i.test(program)
}

function letSee(names: readonly string[]): string {
  return `DEPLOY_INSTALL_ENV=${names.join(',')}`
}
