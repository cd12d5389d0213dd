import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { MARK } from './still-running.js'
import { PATIENCE_MS } from './until.js'

/** What a command line needs of the environment. Everything else stays out: it may hold settings of ours. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG']

/** A path below which nothing can be made: no test adds to the registry of homes of the user who runs it. */
const NO_FOLDER = '/dev/null/none'

/** Where it is noon: what a bot counts by its local day is counted on, whenever the tests run. */
const NOON = timeZoneOfNoon(new Date().getUTCHours())

export interface Result {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  /** What it printed on both. */
  readonly output: string
  readonly hasEnded: boolean
  /** Its standard input, where that is a pipe. */
  readonly stdin: Writable | null
  /** When it was started, as `performance.now()` tells it. */
  readonly since: number
  kill(signal: NodeJS.Signals): void
  /** Nobody listens to it any more: what it prints comes back as an error. */
  closeOutput(): void
  /** Its end; fails when that takes longer than `ms`. */
  result(ms?: number): Promise<Result>
}

export type Environment = Readonly<Record<string, string>>

/** Starts a program with a clean environment and the mark of the test's folder. Its standard input is empty. */
export type Run = (
  program: string,
  args: readonly string[],
  options: { folder: string; cwd?: string; env?: Environment; stdin?: 'ignore' | 'pipe' },
) => Running

/** A word of BOT_COMMAND for this very Node. */
export const NODE = `"${process.execPath}"`

/** Starts programs, and adds each to these children. */
export function runner(children: Set<ChildProcess>): Run {
  return (program, args, { folder, cwd = folder, env = {}, stdin = 'ignore' }) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...cleanEnvironment(), [MARK]: folder, ...env },
      stdio: [stdin, 'pipe', 'pipe'],
    })
    children.add(child)
    return watch(child, [program, ...args].join(' '))
  }
}

function cleanEnvironment(): Record<string, string> {
  const kept = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(kept), TZ: NOON, NO_COLOR: '1', XDG_CONFIG_HOME: NO_FOLDER }
}

/** East of Greenwich has a minus there. */
function timeZoneOfNoon(hours: number): string {
  return hours <= 12 ? `Etc/GMT-${12 - hours}` : `Etc/GMT+${hours - 12}`
}

function watch(child: ChildProcess, name: string): Running {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const ended = new Promise<Result>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  ended.catch(() => {})
  return {
    pid: child.pid as number,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    get output() {
      return stdout + stderr
    },
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null
    },
    stdin: child.stdin,
    since: performance.now(),
    kill: (signal) => void child.kill(signal),
    closeOutput() {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
    async result(ms = PATIENCE_MS) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${name} did not end within ${ms} ms:\n${stdout}${stderr}`)), ms)
      })
      return Promise.race([ended, late]).finally(() => clearTimeout(timer))
    },
  }
}
