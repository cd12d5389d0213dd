import type { Logger } from 'pino'
import { definedOf } from '#core/config/load.js'
import { messageOf } from '#core/errors.js'
import type { BotFile } from '#core/home/bot-file.js'
import { endText } from '#core/journal/bot-exits.js'
import { backoffMs } from '#core/platform/backoff.js'
import { type Clock, every, within } from '#core/platform/clock.js'
import { packageFile } from '#core/platform/package.js'
import { onLines } from '#core/platform/process/lines.js'
import { hasExited } from '#core/platform/process/process-id.js'
import { exitCodeOfSignal, start } from '#core/platform/process/processes.js'
import { killProcessTree, killTree, signal } from '#core/platform/process/signals.js'
import { withoutThreadPool } from '#core/platform/process/thread-pool.js'
import type { ServiceState } from '#core/service/manager.js'
import type { Supervisor, SupervisorStatus } from '#core/supervisor/supervisor.js'
import { duration } from '#core/text.js'
import type { Obstacle } from './obstacle.js'

/** The longest pause where something prevents a start: otherwise the bot itself spreads its starts. */
const LONGEST_PAUSE_MS = 5 * 60_000
/** The longest pause beyond the restart delay: what fails before it is a bot must not be started without end. */
const LEAST_LONGEST_MS = 10_000
/** A bot that ran this long is started again at once. */
const SETTLED_MS = 60_000
const KILLED_MS = 10_000
/** The interval at which it checks whether an obstacle to a start is gone, or a bot that was taken over has exited. */
const POLL_INTERVAL_MS = 1000
/** The longest time between a process's exit and its event. */
const EXIT_MS = 2 * POLL_INTERVAL_MS

/** The shortest pause that is doubled: the restart delay may be shorter. */
const LEAST_DOUBLED_MS = 1000

/** Returns the longest pause before a start that nothing is known to prevent. */
export function longestPauseMs(restartDelayMs: number): number {
  return Math.max(restartDelayMs, LEAST_LONGEST_MS)
}

/**
 * Returns the pause before the next start, in milliseconds: none after a good run, the restart delay after the first
 * short one, then twice as long each time, up to `mostMs`. `shortRuns` is how many there were in a row.
 */
export function nextPause(shortRuns: number, restartDelayMs: number, mostMs: number): number {
  if (shortRuns === 0) return 0
  if (shortRuns === 1) return restartDelayMs
  return backoffMs(shortRuns, { firstMs: Math.max(restartDelayMs, LEAST_DOUBLED_MS), mostMs })
}

/** Returns the command with which this installation starts the bot of a home. */
export function botCommand(home: string): [string, ...string[]] {
  return [process.execPath, packageFile('bin', 'run.js'), 'bot', 'start', '--home', home]
}

/** An exit that the watchdog did not ask for. */
export interface BotExit {
  /** The process; undefined where it could not even be started. */
  readonly pid: number | undefined
  /** The exit code; null where it was killed, or that isn't known. */
  readonly exit: number | null
  /** True where it exited by itself, and not by a signal. */
  readonly isByItself: boolean
}

export interface ChildOptions {
  /** Node, and its arguments. */
  readonly command: readonly [string, ...string[]]
  readonly home: string
  readonly restartDelayMs: number
  readonly log: Logger
  /** Returns the bot that runs in this home, no matter who started it. */
  readonly runningBot: () => Promise<BotFile | undefined>
  /** Stops the bot that runs in this home. */
  readonly stopBot: () => Promise<unknown>
  /** Returns when somebody set the desired state to running, if that still holds. */
  readonly desiredStart: () => string | undefined
  /** Returns what prevents a start after this exit, if anything does. */
  readonly obstacle: (exit: number | null) => Obstacle | undefined
  /** Called with each line that the bot shows on its console; undefined: nobody reads them there, and its log has them. */
  readonly onOutput?: ((line: string) => void) | undefined
  /** Called at once on an exit that nobody asked for, before the next start. */
  readonly onExit: (end: BotExit) => void
}

/** A bot of ours: our child, or that of an earlier watchdog. */
interface Running {
  readonly pid: number
  readonly since: number
  readonly exited: Promise<unknown>
  readonly stop: () => void
  readonly kill: () => Promise<void>
  /** Ends what looks for its exit. */
  readonly forget: () => void
  /** True once we have asked it to stop: the code that did starts the next one. */
  isStoppedByUs: boolean
}

