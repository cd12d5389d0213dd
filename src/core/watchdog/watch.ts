import type { Logger } from 'pino'
import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readWanted } from '#core/state/wanted.js'
import { type Clock, sleep, within } from '#core/system/clock.js'
import type { MessageIds } from './admin-messages.js'
import type { BotEnd } from './end-bot.js'
import { Ends } from './ends.js'
import { EVIDENCE_MS, gatherEvidence, type Seen } from './evidence.js'
import { type Incident, type IncidentState, incidentName, isOpen } from './incident.js'
import type { Incidents } from './incidents.js'
import type { Keeper } from './keeper.js'
import { look } from './look.js'
import { type Effect, type Event, initialState, type Rules, type State, step } from './policy.js'
import { rescuesOnClock, rescuesOnWall, type WatchdogFile, writeWatchdogFile } from './watchdog-file.js'
import type { Where } from './where.js'

export interface WatchOptions {
  readonly paths: HomePaths
  readonly settings: Settings
  readonly rules: Rules
  readonly keeper: Keeper
  /** Whether another keeper has the bot now: then this watch ends. */
  readonly isOver: () => boolean
  /** What an earlier watchdog of this home has kept. */
  readonly kept: WatchdogFile | undefined
  readonly log: Logger
  readonly endBot: () => Promise<BotEnd>
  readonly incidents: Incidents
  readonly journal: (kind: string, details: Record<string, unknown>) => void
  /** Tells the admin; `where` is known once the evidence is. */
  readonly tell: (incident: Incident, where: Where | undefined) => void
  /** Tells an outside monitor that all is well, or that there is an incident. */
  readonly beat: (isWell: boolean) => void
  readonly close: () => Promise<void>
}

/** How often it looks for what needs no asking: ends in the journal, and whether a look is due. */
const TICK_MS = 1000
const PROOF_MS = 500
/** States of an incident that somebody should hear of at once. */
const ATTENTION: readonly IncidentState[] = ['detected', 'needs you']

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
  #now: Health | undefined
  #last: Seen['last']
  /** Where the bot of this incident is stuck. */
  #where: { readonly id: number; readonly where: Where | undefined } | undefined
  #gathering: Promise<void> = Promise.resolve()

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
    while (!end.aborted && !this.#options.isOver()) {
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
    this.#now = health
    if (health.report !== undefined) this.#last = { at: this.#clock.now(), health }
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
    const opened = effects.find((effect) => effect.do === 'tell' && ATTENTION.includes(effect.incident.state))
    const isRescue = effects.some((effect) => effect.do === 'rescue') // which gathers by itself
    if (opened?.do === 'tell' && !isRescue && this.#where?.id !== opened.incident.id) void this.#gather(opened.incident)
  }

  async #carryOut(effect: Effect): Promise<void> {
    if (effect.do === 'look') this.#lookAt = this.#clock.monotonic() + effect.inMs
    else if (effect.do === 'tell') this.#tell(effect.incident)
    else await this.#rescue()
  }

  #tell(incident: Incident): void {
    const { log, incidents, journal, beat } = this.#options
    const { why, state, ends, rescues } = incident
    const name = incidentName(incident)
    log[state === 'recovered' ? 'info' : 'error'](`incident ${name}: ${why}, ${state}`)
    this.#attempt('the incident', () => incidents.note(incident, this.#clock.now()))
    this.#attempt('the journal', () => journal('incident', { incident: name, why, state, ends, rescues }))
    this.#show(incident)
    if (ATTENTION.includes(state)) beat(false)
  }

  #show(incident: Incident): void {
    this.#options.tell(incident, this.#where?.id === incident.id ? this.#where.where : undefined)
  }

  /** Keeps the evidence of an incident, one after the other; its message then says where. */
  #gather(incident: Incident): Promise<void> {
    const { paths, keeper, log, incidents } = this.#options
    const seen: Seen = { now: this.#now, last: this.#last, service: () => keeper.details() }
    const gather = async () => {
      const { evidence, log: lines } = await gatherEvidence(this.#clock, paths, incident, seen)
      this.#where = { id: incident.id, where: evidence.where ?? undefined }
      this.#attempt('the evidence', () => incidents.keep(incident, evidence, lines))
      log.info(`evidence: catalyst incident show ${incidentName(incident)}`)
      const { incident: current } = this.#state
      if (current?.id === incident.id) this.#show(current)
    }
    this.#gathering = this.#gathering.then(gather).catch((error) => log.error(`no evidence: ${messageOf(error)}`))
    return this.#gathering
  }

  /** A disk that is full stops no rescue. */
  #attempt(what: string, write: () => void): void {
    try {
      write()
    } catch (error) {
      this.#options.log.error(`${what} can't be written: ${messageOf(error)}`)
    }
  }

  async #rescue(): Promise<void> {
    const { log, endBot, keeper, paths } = this.#options
    this.#keep() // the budget is spent, whatever happens to us now
    await within(this.#clock, EVIDENCE_MS, this.#gather(this.#state.incident as Incident))
    await this.#feed({ kind: 'restarting' })
    log.warn(`ending the bot: ${await endBot()}`)
    if (readWanted(paths) !== undefined) {
      log.info('it was stopped on purpose meanwhile')
      await this.#feed({ kind: 'rescued', worked: false, wall: this.#clock.now() })
      return
    }
    await keeper.start().catch((error) => log.error(`the bot could not be started: ${messageOf(error)}`))
    const worked = await this.#isProven()
    this.#ends.read() // the end was ours
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
