import type { StopResult } from '#core/bot/stop-bot.js'
import type { Dependency } from '#core/config/rule.js'
import type { Settings } from '#core/config/schema.js'
import { messageOf, writeFault } from '#core/errors.js'
import { announcedText } from '#core/health/announced/announced.js'
import type { Wait } from '#core/health/announced/safe-moment.js'
import { healthLine } from '#core/health/health-line.js'
import { activeRelease } from '#core/home/active-release.js'
import { readBotFile } from '#core/home/bot-file.js'
import { readDesiredStop } from '#core/home/desired-state.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type Pause, pauseOf, pauseText } from '#core/home/pause.js'
import { EVIDENCE_MS } from '#core/incidents/evidence.js'
import { type Incident, isOpen } from '#core/incidents/incident.js'
import { IncidentReporter, type ReporterOptions } from '#core/incidents/reporter.js'
import { endText } from '#core/journal/bot-exits.js'
import { type JournalEntry, readNewest } from '#core/journal/journal.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { type Clock, sleep, within } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import { keepSpares } from '#core/platform/fs/spare.js'
import { pollUntil } from '#core/platform/poll.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import { Bakes, type BakesOptions } from './bakes.js'
import type { BotExit } from './child.js'
import { Exits } from './exits.js'
import { isDeploying, observe } from './observe.js'
import { step, TICK_MS } from './policy/policy.js'
import type { Rules } from './policy/rules.js'
import { type Effect, type Event, initialState, type State } from './policy/state.js'
import { Recoveries } from './recoveries.js'
import { Repairs, type RepairsOptions } from './repairs.js'
import { NO_TOTALS, type Totals, withStep } from './totals.js'
import { restartsOnClock, restartsOnWall, type WatchdogFile, writeWatchdogFile } from './watchdog-file.js'

export interface WatchOptions extends Omit<ReporterOptions, 'service'> {
  readonly settings: Settings
  readonly dependencies: readonly Dependency[]
  readonly rules: Rules
  readonly supervisor: Supervisor
  /** Returns whether the bot has another supervisor by now: then this watch ends. */
  readonly isOver: () => boolean
  /** The state that an earlier watchdog of this home has saved. */
  readonly saved: WatchdogFile | undefined
  readonly stopBot: () => Promise<StopResult>
  /** Resumes or rolls back an interrupted deployment, with this supervisor: none where the bot is to stay stopped. */
  readonly recover: (supervisor: Supervisor) => Promise<void>
  readonly repair: RepairsOptions['repair']
  readonly takeBack: BakesOptions['takeBack']
  /** Called with what it remembers, each time that this changes. */
  readonly onSaved?: (file: WatchdogFile) => void
  /** Ends the supervision of the bot: it is stopped where it is the watchdog's child, unless another watch follows. */
  readonly close: (end: WatchEnd) => Promise<void>
}

/** Why a watch ends. `followed`: by another watch of this process. `gone`: its home is no longer there. */
export type WatchEnd = 'over' | 'followed' | 'gone'

const PROOF_MS = 500
/** An incident that was over for so long when its watchdog was killed has had its alert. */
const ALERT_AGAIN_MS = 60_000
const NOT_RESTARTED = { worked: false, isRestarted: false }

/** The loop of the watchdog: it feeds the policy with what it observes, and carries out what the policy decides. */
export class Watch {
  readonly #clock: Clock
  readonly #options: WatchOptions
  readonly #journal: JournalTail
  readonly #reporter: IncidentReporter
  #state: State
  #observeAt: number
  #status: string | null = null
  /** The pause that was logged last, in words. */
  #paused: string | undefined
  readonly #exits: Exits
  /** Journal entries that no watchdog has handled, since the one before was killed. */
  #missed: readonly JournalEntry[]
  /** Exits of our own child that the policy has not been given yet. */
  #childExits: { readonly exit: BotExit; readonly wall: number; readonly isHeld: boolean }[] = []
  readonly #supervisorFault: FaultLatch
  readonly #ownFault: FaultLatch
  readonly #saveFault: FaultLatch
  #totals: Totals
  #end: AbortSignal = new AbortController().signal
  readonly #recoveries: Recoveries
  readonly #repairs: Repairs
  readonly #bakes: Bakes

