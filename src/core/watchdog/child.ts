import type { Logger } from 'pino'
import { onLines } from '#core/bot/lines.js'
import { definedOf } from '#core/config/load.js'
import { messageOf, NOT_RETRIED } from '#core/errors.js'
import type { ServiceState } from '#core/service/manager.js'
import { type Clock, within } from '#core/system/clock.js'
import { packageFile } from '#core/system/package.js'
import { exitCodeOfSignal, killTree, start } from '#core/system/processes.js'
import type { Keeper } from './keeper.js'
import type { Kept } from './look.js'

export const LONGEST_PAUSE_MS = 5 * 60_000
/** A bot that ran this long is started again at once. */
const SETTLED_MS = 60_000
const KILLED_MS = 10_000
/** Between a process's end and our hearing of it. */
const EXIT_MS = 1000

/** Pauses double from this, where the restart delay is shorter. */
const LEAST_DOUBLED_MS = 1000

/**
 * The pause before the next start, in milliseconds: none after a good run, the restart delay after the first short one,
 * then twice as long each time, up to 5 minutes. `shortRuns` is how many there were in a row.
 */
export function nextPause(shortRuns: number, restartDelayMs: number): number {
  if (shortRuns === 0) return 0
  if (shortRuns === 1) return restartDelayMs
  return Math.min(LONGEST_PAUSE_MS, Math.max(restartDelayMs, LEAST_DOUBLED_MS) * 2 ** (shortRuns - 1))
}

/** How this very installation starts the bot of a home. */
export function botCommand(home: string): [string, ...string[]] {
  return [process.execPath, packageFile('bin', 'run.js'), 'bot', 'start', '--home', home]
}

export interface ChildOptions {
  /** Node and its arguments. */
  readonly command: readonly [string, ...string[]]
  readonly home: string
  readonly restartDelayMs: number
  readonly log: Logger
  /** Whether a bot runs in this home, whoever started it. */
  readonly botRuns: () => Promise<boolean>
  /** When somebody has wished it to be started at once, if that wish still stands. */
  readonly startWish: () => string | undefined
  /** Told of an end that the bot could not write into the journal; `exit` is one of {@link NOT_RETRIED}. */
  readonly onEnd: (exit: number) => void
}

/** `catalyst bot start` as a child of the watchdog, where no service manager keeps the bot. */
export class ChildBot implements Keeper {
  readonly isOwn = true
  readonly #clock: Clock
  readonly #options: ChildOptions
  #child: Awaited<ReturnType<typeof start>> | undefined
  #ended: Promise<unknown> = Promise.resolve()
  /** While it is being started. */
  #beginning: Promise<void> | undefined
  #startedAt = 0
  /** How many runs in a row ended before they had settled. */
  #shortRuns = 0
  #cancelStart: (() => void) | undefined
  #exit: number | null = null
  #isWanted = false
  /** The wish that was followed last: it stands until the bot runs, and one that can't run is not started without end. */
  #followed: string | undefined

  constructor(clock: Clock, options: ChildOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** Whether it runs as our child. */
  get isRunning(): boolean {
    return this.#child !== undefined || this.#beginning !== undefined
  }

  async kept(): Promise<Kept> {
    // one that somebody else has started is watched, too
    if (this.#child === undefined && (await this.#options.botRuns())) return { process: 'running', exit: null }
    return { process: this.#state(), exit: this.#exit }
  }

  async details(): Promise<unknown> {
    return { ...(await this.kept()), child: this.#child?.pid ?? null, short_runs: this.#shortRuns }
  }

  /** Starts it, at once, unless it runs. */
  async start(): Promise<void> {
    this.#isWanted = true
    if (this.#child !== undefined) await within(this.#clock, EXIT_MS, this.#ended) // it may be gone, and not yet known to be
    this.#cancelStart?.()
    this.#cancelStart = undefined
    if (this.#child === undefined && !(await this.#options.botRuns())) await this.#begin()
  }

  async obey(): Promise<void> {
    const wish = this.#options.startWish()
    if (wish === undefined || wish === this.#followed || this.isRunning || (await this.#options.botRuns())) return
    this.#followed = wish
    await this.start()
  }

  /** Ends it gracefully, and after `graceMs` by force; it is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.#isWanted = false
    this.#cancelStart?.()
    this.#cancelStart = undefined
    await this.#beginning
    const child = this.#child
    if (child === undefined) return
    child.kill('SIGTERM')
    const ended = this.#ended.then(() => true)
    if (!(await within(this.#clock, graceMs, ended))) await killTree(child)
    await within(this.#clock, KILLED_MS, this.#ended)
  }

  #state(): ServiceState {
    if (this.isRunning) return 'running'
    return this.#cancelStart === undefined ? 'stopped' : 'restarting'
  }

  #begin(): Promise<void> {
    this.#beginning ??= this.#spawn().finally(() => {
      this.#beginning = undefined
    })
    return this.#beginning
  }

  async #spawn(): Promise<void> {
    const { command, home, log } = this.#options
    const [program, ...args] = command
    this.#startedAt = this.#clock.monotonic()
    try {
      const child = await start(program, args, { cwd: home, env: environment() })
      this.#child = child
      child.stdout?.resume() // the bot's own log has it
      onLines(child.stderr, (line) => log.warn(`the bot says: ${line}`)) // a secret may come in two pieces
      this.#ended = new Promise((resolve) =>
        child.once('exit', (code, name) => {
          this.#child = undefined
          this.#onExit(code ?? (name === 'SIGKILL' ? null : exitCodeOfSignal(name)))
          resolve(true)
        }),
      )
    } catch (error) {
      log.error(`the bot could not be started: ${messageOf(error)}`)
      this.#onExit(null)
    }
  }

  /** Nobody would catch it that the wish can't be read. Then {@link obey} follows it later. */
  #wish(): string | undefined {
    try {
      return this.#options.startWish()
    } catch {
      return undefined
    }
  }

  #onExit(exit: number | null): void {
    this.#exit = exit
    if (!this.#isWanted) return
    const { restartDelayMs, onEnd, log } = this.#options
    const wish = this.#wish()
    if (wish !== undefined && wish !== this.#followed) {
      this.#followed = wish
      this.#shortRuns = 0
      log.info('the bot is started again at once, as it is wished')
      void this.#begin()
      return
    }
    this.#shortRuns = this.#clock.monotonic() - this.#startedAt >= SETTLED_MS ? 0 : this.#shortRuns + 1
    const pauseMs = nextPause(this.#shortRuns, restartDelayMs)
    log.warn(`the bot ended (exit code ${exit ?? 'unknown'}): it is started again in ${pauseMs / 1000} s`)
    this.#cancelStart = this.#clock.after(pauseMs, () => {
      this.#cancelStart = undefined
      void this.#begin()
    })
    if (exit !== null && NOT_RETRIED.includes(exit)) onEnd(exit)
  }
}

/** What a bot is started with: all that the watchdog has, but for what is the watchdog's own. */
function environment(): Record<string, string> {
  const { CATALYST_SERVICE: _service, NOTIFY_SOCKET: _socket, ...rest } = process.env
  return { ...definedOf(rest), CATALYST_CHILD: '1' }
}
