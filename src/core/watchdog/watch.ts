import type { BotEnd } from '#core/bot/end-bot.js'
import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import { exitOf, isUnexpectedEnd } from '#core/journal/bot-ends.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { JournalTail } from '#core/journal/journal-tail.js'
import { readStopWish } from '#core/state/wanted.js'
import { type Clock, sleep, within } from '#core/system/clock.js'
import type { MessageIds } from './admin-messages.js'
import { EVIDENCE_MS } from './evidence.js'
import { type Incident, isOpen } from './incident.js'
import { IncidentReporter, type ReporterOptions } from './incident-reporter.js'
import type { Keeper } from './keeper.js'
import { isDeploying, look } from './look.js'
import { type Effect, type Event, initialState, type Rules, type State, step } from './policy.js'
import { Recoveries } from './recoveries.js'
import { rescuesOnClock, rescuesOnWall, type WatchdogFile, writeWatchdogFile } from './watchdog-file.js'

export interface WatchOptions extends Omit<ReporterOptions, 'service'> {
  readonly settings: Settings
  readonly rules: Rules
  readonly keeper: Keeper
  /** Whether another keeper has the bot now: then this watch ends. */
  readonly isOver: () => boolean
  /** What an earlier watchdog of this home has kept. */
  readonly kept: WatchdogFile | undefined
  readonly endBot: () => Promise<BotEnd>
  /** Brings a deployment that was cut off to its end; `restart` restarts the bot, unless that is to stay stopped. */
  readonly recover: (restart: (() => Promise<void>) | undefined) => Promise<void>
  readonly close: () => Promise<void>
}

/** How often it looks for what needs no asking: ends in the journal, and whether a look is due. */
const TICK_MS = 1000
const PROOF_MS = 500

/** Feeds the policy with what it sees, and carries out what the policy decides. */
export class Watch {
  readonly #clock: Clock
  readonly #options: WatchOptions
  readonly #journal: JournalTail
  readonly #reporter: IncidentReporter
  #state: State
  #lookAt: number
  #status: string | null = null
  #keeperFault: string | undefined
  #trouble: string | undefined
  #isKeptSafe = true
  #end: AbortSignal = new AbortController().signal
  #messages: MessageIds
  readonly #recoveries: Recoveries

