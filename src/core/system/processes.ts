import { type ChildProcess, execFile, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { codeOf } from '#core/errors.js'
import { type Clock, within } from './clock.js'
import { linuxPids } from './proc.js'
import { isForAnother, isRoot } from './users.js'
import { systemProgram } from './windows.js'

/**
 * Who a process is. A pid alone may have been used again, so its start time and the boot it belongs to come with it.
 */
export interface ProcessId {
  readonly pid: number
  /** When the process began. Linux: clock ticks since boot; elsewhere milliseconds since 1970. */
  readonly started: number
  /** Names this boot of the machine. */
  readonly boot: string
}

/** Outside Linux start times are rounded to a second by some systems and by ps, and never read to the millisecond. */
const START_TOLERANCE_MS = 2500

/** How long a program of the system may take for what it answers at once when all is well. */
export const QUESTION_TIMEOUT_MS = 10_000

export function thisProcess(): ProcessId {
  const started = process.platform === 'linux' ? linuxStart(process.pid) : Math.round(performance.timeOrigin)
  return { pid: process.pid, started: started ?? Math.round(performance.timeOrigin), boot: bootId() }
}

export async function identify(pid: number): Promise<ProcessId | undefined> {
  const started = await startOf(pid)
  return started === undefined ? undefined : { pid, started, boot: bootId() }
}

/**
 * Whether exactly this process still runs. Linux's start times count from the boot. Elsewhere they belong to one boot
 * alone, while that of the boot itself moves when the clock is set; only where the system doesn't tell one, it and the pid
 * decide.
 */
export async function isRunning(id: ProcessId): Promise<boolean> {
  if (!pidExists(id.pid)) return false
  if (process.platform === 'linux') return sameBoot(id.boot) && linuxStart(id.pid) === id.started
  const started = await startOf(id.pid)
  if (started === undefined) return sameBoot(id.boot) && pidExists(id.pid)
  return Math.abs(started - id.started) < START_TOLERANCE_MS
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** This machine's name. */
export function hostName(): string {
  return os.hostname()
}

let boot: string | undefined
/** Linux's own boot id; elsewhere the minute the machine was booted. */
function bootId(): string {
  boot ??= readBootId()
  return boot
}

function readBootId(): string {
  if (process.platform === 'linux') return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return String(Math.round((Date.now() / 1000 - os.uptime()) / 60))
}

function sameBoot(other: string): boolean {
  if (process.platform === 'linux') return other === bootId()
  return Math.abs(Number(other) - Number(bootId())) <= 2 // a clock that was set moves the computed boot time
}

async function startOf(pid: number): Promise<number | undefined> {
  if (process.platform === 'linux') return linuxStart(pid)
  const question: [string, string[]] =
    process.platform === 'win32'
      ? [
          systemProgram('WindowsPowerShell\\v1.0\\powershell.exe'),
          [
            '-NoProfile',
            '-NonInteractive',
            '-Command',
            `[DateTimeOffset]::new((Get-Process -Id ${pid}).StartTime).ToUnixTimeMilliseconds()`,
          ],
        ]
      : ['ps', ['-o', 'lstart=', '-p', String(pid)]]
  const { stdout } = await run(...question, { timeoutMs: QUESTION_TIMEOUT_MS })
  const text = stdout.trim()
  if (text === '') return undefined
  const started = process.platform === 'win32' ? Number(text) : Date.parse(text)
  return Number.isFinite(started) ? started : undefined
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold blanks and brackets. A zombie has ended. */
function linuxStart(pid: number): number | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19])
  } catch {
    return undefined
  }
}

export interface RunResult {
  /** The exit code; undefined when the program could not be started or was ended by a signal or the time limit. */
  readonly exit: number | undefined
  /** Why it could not be started, such as `ENOENT`; `ETIMEDOUT` where the time limit ended it. */
  readonly failure: string | undefined
  readonly stdout: string
  readonly stderr: string
}

/** In what words it failed: its own, else `ENOENT` or the like, else its exit code. */
export function saidBy({ exit, failure, stderr, stdout }: RunResult): string {
  const words = stderr.trim() || stdout.trim()
  if (failure === 'ETIMEDOUT') return ['it took too long', ...(words === '' ? [] : [words])].join(': ')
  return (words || failure) ?? (exit === undefined ? 'it was killed' : `exit code ${exit}`)
}

/** A user by their numbers. */
interface UserNumbers {
  readonly uid: number
  readonly gid: number
}

/** For node's `spawn` and its like: only root may start a program as somebody. */
function asUser(user: UserNumbers | undefined): Partial<UserNumbers> {
  return user !== undefined && isRoot() ? { uid: user.uid, gid: user.gid } : {}
}

