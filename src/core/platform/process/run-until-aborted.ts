import type { Clock } from '#core/platform/clock.js'
import { start, textOf, waitForExit } from './processes.js'
import { killTree } from './signals.js'

interface Options {
  readonly cwd: string
  readonly signal: AbortSignal
  /** The user to run it as, if we run as root. */
  readonly as?: { readonly uid: number; readonly gid: number }
}

/**
 * Runs a program that may take long, without a shell and without input, until it exits or the signal aborts: then it is
 * killed with all that it has started. Returns what it has printed.
 * @throws the system's error where it can't be started, such as `ENOENT`
 */
export async function runUntilAborted(
  clock: Clock,
  program: string,
  args: readonly string[],
  { cwd, signal, as }: Options,
): Promise<{ readonly exit: number; readonly stdout: string; readonly stderr: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
  const child = await start(program, args, { cwd, env: { ...env, LC_ALL: 'C' }, ...(as && { as }) })
  const exited = waitForExit(clock, child)
  child.stdin?.on('error', () => {}).end()
  const said: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] }
  for (const stream of ['stdout', 'stderr'] as const) child[stream]?.on('data', (chunk) => said[stream].push(chunk))
  const kill = () => void killTree(child)
  if (signal.aborted) kill()
  signal.addEventListener('abort', kill, { once: true })
  try {
    const exit = await exited
    return { exit, stdout: textOf(Buffer.concat(said.stdout)), stderr: textOf(Buffer.concat(said.stderr)) }
  } finally {
    signal.removeEventListener('abort', kill)
  }
}