/** `catalyst bot start` as a child of the watchdog, where no service manager supervises the bot. */
export class ChildBot implements Supervisor {
  readonly kind = 'watchdog'
  readonly environment = process.env
  readonly #clock: Clock
  readonly #options: ChildOptions
  #bot: Running | undefined
  /** The start that is under way. */
  #starting: Promise<void> | undefined
  /** The number of runs in a row that exited before they had settled. */
  #shortRuns = 0
  #cancelStart: (() => void) | undefined
  #exit: number | null = null
  #isDesired = false
  /**
   * The desired start that was followed last: it holds until the bot runs, and a bot that can't run must not be started
   * without end.
   */
  #lastFollowed: string | undefined

  constructor(clock: Clock, options: ChildOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** True while it runs as our child, or is being started. */
  get isRunning(): boolean {
    return this.#bot !== undefined || this.#starting !== undefined
  }

  async status(): Promise<SupervisorStatus> {
    // a bot that somebody else has started is watched, too
    const isOthers = await this.#isOthersBot()
    const known = isOthers
      ? ({ process: 'running', exit: null } as const)
      : { process: this.#state(), exit: this.#exit }
    return { ...known, details: { ...known, child: this.#bot?.pid ?? null, short_runs: this.#shortRuns } }
  }

  /** Starts it, at once, unless it runs. */
  async start(): Promise<void> {
    this.#isDesired = true
    // it may have exited without our having heard of it
    if (this.#bot !== undefined) await within(this.#clock, EXIT_MS, this.#bot.exited)
    this.#cancelStart?.()
    if (this.#bot === undefined && !(await this.#isOthersBot())) await this.#startNow()
  }

  async restart(refuse?: () => void): Promise<void> {
    refuse?.()
    this.expectExit()
    await this.#options.stopBot()
    await this.start()
  }

  /** Returns nothing: it tries for ever. */
  async fault(): Promise<undefined> {}

  async followDesiredStart(): Promise<void> {
    const desired = this.#options.desiredStart()
    if (desired === undefined || desired === this.#lastFollowed || this.isRunning || (await this.#isOthersBot())) return
    this.#lastFollowed = desired
    await this.start()
  }

  /** Marks its next exit as our own doing: that causes no alert and no start. */
  expectExit(): void {
    if (this.#bot) this.#bot.isStoppedByUs = true
  }

  /** Stops it gracefully, and after `graceMs` by force; it is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.#isDesired = false
    this.#cancelStart?.()
    await this.#starting
    const bot = this.#bot
    if (bot === undefined) return
    bot.stop()
    const hasExited = bot.exited.then(() => true)
    if (!(await within(this.#clock, graceMs, hasExited))) await bot.kill()
    await within(this.#clock, KILLED_MS, bot.exited)
  }

  /** Lets it run on, as the bot of a watchdog that is gone: the next watch of its home takes it over. */
  async release(): Promise<void> {
    this.#isDesired = false
    this.#cancelStart?.()
    await this.#starting
    this.#bot?.forget()
    this.#bot = undefined
  }

  #state(): ServiceState {
    if (this.isRunning) return 'running'
    return this.#cancelStart === undefined ? 'stopped' : 'restarting'
  }

  /**
   * Returns whether a bot runs that is none of ours. It takes over one that an earlier watchdog of this home has left
   * behind.
   */
  async #isOthersBot(): Promise<boolean> {
    if (this.#bot !== undefined) return false
    const bot = await this.#options.runningBot()
    if (bot === undefined || this.isRunning) return false
    if (bot.supervisor !== 'watchdog') return true
    this.#takeOver(bot)
    return false
  }

  #takeOver(file: BotFile): void {
    const { pid } = file
    this.#options.log.info(`the bot (pid ${pid}) of a watchdog that is gone is taken over`)
    this.#isDesired = true
    let forget = () => {}
    const exited = new Promise<void>((resolve) => {
      forget = every(this.#clock, POLL_INTERVAL_MS, () => {
        if (!hasExited(file)) return
        forget()
        resolve()
      })
    })
    const ranMs = this.#clock.now() - Date.parse(file.since)
    const bot: Running = {
      pid,
      since: this.#clock.monotonic() - Math.max(0, ranMs || 0),
      exited: exited.then(() => this.#onExit(bot, null, false)),
      stop: () => signal(pid, 'SIGTERM'),
      kill: () => killProcessTree(pid),
      forget,
      isStoppedByUs: false,
    }
    this.#bot = bot
  }

  #startNow(): Promise<void> {
    this.#starting ??= this.#spawn().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #spawn(): Promise<void> {
    const { command, home, log, onOutput } = this.#options
    const [program, ...args] = command
    const since = this.#clock.monotonic()
    try {
      const child = await start(program, args, { cwd: home, env: environment() })
      let isForgotten = false
      if (onOutput) onLines(child.stdout, (line) => isForgotten || onOutput(line))
      else child.stdout?.resume()
      onLines(child.stderr, (line) => isForgotten || log.warn(`the bot says: ${line}`)) // a secret may come in two pieces
      const exited = new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
        child.once('exit', (code, name) => resolve([code, name])),
      )
      const bot: Running = {
        pid: child.pid,
        since,
        exited: exited.then(([code, name]) =>
          this.#onExit(bot, code ?? (name === 'SIGKILL' ? null : exitCodeOfSignal(name)), code !== null),
        ),
        stop: () => void child.kill('SIGTERM'),
        kill: () => killTree(child),
        forget: () => {
          isForgotten = true
        },
        isStoppedByUs: false,
      }
      this.#bot = bot
    } catch (error) {
      log.error(`the bot could not be started: ${messageOf(error)}`)
      this.#onExit({ pid: undefined, since, isStoppedByUs: false }, null, false)
    }
  }

  /** Returns the desired start; undefined where it can't be read. Then {@link followDesiredStart} follows it later. */
  #desiredStart(): string | undefined {
    try {
      return this.#options.desiredStart()
    } catch {
      return undefined
    }
  }

  #onExit(
    bot: Pick<Running, 'since' | 'isStoppedByUs'> & { readonly pid: number | undefined },
    exit: number | null,
    isByItself: boolean,
  ): void {
    if (this.#bot === bot) this.#bot = undefined
    this.#exit = exit
    if (!this.#isDesired) return
    const { onExit, log } = this.#options
    const desired = this.#desiredStart()
    if (desired !== undefined && desired !== this.#lastFollowed) {
      this.#lastFollowed = desired
      this.#shortRuns = 0
      log.info('the bot is started again at once: somebody asked for it')
      void this.#startNow()
      return
    }
    if (bot.isStoppedByUs) return
    onExit({ pid: bot.pid, exit, isByItself })
    this.#shortRuns = this.#clock.monotonic() - bot.since >= SETTLED_MS ? 0 : this.#shortRuns + 1
    this.#startLater(exit, bot.pid === undefined ? 'the bot did not start' : endText(exit))
  }

  /** Starts it after a pause, or earlier when the obstacle is gone. */
  #startLater(exit: number | null, end: string): void {
    const { restartDelayMs, log, obstacle: find } = this.#options
    const obstacle = find(exit)
    const mostMs = obstacle ? LONGEST_PAUSE_MS : longestPauseMs(restartDelayMs)
    const pauseMs = obstacle?.isSure ? LONGEST_PAUSE_MS : nextPause(this.#shortRuns, restartDelayMs, mostMs)
    log.warn(`${end}: ${nextStartText(pauseMs, obstacle)}`)
    const begin = () => {
      this.#cancelStart?.()
      void this.#startNow()
    }
    const stops = obstacle?.isHold ? [] : [this.#clock.after(pauseMs, begin)]
    if (obstacle) {
      const startOnceGone = () => {
        if (!obstacle.isGone()) return
        this.#shortRuns = 0
        log.info(`the bot is started again at once: ${obstacle.until}`)
        begin()
      }
      stops.push(every(this.#clock, POLL_INTERVAL_MS, startOnceGone))
    }
    this.#cancelStart = () => {
      this.#cancelStart = undefined
      for (const stop of stops) stop()
    }
  }
}

function nextStartText(pauseMs: number, obstacle: Obstacle | undefined): string {
  if (obstacle?.isHold) return `${obstacle.what}; it is started again as soon as ${obstacle.until}`
  const when = pauseMs === 0 ? 'at once' : `in ${duration(pauseMs)}`
  if (obstacle === undefined || pauseMs === 0) return `it is started again ${when}`
  return `${obstacle.what}; it is started again ${when}, or as soon as ${obstacle.until}`
}

/** Returns the environment that a bot is started with: the watchdog's, without what is the watchdog's own. */
function environment(): Record<string, string> {
  const own = ['CATALYST_SERVICE', 'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']
  const others = Object.entries(definedOf(withoutThreadPool(process.env))).filter(([name]) => !own.includes(name))
  return { ...Object.fromEntries(others), CATALYST_CHILD: '1' }
}