  constructor(clock: Clock, options: WatchOptions) {
    const { saved, rules, paths, log } = options
    const [now, wall] = [clock.monotonic(), clock.now()]
    this.#clock = clock
    this.#options = options
    this.#journal = new JournalTail(paths.journal)
    this.#missed = saved?.watching ? entriesSince(paths, saved.checked_at) : []
    this.#exits = new Exits(saved?.told)
    this.#reporter = new IncidentReporter(clock, { ...options, service: () => this.#details() })
    this.#supervisorFault = new FaultLatch((fault) =>
      log.warn(fault ? `the bot's supervisor gives no answer: ${fault}` : "the bot's supervisor answers again"),
    )
    this.#ownFault = new FaultLatch((fault) =>
      fault ? log.error(`the bot can't be watched: ${fault}`) : log.info('the bot is watched again'),
    )
    this.#saveFault = new FaultLatch((fault) => fault && log.error(fault))
    this.#recoveries = new Recoveries(clock, options)
    this.#repairs = new Repairs({ ...options, save: () => this.#save() }, saved?.repaired)
    const bakeHours = options.settings.DEPLOY_BAKE_HOURS
    this.#bakes = new Bakes(clock, { ...options, bakeHours, save: () => this.#save() }, saved?.taken_back)
    this.#observeAt = now
    this.#totals = saved?.totals ?? NO_TOTALS
    this.#state = initialState(now, rules, {
      restarts: restartsOnClock(saved?.restarts ?? [], now, wall),
      incident: saved?.incident ?? undefined,
    })
  }

  async run(end: AbortSignal): Promise<void> {
    this.#end = end
    this.#alertAgain()
    while (!end.aborted) {
      try {
        if (this.#options.isOver()) return
        const isPaused = this.#pause() !== undefined
        if (!isPaused) await this.#recoveries.recoverIfDue()
        await this.#options.supervisor.followDesiredStart?.()
        await this.#handleExits()
        if (!isPaused) await this.#repairs.repairIfDue(end)
        if (this.#clock.monotonic() >= this.#observeAt) await this.#observe()
        if (this.#pause() === undefined) await this.#bakes.takeBackIfDue(this.#state.incident, end)
        this.#ownFault.set(undefined)
      } catch (error) {
        this.#ownFault.set(messageOf(error)) // such as a file that it is not permitted to read: the watch goes on
        this.#observeAt = Math.max(this.#observeAt, this.#clock.monotonic() + TICK_MS)
      }
      await sleep(this.#clock, Math.min(TICK_MS, Math.max(0, this.#observeAt - this.#clock.monotonic())), end)
    }
  }

  /** Gives new exits to the policy. Those that a running deployment causes are that one's business. */
  async #handleExits(): Promise<void> {
    const entries = [...this.#missed, ...this.#journal.read()]
    this.#missed = []
    this.#repairs.saw(entries)
    const start = entries.findLast(({ kind, once }) => kind === 'bot.start' && once !== true)
    if (start !== undefined) this.#started(start.instance)
    const inJournal = this.#exits.unexpectedIn(entries)
    const isPaused = this.#pause() !== undefined
    if (!(await isDeploying(this.#options.paths)))
      for (const { exit, isFoundLater, release = this.#release(), error } of inJournal) {
        // only the last observation tells whether a bot that was found killed had been stopped on purpose
        const isStopped = isFoundLater ? undefined : readDesiredStop(this.#options.paths) !== undefined
        const isHeld = isPaused || isStopped
        if (isPaused) this.#options.log.warn(`${endText(exit)}: nothing is done in a pause`)
        await this.#feed({ kind: 'exited', exit, wall: this.#clock.now(), isHeld, release, error })
      }
    for (const { exit, wall, isHeld } of this.#childExits.splice(0)) {
      if (!this.#exits.isNewChildExit(exit.pid)) continue
      if (exit.isByItself) this.#writeRefused(exit)
      const seen = this.#exits.releaseOf(exit.pid)
      const release = seen === undefined ? this.#release() : seen
      await this.#feed({ kind: 'exited', exit: exit.exit, wall, isHeld, release })
    }
  }

  /** Tells the outside monitor of a start of the bot. */
  #started(instance: unknown): void {
    const run = typeof instance === 'string' ? instance : undefined
    this.#reporter.runs(run)
    this.#options.beat({ is: 'started', run })
  }

  /** Returns all that the supervisor knows of the bot. */
  async #details(): Promise<unknown> {
    return (await this.#options.supervisor.status()).details
  }

  /** Returns the pause that holds now, and logs its begin and its end. */
  #pause(): Pause | undefined {
    const pause = pauseOf(this.#options.paths, this.#clock.now())
    const text = pause && pauseText(pause)
    if (text === this.#paused) return pause
    this.#options.log.info(text ?? 'the pause is over: the bot is judged afresh')
    if (text === undefined) this.#observeAt = this.#clock.monotonic()
    this.#paused = text
    return pause
  }

  /** Returns the release that the bot is to run as by now. */
  #release(): string | null {
    return activeRelease(this.#options.paths)?.name ?? null
  }

  /** Writes the exit of a bot that could not write it down: it would not start, or its disk is full. */
  #writeRefused({ pid, exit }: BotExit): void {
    try {
      this.#options.journal('bot.refused', { pid, exit })
    } catch (error) {
      this.#options.log.error(`the journal can't be written: ${writeFault(error, this.#options.paths.home)}`)
    }
  }

  /** Takes in an exit of our own child that nobody asked for. Nobody awaits this, so it must not fail. */
  async childExited(exit: BotExit): Promise<void> {
    const { paths } = this.#options
    const wall = this.#clock.now()
    try {
      const isHeld = readDesiredStop(paths) !== undefined || this.#pause() !== undefined
      if (!(await isDeploying(paths))) this.#childExits.push({ exit, wall, isHeld })
    } catch {
      this.#childExits.push({ exit, wall, isHeld: false }) // one alert too many is better than none
    }
  }

  async close(end: WatchEnd = 'over'): Promise<void> {
    try {
      this.#journal.close()
      if (end !== 'gone') this.#save({ watching: end === 'followed' }) // which would make its folders anew
    } finally {
      await this.#options.close(end)
    }
  }

  async #observe(): Promise<void> {
    const { paths, supervisor, log } = this.#options
    const began = this.#clock.monotonic()
    let { observation, health, supervisorFault } = await observe(
      paths,
      this.#options,
      () => supervisor.status(),
      this.#clock.now(),
    )
    if (this.#end.aborted) return
    if (
      supervisor.kind === 'watchdog' &&
      observation.process === 'stopped' &&
      !observation.stoppedOnPurpose &&
      !observation.deploying
    ) {
      log.info('starting the bot')
      await supervisor.start() // nobody else would
      observation = { ...observation, process: 'starting' }
      health = { status: 'starting', reasons: ['it has just been started'] }
    } else if (health.status !== this.#status) {
      const why = health.reasons.length > 0 ? `: ${health.reasons.join('; ')}` : ''
      log[health.status === 'healthy' ? 'info' : 'warn'](`the bot is ${health.status}${why}`)
    }
    this.#supervisorFault.set(supervisorFault)
    this.#status = health.status
    this.#reporter.observed(health)
    const tookMs = this.#clock.monotonic() - began
    await this.#feed({ kind: 'observation', observation, wall: this.#clock.now(), tookMs, release: this.#release() })
    const pause = this.#pause()
    const works = observation.status === 'healthy' || observation.status === 'degraded'
    const run = readBotFile(paths.bot)?.instance
    if (run !== undefined) this.#reporter.runs(run)
    if (pause !== undefined)
      this.#options.beat({ is: 'paused', message: `The watchdog is ${pauseText(pause)}`, run }) // it must not alarm
    else if (works && !isOpen(this.#state.incident))
      this.#options.beat({ is: 'well', message: healthLine(health), run, tookMs })
  }

  /** Alerts about the incident over which the watchdog before was killed: nobody knows whether that still did. */
  #alertAgain(): void {
    const { watching, incident, checked_at } = this.#options.saved ?? {}
    if (!watching || !incident || checked_at === undefined || this.#pause() !== undefined) return
    const isFresh = isOpen(incident) || checked_at - (incident.recoveredAt ?? 0) < ALERT_AGAIN_MS
    if (isFresh) this.#reporter.alert(incident)
  }

  async #feed(event: Event): Promise<void> {
    const next = step(this.#state, event, this.#clock.monotonic(), this.#options.rules)
    const { state, effects } = next
    this.#totals = withStep(this.#totals, this.#state, next)
    if (state.memoryWait && !this.#state.memoryWait) this.#sayWait(state.memoryWait)
    this.#state = state
    if (effects.some((effect) => effect.do === 'alert')) this.#save() // one that is killed now leaves it to the next
    for (const effect of effects) await this.#carryOut(effect)
    this.#save()
    const { incident } = state
    const restarts = effects.some((effect) => effect.do === 'restart') // which gathers by itself
    if (incident && !restarts && !this.#pause() && this.#reporter.lacksEvidence(incident))
      void this.#reporter.gather(incident)
  }

  #sayWait({ busy }: Wait): void {
    const { log, rules } = this.#options
    const most = `${rules.busyMaxMs / 1000} s at most (BOT_BUSY_MAX)`
    log.warn(`the bot takes too much memory, and is busy: ${announcedText(busy)}. Its restart waits, ${most}`)
  }

  async #carryOut(effect: Effect): Promise<void> {
    if (effect.do === 'observe') this.#observeAt = this.#clock.monotonic() + effect.inMs
    else if (effect.do === 'alert') this.#reporter.report(effect.incident)
    else await this.#restart(effect.incident)
  }

  /** Restarts the bot. Whatever fails, the restart is over then: the policy handles nothing else meanwhile. */
  async #restart(incident: Incident): Promise<void> {
    const done = await this.#tryRestart(incident).catch((error) => {
      this.#options.log.error(`the restart failed: ${messageOf(error)}`)
      return NOT_RESTARTED
    })
    await this.#feed({ kind: 'restarted', ...done, wall: this.#clock.now() })
  }

  /** Returns whether the bot was restarted, and whether it works again. */
  async #tryRestart(incident: Incident): Promise<{ worked: boolean; isRestarted: boolean }> {
    const { log, stopBot, supervisor } = this.#options
    this.#save() // the budget is spent, whatever happens to us now
    await within(this.#clock, EVIDENCE_MS, this.#reporter.gather(incident))
    if (await this.#isHeld()) return NOT_RESTARTED
    await this.#feed({ kind: 'restarting' })
    log.warn(`stopping the bot: ${await stopBot()}`)
    if (await this.#isHeld()) return NOT_RESTARTED
    const isStarted = await supervisor.start().then(
      () => true,
      (error) => {
        log.error(`the bot could not be started: ${messageOf(error)}`)
        return false // such as for lack of the right to: there is nothing to wait for
      },
    )
    const worked = isStarted && (await this.#isProven())
    // the exit was ours
    this.#exits.unexpectedIn(this.#journal.read())
    for (const { exit } of this.#childExits.splice(0)) this.#exits.isNewChildExit(exit.pid)
    log[worked ? 'info' : 'error'](worked ? 'the bot works again' : 'the bot has not become healthy')
    return { worked, isRestarted: isStarted }
  }

  /** Returns whether somebody has stopped the bot on purpose meanwhile, deploys, or has paused us: no restart then. */
  async #isHeld(): Promise<boolean> {
    const { paths, log } = this.#options
    const isPaused = this.#pause() !== undefined
    if (readDesiredStop(paths) === undefined && !isPaused && !(await isDeploying(paths))) return false
    log.info('no restart: meanwhile the bot was stopped on purpose, a deployment began, or the watchdog was paused')
    return true
  }

  /** Waits until the bot is healthy. Returns false where it is not within its time to start. */
  async #isProven(): Promise<boolean> {
    const { paths, supervisor, rules } = this.#options
    const isHealthy = async () => {
      const { observation } = await observe(paths, this.#options, () => supervisor.status(), this.#clock.now())
      return observation.status === 'healthy' || observation.status === 'degraded' || undefined
    }
    const options = { intervalMs: PROOF_MS, timeoutMs: rules.startTimeoutMs, signal: this.#end }
    return (await pollUntil(this.#clock, options, isHealthy)) ?? false
  }

  #save({ watching = true } = {}): void {
    const { paths, onSaved } = this.#options
    const [now, wall] = [this.#clock.monotonic(), this.#clock.now()]
    const { restarts, incident } = this.#state
    const file: WatchdogFile = {
      pid: process.pid,
      checked_at: wall,
      next_check_at: wall + Math.max(0, this.#observeAt - now),
      status: this.#status,
      restarts: restartsOnWall(restarts, now, wall),
      incident: incident ?? null,
      watching,
      told: this.#exits.reported,
      repaired: this.#repairs.tried,
      taken_back: this.#bakes.tried,
      totals: this.#totals,
    }
    onSaved?.(file)
    try {
      keepSpares(paths.state)
      writeWatchdogFile(paths, file)
      this.#saveFault.set(undefined)
    } catch (error) {
      this.#saveFault.set(`${paths.watchdog} can't be written: ${writeFault(error, paths.state)}`)
    }
  }
}

/** Reads the journal's entries since a wall time, in ms; what can't be read is left out. */
function entriesSince({ journal }: HomePaths, wall: number): readonly JournalEntry[] {
  return readNewest(journal).filter(({ time }) => Date.parse(time) > wall)
}