interface RunOptions {
  readonly timeoutMs: number
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly as?: UserNumbers
}

/** How long Windows may bar a program that a virus scanner looks at. */
const BARRED_MS = 500

/**
 * Runs a program to its end, without a shell, and never throws: what went wrong is in the answer. Where root runs us, it
 * may run `as` somebody else. On Windows one that could not be begun for a reason that has no name is tried once more.
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
    // what node takes for its caller's mistake it throws: also UNKNOWN, by which Windows bars what a virus scanner holds
  }).catch((error) => ({ exit: undefined, failure: codeOf(error) ?? 'UNKNOWN', stdout: '', stderr: '' }))
}

/** What a program printed: UTF-8, or UTF-16, which some of Windows' programs write (by its mark, or an ASCII letter). */
export function textOf(bytes: Buffer): string {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes.length > 1 && bytes[0] !== 0 && bytes[1] === 0)
  return bytes.toString(isWide ? 'utf16le' : 'utf8').replace(/^\uFEFF/, '')
}

/**
 * Starts a program that goes on running, without a shell, its streams piped. On POSIX it leads a process group of its
 * own, so that all of it can be ended; on Windows it shares our console, so that Ctrl-C reaches it.
 * @throws the system's error, such as `ENOENT`
 */
export async function start(
  program: string,
  args: readonly string[],
  options: {
    cwd: string
    env: Readonly<Record<string, string>>
    /** Where root runs us: who it is to run as. */
    as?: UserNumbers
  },
): Promise<ChildProcess & { pid: number }> {
  const { as, ...rest } = options
  // node would enter the folder as root, before the child becomes its user: a link there may lead anywhere
  const entersLater = process.platform === 'linux' && as !== undefined && isForAnother(as)
  const [first, words, cwd]: [string, readonly string[], string] = entersLater
    ? ['/usr/bin/env', ['-C', rest.cwd, program, ...args], '/']
    : [program, args, rest.cwd]
  const child = spawn(first, words, {
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

/** For what a program printed last. A child of its own may keep the pipe open for longer, and isn't waited for. */
const LAST_WORDS_MS = 500

/**
 * Resolves when a child has ended and its last words have come: to its exit code, or to {@link exitCodeOfSignal}. Call it
 * right after {@link start}, before the child can have ended.
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

/** The exit code that stands for an end by a signal: 128 and the signal's number, as shells have it. */
export function exitCodeOfSignal(name: NodeJS.Signals | null): number {
  return 128 + (name === null ? 0 : os.constants.signals[name])
}

/** Sends a signal to one process; one that is gone is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

/**
 * Ends a child and all that it started, at once. On POSIX the child must lead a process group of its own, as
 * {@link start} makes it. What left the group is found by {@link pidsWithEnvironment}.
 */
export async function killTree(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return
  if (process.platform !== 'win32') {
    signalGroup(child.pid, 'SIGKILL')
    return
  }
  await taskkill(child.pid)
  child.kill() // what taskkill could not do, at least for the child itself
}

/** Kills a process that isn't a child of ours, on Windows with all that it started. One that is gone is fine. */
export async function killProcessTree(pid: number): Promise<void> {
  if (process.platform === 'win32') await taskkill(pid)
  signal(pid, 'SIGKILL')
}

/** Windows' own way to kill a process with all that it started. */
async function taskkill(pid: number): Promise<void> {
  await run(systemProgram('taskkill.exe'), ['/pid', String(pid), '/t', '/f'], { timeoutMs: QUESTION_TIMEOUT_MS })
}

/**
 * What is left of what we started: the process group that `leader` leads, as its negative number, and whatever has
 * `NAME=value` in its environment.
 */
export function leftBehind(leader: number | undefined, name: string, value: string): number[] {
  const isGroup = leader !== undefined && process.platform !== 'win32' && signalGroup(leader, 0)
  return [...(isGroup ? [-leader] : []), ...pidsWithEnvironment(name, value)]
}

/** Sends a signal to a whole process group; false when no process is left in it. */
export function signalGroup(leader: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, name)
    return true
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
    if (codeOf(error) === 'EPERM') return true
    throw error
  }
}

/**
 * The processes whose environment holds exactly `NAME=value`: finds what forked itself away from its parent.
 * Only Linux shows other processes' environments; elsewhere the answer is empty.
 */
export function pidsWithEnvironment(name: string, value: string): number[] {
  if (process.platform !== 'linux') return []
  const wanted = `\0${name}=${value}\0`
  return linuxPids().filter(
    (pid) => pid !== process.pid && linuxStart(pid) !== undefined && environmentOf(pid).includes(wanted),
  )
}

function environmentOf(pid: number): string {
  try {
    return `\0${fs.readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`
  } catch {
    return '' // ended meanwhile, or another user's
  }
}
