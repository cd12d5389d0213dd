import type { ChildProcess } from 'node:child_process'
import os from 'node:os'
import { codeOf } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { isForAnother, isRoot } from './users.js'

/** The time limit for a program of the system that normally answers at once. */
export const QUERY_TIMEOUT_MS = 10_000

export interface RunResult {
  /** The exit code; undefined when the program could not be started or was killed by a signal or the time limit. */
  readonly exit: number | undefined
  /** The reason why it could not be started, such as `ENOENT`; `ETIMEDOUT` if the time limit killed it. */
  readonly failure: string | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Loads node's module when the first program is started: a bot's start must not wait for it. */
function childProcess() {
  return process.getBuiltinModule('node:child_process')
}

/** Returns why it failed: in its own words, else `ENOENT` or the like, else its exit code. */
export function failureText({ exit, failure, stderr, stdout }: RunResult): string {
  const words = stderr.trim() || stdout.trim()
  if (failure === 'ETIMEDOUT') return ['it took too long', ...(words === '' ? [] : [words])].join(': ')
  return (words || failure) ?? (exit === undefined ? 'it was killed' : `exit code ${exit}`)
}

/** A user by their numbers. */
interface UserNumbers {
  readonly uid: number
  readonly gid: number
}

/** Returns the options for node's `spawn` and its like: only root can start a program as another user. */
function asUser(user: UserNumbers | undefined): Partial<UserNumbers> {
  return user !== undefined && isRoot() ? { uid: user.uid, gid: user.gid } : {}
}

interface RunOptions {
  readonly timeoutMs: number
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly as?: UserNumbers
}

/** The time for which Windows may block a program that a virus scanner inspects. */
const BARRED_MS = 500

/**
 * Runs a program until it exits, without a shell, and never throws: failures are in the result. Root may run it `as`
 * another user. On Windows a program that could not be started for an unnamed reason is tried once more.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const result = await runOnce(program, args, options)
  if (process.platform !== 'win32' || result.failure !== 'UNKNOWN') return result
  await new Promise((resolve) => setTimeout(resolve, BARRED_MS))
  return runOnce(program, args, options)
}

function runOnce(
  program: string,
  args: readonly string[],
  { timeoutMs, cwd, env, as }: RunOptions,
): Promise<RunResult> {
  const { execFile } = childProcess()
  return new Promise<RunResult>((resolve) => {
    execFile(
      program,
      args,
      {
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        windowsHide: true,
        maxBuffer: 16 * 1024 * 1024,
        encoding: 'buffer',
        ...(cwd !== undefined && { cwd }),
        ...asUser(as),
        env: { ...(env ?? process.env), LC_ALL: 'C' },
      },
      (error, stdout, stderr) => {
        const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined
        const failure = typeof error?.code === 'string' ? error.code : error?.killed ? 'ETIMEDOUT' : undefined
        resolve({ exit, failure, stdout: textOf(stdout), stderr: textOf(stderr) })
      },
    )
    // node throws what it takes for its caller's mistake: also UNKNOWN, with which Windows blocks what a virus scanner
    // holds
  }).catch((error) => ({ exit: undefined, failure: codeOf(error) ?? 'UNKNOWN', stdout: '', stderr: '' }))
}

/**
 * Decodes a program's output: UTF-8, or UTF-16, which some programs of Windows write (known by its mark, or an ASCII
 * letter).
 */
export function textOf(bytes: Buffer): string {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes.length > 1 && bytes[0] !== 0 && bytes[1] === 0)
  return bytes.toString(isWide ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '')
}

/**
 * Starts a long-running program, without a shell, its streams piped. On POSIX it leads a process group of its own, so
 * that all of it can be killed; on Windows it shares our console, so that Ctrl-C reaches it.
 * @throws the system's error, such as `ENOENT`
 */
export async function start(
  program: string,
  args: readonly string[],
  options: {
    cwd: string
    env: Readonly<Record<string, string>>
    /** The user to run it as, if we run as root. */
    as?: UserNumbers
  },
): Promise<ChildProcess & { pid: number }> {
  const { as, ...rest } = options
  // node would enter the folder as root, before the child becomes its user: a link there may lead anywhere
  const entersLater = process.platform === 'linux' && as !== undefined && isForAnother(as)
  const [first, words, cwd]: [string, readonly string[], string] = entersLater
    ? ['/usr/bin/env', ['-C', rest.cwd, program, ...args], '/']
    : [program, args, rest.cwd]
  const child = childProcess().spawn(first, words, {
    ...rest,
    cwd,
    ...asUser(as),
    stdio: 'pipe',
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  return child as ChildProcess & { pid: number }
}

/** Lets a program have what processor time the others leave; that it may not be permitted does no harm. */
export function lowerPriority(pid: number): void {
  try {
    // a lower one that it has inherited stays
    os.setPriority(pid, Math.max(os.getPriority(pid), os.constants.priority.PRIORITY_BELOW_NORMAL))
  } catch {
    // it has exited, or the system forbids it
  }
}

/**
 * The time to wait for a program's last output. A child of its own may keep the pipe open for longer, and isn't waited
 * for.
 */
const LAST_WORDS_MS = 500

/**
 * Resolves when a child has exited and its last output has arrived: to its exit code, or to {@link exitCodeOfSignal}.
 * Call it right after {@link start}, before the child can exit.
 */
export function waitForExit(clock: Clock, child: ChildProcess): Promise<number> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return new Promise((resolve) => {
    child.once('exit', async (code, name) => {
      await within(clock, LAST_WORDS_MS, closed)
      resolve(code ?? exitCodeOfSignal(name))
    })
  })
}

/** Returns the exit code that stands for an exit by a signal: 128 plus the signal's number, as in shells. */
export function exitCodeOfSignal(name: NodeJS.Signals | null): number {
  return 128 + (name === null ? 0 : os.constants.signals[name])
}
