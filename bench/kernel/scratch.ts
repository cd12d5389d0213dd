import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endAll, MARK } from '../../test/support/e2e/still-running.js'

export type Words = readonly [string, ...string[]]

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** The time after which it is killed, in ms. */
  readonly timeout?: number
}

export interface Result {
  readonly ms: number
  readonly code: number | null
  readonly stdout: string
}

const TERM_MS = 20_000

/** All that a run of the bench starts and makes; closing it ends and removes that, however far the run has come. */
export class Scratch {
  readonly #children = new Set<ChildProcess>()
  readonly #folders: string[] = []
  readonly #closers: (() => unknown)[] = []
  /** In the environment of all that it starts: what those have left behind is found by it. */
  readonly #mark = `bench-${process.pid}-${performance.now()}`
  /** The folder of a user's own settings: the list of homes there is another one than that of whoever measures. */
  readonly #settings = this.folder()
  #isOver = false

  /** Makes an empty folder. */
  folder(): string {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'catalyst-bench-'))
    this.#folders.push(folder)
    return folder
  }

  /** Calls it when all ends, the last one first. */
  closeLater(close: () => unknown): void {
    this.#closers.push(close)
  }

  /** Starts what goes on until it is ended. */
  start([program, ...args]: Words, { cwd, env }: RunOptions = {}): ChildProcess {
    return this.#spawn(program, args, cwd, env, ['ignore', 'ignore', 'ignore'])
  }

  /** Runs a program to its end, and returns how long that took. What it prints is read, unless `isTimed`. */
  run(
    [program, ...args]: Words,
    { cwd, env, input, timeout, isTimed }: RunOptions & { isTimed?: boolean } = {},
  ): Promise<Result> {
    const out = isTimed ? 'ignore' : 'pipe'
    const began = performance.now()
    const child = this.#spawn(program, args, cwd, env, [input === undefined ? 'ignore' : 'pipe', out, out])
    const late = timeout === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeout).unref()
    child
      .once('exit', () => clearTimeout(late))
      .stdin?.on('error', () => {})
      .end(input)
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk
    })
    child.stderr?.resume()
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      if (isTimed) child.once('exit', (code) => resolve({ ms: performance.now() - began, code, stdout }))
      else child.once('close', (code) => resolve({ ms: performance.now() - began, code, stdout }))
    })
  }

  /** Runs a program that must succeed, and returns what it prints. @throws an Error where it fails */
  async output(words: Words, options: RunOptions = {}): Promise<string> {
    const { code, stdout } = await this.run(words, options)
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`)
    return stdout
  }

  /**
   * Runs a program that must end with one of these codes, and returns the time that took, in ms. With `isRead` what it prints
   * is read: some programs do less for nobody.
   */
  async wallMs(
    words: Words,
    { codes = [0], isRead = false, ...options }: RunOptions & { codes?: readonly number[]; isRead?: boolean } = {},
  ): Promise<number> {
    const { ms, code } = await this.run(words, { ...options, isTimed: !isRead })
    if (code === null || !codes.includes(code)) throw new Error(`${words.join(' ')} ended with ${code}`)
    return ms
  }

  /** Asks a program to end, and kills it where it doesn't. */
  async end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), TERM_MS)
    await ended
    clearTimeout(late)
  }

  /** Ends and removes everything; nothing starts after that. A closer that fails is no reason to leave the rest. */
  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop())
      await (async () => close())().catch(() => {})
    this.#isOver = true
    await Promise.all([...this.#children].map((child) => this.end(child)))
    await endAll(new Set(), [this.#mark])
    for (const folder of this.#folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  }

  #spawn(
    program: string,
    args: readonly string[],
    cwd: string | undefined,
    env: Readonly<Record<string, string>> | undefined,
    stdio: ('ignore' | 'pipe')[],
  ): ChildProcess {
    if (this.#isOver) throw new Error('everything has ended')
    const child = spawn(program, args, {
      cwd,
      stdio,
      env: { ...process.env, XDG_CONFIG_HOME: this.#settings, [MARK]: this.#mark, ...env },
    })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child)).on('error', () => this.#children.delete(child))
    return child
  }
}