  constructor(clock: Clock, options: WatchOptions) {
    const { kept, rules, paths } = options
    const [now, wall] = [clock.monotonic(), clock.now()]
    this.#clock = clock
    this.#options = options
    this.#journal = new JournalTail(paths.journal)
    this.#reporter = new IncidentReporter(clock, { ...options, service: () => options.keeper.details() })
    this.#recoveries = new Recoveries(clock, {
      ...options,
      restart: async () => {
        await options.endBot()
        await options.keeper.start()
      },
    })
    this.#lookAt = now
    this.#messages = kept?.messages ?? {}
    this.#state = initialState(now, rules, {
      rescues: rescuesOnClock(kept?.rescues ?? [], now, wall),
      incident: kept?.incident ?? undefined,
    })
  }

  async run(end: AbortSignal): Promise<void> {
    this.#end = end
    while (!end.aborted) {
      try {
        if (this.#options.isOver()) return
        await this.#recoveries.look()
        await this.#options.keeper.obey()
        // what a deployment does to the bot is its own business, until it is over
        const ends = this.#unexpectedEnds()
        if (!(await isDeploying(this.#options.paths)))
          for (const entry of ends) await this.#feed(this.#endOf(exitOf(entry), this.#wasStopped(entry)))
        if (this.#clock.monotonic() >= this.#lookAt) await this.#look()
        this.#tellTrouble(undefined)
      } catch (error) {
        this.#tellTrouble(messageOf(error)) // such as a file that it may not read: the watch goes on
        this.#lookAt = Math.max(this.#lookAt, this.#clock.monotonic() + TICK_MS)
      }
      await sleep(this.#clock, Math.min(TICK_MS, Math.max(0, this.#lookAt - this.#clock.monotonic())), end)
    }
  }

  /** Those before the end of a deployment belong to it, be it over by now, or a recovery of our own. */
  #unexpectedEnds(): JournalEntry[] {
    const entries = this.#journal.read()
    return entries.slice(entries.findLastIndex(({ kind }) => kind === 'deploy.end') + 1).filter(isUnexpectedEnd)
  }

  /** Said once, and once when it is over. */
  #tellTrouble(trouble: string | undefined): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    if (trouble !== undefined) this.#options.log.error(`the bot can't be looked after: ${trouble}`)
    else this.#options.log.info('the bot is looked after again')
  }

  /** The bot has ended in a way that it could not write into the journal. Nobody waits for this, so it must not fail. */
  async ended(exit: number): Promise<void> {
    const { journal, paths, log } = this.#options
    try {
      journal('bot.refused', { exit })
    } catch (error) {
      log.error(`the journal can't be written: ${messageOf(error)}`)
    }
    const isHeld = await isDeploying(paths).catch(() => false)
    if (!isHeld) await this.#feed(this.#endOf(exit, undefined))
  }

  /** The messages that have gone out. */
  remember(messages: MessageIds): void {
    this.#messages = messages
    this.#keep()
  }

  async close(): Promise<void> {
    try {
      this.#journal.close()
    } finally {
      await this.#options.close()
    }
  }

  #endOf(exit: number | null, isHeld: boolean | undefined): Event {
    return { kind: 'ended', exit, wall: this.#clock.now(), isHeld }
  }

  /**
   * Whether a bot that has ended was stopped on purpose. One that was killed can't say so itself: the next one does, at its
   * start, when the wish is forgotten already, so only the last look can tell.
   */
  #wasStopped({ kind }: JournalEntry): boolean | undefined {
    return kind === 'bot.lost' ? undefined : readStopWish(this.#options.paths) !== undefined
  }

  async #look(): Promise<void> {
    const { paths, settings, keeper, log } = this.#options
    const began = this.#clock.monotonic()
    let { reading, health, keeperFault } = await look(paths, settings, () => keeper.kept())
    if (this.#end.aborted) return
    if (health.status !== this.#status)
      log[health.status === 'healthy' ? 'info' : 'warn'](`the bot is ${[health.status, ...health.reasons].join(': ')}`)
    if (keeperFault !== this.#keeperFault)
      log.warn(
        keeperFault ? `whoever keeps the bot gives no answer: ${keeperFault}` : 'whoever keeps the bot answers again',
      )
    this.#keeperFault = keeperFault
    this.#status = health.status
    this.#reporter.saw(health)
    if (keeper.isOwn && reading.process === 'stopped' && !reading.stoppedOnPurpose && !reading.deploying) {
      await keeper.start() // nobody else would
      reading = { ...reading, process: 'starting' }
    }
    const tookMs = this.#clock.monotonic() - began
    await this.#feed({ kind: 'reading', reading, wall: this.#clock.now(), tookMs })
    const works = reading.status === 'healthy' || reading.status === 'degraded'
    if (works && !isOpen(this.#state.incident)) this.#options.beat(true)
  }

  async #feed(event: Event): Promise<void> {
    const { state, effects } = step(this.#state, event, this.#clock.monotonic(), this.#options.rules)
    this.#state = state
    for (const effect of effects) await this.#carryOut(effect)
    this.#keep()
    const { incident } = state
    const rescues = effects.some((effect) => effect.do === 'rescue') // which gathers by itself
    if (incident && !rescues && this.#reporter.lacksEvidence(incident)) void this.#reporter.gather(incident)
  }

  async #carryOut(effect: Effect): Promise<void> {
    if (effect.do === 'look') this.#lookAt = this.#clock.monotonic() + effect.inMs
    else if (effect.do === 'tell') this.#reporter.report(effect.incident)
    else await this.#rescue(effect.incident)
  }

  /** Whatever breaks it off, the rescue is over then: the policy sees nothing else meanwhile. */
  async #rescue(incident: Incident): Promise<void> {
    const worked = await this.#tryRescue(incident).catch((error) => {
      this.#options.log.error(`the rescue broke off: ${messageOf(error)}`)
      return false
    })
    await this.#feed({ kind: 'rescued', worked, wall: this.#clock.now() })
  }

  /** Whether the bot works again. */
  async #tryRescue(incident: Incident): Promise<boolean> {
    const { log, endBot, keeper } = this.#options
    this.#keep() // the budget is spent, whatever happens to us now
    await within(this.#clock, EVIDENCE_MS, this.#reporter.gather(incident))
    if (await this.#isTakenOver()) return false
    await this.#feed({ kind: 'restarting' })
    log.warn(`ending the bot: ${await endBot()}`)
    if (await this.#isTakenOver()) return false
    const isStarted = await keeper.start().then(
      () => true,
      (error) => {
        log.error(`the bot could not be started: ${messageOf(error)}`)
        return false // such as for lack of the right to: there is nothing to wait for
      },
    )
    const worked = isStarted && (await this.#isProven())
    this.#journal.read() // the end was ours
    log[worked ? 'info' : 'error'](worked ? 'the bot works again' : 'the bot has not become healthy')
    return worked
  }

  /** Whether somebody has stopped the bot on purpose meanwhile, or deploys: then the rescue is over. */
  async #isTakenOver(): Promise<boolean> {
    const { paths, log } = this.#options
    if (readStopWish(paths) === undefined && !(await isDeploying(paths))) return false
    log.info('the bot was stopped on purpose, or is being deployed, meanwhile')
    return true
  }

  /** Whether the bot becomes healthy within its time to start. */
  async #isProven(): Promise<boolean> {
    const { paths, settings, keeper, rules } = this.#options
    const until = this.#clock.monotonic() + rules.startTimeoutMs
    for (;;) {
      const { reading } = await look(paths, settings, () => keeper.kept())
      if (reading.status === 'healthy' || reading.status === 'degraded') return true
      if (this.#clock.monotonic() >= until || this.#end.aborted) return false
      await sleep(this.#clock, PROOF_MS, this.#end)
    }
  }

  #keep(): void {
    const { paths, log } = this.#options
    const [now, wall] = [this.#clock.monotonic(), this.#clock.now()]
    const { rescues, incident } = this.#state
    try {
      writeWatchdogFile(paths, {
        pid: process.pid,
        checked_at: wall,
        next_check_at: wall + Math.max(0, this.#lookAt - now),
        status: this.#status,
        rescues: rescuesOnWall(rescues, now, wall),
        incident: incident ?? null,
        messages: this.#messages,
      })
      this.#isKeptSafe = true
    } catch (error) {
      if (this.#isKeptSafe) log.error(`${paths.watchdog} can't be written: ${messageOf(error)}`)
      this.#isKeptSafe = false
    }
  }
}
