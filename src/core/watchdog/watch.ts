import type { Logger } from 'pino'
import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readWanted } from '#core/state/wanted.js'
import { type Clock, sleep } from '#core/system/clock.js'
import type { MessageIds } from './admin-messages.js'
import type { BotEnd } from './end-bot.js'
import { Ends } from './ends.js'
import { type Incident, isOpen } from './incident.js'
import type { Keeper } from './keeper.js'
import { look } from './look.js'
import { type Effect, type Event, initialState, type Rules, type State, step } from './policy.js'
import { rescuesOnClock, rescuesOnWall, type WatchdogFile, writeWatchdogFile } from './watchdog-file.js'

export interface WatchOptions {
  readonly paths: HomePaths
  readonly settings: Settings
  readonly rules: Rules
  readonly keeper: Keeper
  /** What an earlier watchdog of this home has kept. */
  readonly kept: WatchdogFile | undefined
  readonly log: Logger
  readonly endBot: () => Promise<BotEnd>
  readonly tell: (incident: Incident) => void
  /** Tells an outside monitor that all is well, or that there is an incident. */
  readonly beat: (isWell: boolean) => void
  readonly close: () => Promise<void>
}

/** How often it looks for what needs no asking: ends in the journal, and whether a look is due. */
const TICK_MS = 1000
const PROOF_MS = 500

/** Feeds the policy with what it sees, and carries out what the policy decides. */
export class Watch {
  readonly #clock: Clock
  readonly #options: WatchOptions
  readonly #ends: Ends
  #state: State
  #lookAt: number
  #status: string | null = null
  #end: AbortSignal = new AbortController().signal
  #messages: MessageIds

  constructor(clock: Clock, options: WatchOptions) {
    const { kept, rules, paths } = options
    const [now, wall] = [clock.monotonic(), clock.now()]
    this.#clock = clock
    this.#options = options
    this.#ends = new Ends(paths.journal)
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
      for (const { exit } of this.#ends.read()) await this.#feed(this.#endOf(exit))
      if (this.#clock.monotonic() >= this.#lookAt) await this.#look(end)
      await sleep(this.#clock, Math.min(TICK_MS, Math.max(0, this.#lookAt - this.#clock.monotonic())), end)
    }
  }

  /** The bot has ended in a way that the journal doesn't have. */
  ended(exit: number): void {
    void this.#feed(this.#endOf(exit))
  }

  /** The messages that have gone out. */
  remember(messages: MessageIds): void {
    this.#messages = messages
    this.#keep()
  }

  async close(): Promise<void> {
    this.#ends.close()
    await this.#options.close()
  }

  #endOf(exit: number | null): Event {
    return { kind: 'ended', exit, wall: this.#clock.now() }
  }

  async #look(end: AbortSignal): Promise<void> {
    const { paths, settings, keeper, log } = this.#options
    const began = this.#clock.monotonic()
    let { reading, health } = await look(paths, settings, () => keeper.kept())
    if (end.aborted) return
    if (health.status !== this.#status)
      log[health.status === 'healthy' ? 'info' : 'warn'](`the bot is ${[health.status, ...health.reasons].join(': ')}`)
    this.#status = health.status
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
  }

  async #carryOut(effect: Effect): Promise<void> {
    if (effect.do === 'look') this.#lookAt = this.#clock.monotonic() + effect.inMs
    else if (effect.do === 'tell') this.#tell(effect.incident)
    else await this.#rescue()
  }

  #tell(incident: Incident): void {
    this.#options.log[incident.state === 'recovered' ? 'info' : 'error'](
      `incident ${incident.id}: ${incident.why}, ${incident.state}`,
    )
    this.#options.tell(incident)
    if (incident.state === 'detected' || incident.state === 'needs you') this.#options.beat(false)
  }

  async #rescue(): Promise<void> {
    const { log, endBot, keeper, paths } = this.#options
    this.#keep() // the budget is spent, whatever happens to us now
    await this.#feed({ kind: 'restarting' })
    log.warn(`ending the bot: ${await endBot()}`)
    if (readWanted(paths) !== undefined) {
      log.info('it was stopped on purpose meanwhile')
      await this.#feed({ kind: 'rescued', worked: false, wall: this.#clock.now() })
      return
    }
    await keeper.start().catch((error) => log.error(`the bot could not be started: ${messageOf(error)}`))
    const worked = await this.#isProven()
    log[worked ? 'info' : 'error'](worked ? 'the bot works again' : 'the bot has not become healthy')
    await this.#feed({ kind: 'rescued', worked, wall: this.#clock.now() })
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
    } catch (error) {
      log.error(`${paths.watchdog} can't be written: ${messageOf(error)}`)
    }
  }
}
