import { messageOf } from '#core/errors.js'
import { holdLock } from '#core/home/hold-lock.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type Holder, readHolderNow } from '#core/home/lock.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { actingAs, type User } from '#core/platform/process/users.js'
import type { Channel, Outcome } from './channels/channel.js'
import { reasonText } from './channels/plain-text.js'
import { afterTry, type Failure, nextDue, type Schedule, scheduleOf } from './schedule.js'
import type { AlertStore, WaitingAlert } from './store.js'

/** A change that is logged, once for each alert. */
export type News =
  | { readonly kind: 'failing' | 'through' | 'given up'; readonly alert: WaitingAlert; readonly failure: Failure }
  /** A fault of the queue itself; `why` is undefined once it is over. */
  | { readonly kind: 'fault'; readonly why: string | undefined }

export interface SenderOptions {
  readonly store: AlertStore
  /**
   * Returns the channel: its settings may change while a watchdog runs.
   * @throws an Error that says what it needs
   */
  readonly channel: () => Channel
  /** Hides secrets in the reasons of failures. */
  readonly redact: (text: string) => string
  readonly onNews: (news: News) => void
}

/** The interval at which it polls the store for alerts that other processes have added. */
const POLL_INTERVAL_MS = 1000

/** The longest time for which a channel holds a text back. */
const LONGEST_HOLD_MS = 60 * 60_000

/** The limit of waiting alerts; beyond it the oldest are given up. */
const MAXIMUM_WAITING = 50

/**
 * The sender of the alerts of one channel, which wait in its store: it sends one after the other, and retries each until
 * it has gone out or is given up. There is one sender per home at a time: see {@link asSender}.
 */
export class AlertSender {
  readonly #clock: Clock
  readonly #options: SenderOptions
  #schedule: Schedule
  readonly #fault: FaultLatch
  #pause = new AbortController()
  /** True once it knows the failures of an earlier sender. */
  #isBegun = false

  constructor(clock: Clock, options: SenderOptions) {
    this.#clock = clock
    this.#options = options
    this.#schedule = scheduleOf({}, clock.monotonic())
    this.#fault = new FaultLatch((why) => options.onNews({ kind: 'fault', why }))
  }

  /** Polls the store at once, for an alert that was just added. */
  wake(): void {
    this.#pause.abort()
  }

  /**
   * Sends until the signal aborts. With a time (monotonic, in ms) it returns as soon as nothing waits that could go out
   * before then.
   */
  async run(end: AbortSignal, before?: number): Promise<void> {
    const wake = () => this.wake()
    end.addEventListener('abort', wake)
    try {
      this.#isBegun = false
      while (!end.aborted) {
        this.#pause = new AbortController()
        const waitMs = await this.#next()
        if (before !== undefined && this.#clock.monotonic() + (waitMs ?? Number.POSITIVE_INFINITY) >= before) return
        if (!end.aborted)
          await sleep(this.#clock, Math.min(POLL_INTERVAL_MS, waitMs ?? POLL_INTERVAL_MS), this.#pause.signal)
      }
    } finally {
      end.removeEventListener('abort', wake)
    }
  }

  /** Sends what is due, and returns after how long something else is; undefined where nothing waits. */
  async #next(): Promise<number | undefined> {
    try {
      if (!this.#isBegun)
        this.#schedule = scheduleOf(this.#options.store.deliveries().failures, this.#clock.monotonic())
      this.#isBegun = true
      const waiting = this.#withoutSurplus(this.#waiting())
      if (waiting.length === 0) return undefined
      const held = waiting.map((one) => ({ one, forMs: this.#heldMs(one) }))
      const due = held.filter(({ forMs }) => forMs <= 0).map(({ one }) => one)
      if (due.length === 0) return Math.min(...held.map(({ forMs }) => forMs))
      const next = nextDue(due, this.#schedule, this.#clock.monotonic())
      if ('inMs' in next) return next.inMs
      await this.#send(next.send)
      return 0
    } catch (error) {
      this.#fault.set(messageOf(error))
      return POLL_INTERVAL_MS
    }
  }

  /** Returns what waits; where the folder can't be read, what only memory holds. */
  #waiting(): readonly WaitingAlert[] {
    const { store } = this.#options
    try {
      const waiting = store.waiting()
      this.#fault.set(undefined)
      return waiting
    } catch (error) {
      this.#fault.set(messageOf(error)) // such as a folder that it is not permitted to read
      return store.unsaved()
    }
  }

  async #send(alert: WaitingAlert): Promise<void> {
    const { store, onNews } = this.#options
    const outcome = await this.#tried(alert)
    const now = { now: this.#clock.monotonic(), wall: this.#clock.now() }
    const { schedule, fate } = afterTry(this.#schedule, alert, outcome, now)
    this.#schedule = schedule
    this.#remember(alert, outcome) // before all else: a crash now must not send it twice
    if (fate.kind === 'waits') {
      if (fate.isNews && fate.failure) onNews({ kind: 'failing', alert, failure: fate.failure })
      return
    }
    if (fate.kind === 'given up') return this.#giveUp(alert, fate.failure)
    store.remove(alert)
    if (fate.failure?.isTold) onNews({ kind: 'through', alert, failure: fate.failure })
  }

  async #tried(alert: WaitingAlert): Promise<Outcome> {
    const outcome = await this.#deliver(alert)
    return 'why' in outcome ? { ...outcome, why: reasonText(outcome.why, this.#options.redact) } : outcome
  }

  async #deliver(one: WaitingAlert): Promise<Outcome> {
    try {
      return await this.#options.channel().deliver({ ...one, sent: this.#sent(one) })
    } catch (error) {
      return { kind: 'failed', why: messageOf(error) } // such as settings that can't be read at the moment
    }
  }

  /** Returns for how long a text is held back, in ms, since a newer one may make it needless. */
  #heldMs(one: WaitingAlert): number {
    try {
      const until = this.#options.channel().heldUntil?.({ ...one, sent: this.#sent(one) }) ?? 0
      const ms = until - this.#clock.now()
      return ms > LONGEST_HOLD_MS ? 0 : ms // the clock was set back
    } catch {
      return 0 // a channel that isn't set up: the try says so
    }
  }

  #sent({ id }: WaitingAlert): string | undefined {
    return this.#options.store.deliveries().messages[id]
  }

  #remember({ id }: WaitingAlert, outcome: Outcome): void {
    const { store } = this.#options
    const known = store.deliveries()
    const { [id]: before, ...others } = known.messages
    const message = outcome.kind === 'sent' ? outcome.message : outcome.kind === 'gone' ? undefined : before
    const failures = Object.fromEntries(
      [...this.#schedule.failures].map(([one, { dueAt: _here, ...failure }]) => [one, failure]),
    )
    store.remember({ ...known, messages: message === undefined ? others : { ...others, [id]: message }, failures })
  }

  #giveUp(alert: WaitingAlert, failure: Failure): void {
    const { store, onNews } = this.#options
    const known = store.deliveries()
    const { id, at } = alert
    const failures = new Map(this.#schedule.failures)
    failures.delete(alert.id)
    this.#schedule = { ...this.#schedule, failures }
    const entry = { id, title: alert.alert.title, at, given_up_at: this.#clock.now(), why: failure.why }
    store.remember({
      ...known,
      given_up: [...known.given_up, entry],
      given_up_total: known.given_up_total + 1,
    })
    store.remove(alert)
    onNews({ kind: 'given up', alert, failure })
  }

  #withoutSurplus(waiting: readonly WaitingAlert[]): readonly WaitingAlert[] {
    const surplus = waiting.slice(0, Math.max(0, waiting.length - MAXIMUM_WAITING))
    for (const alert of surplus) {
      const known = this.#schedule.failures.get(alert.id)
      const why = `more than ${MAXIMUM_WAITING} alerts wait${known ? `: ${known.why}` : ''}`
      this.#giveUp(alert, { since: alert.at, tries: known?.tries ?? 0, why, isTold: true })
    }
    return waiting.slice(surplus.length)
  }
}

/** `.catalyst/state/alerts.lock`: the process that sends the alerts of the home, so that none goes out twice. */
interface SenderLock extends Holder {
  readonly role: 'watchdog' | 'command'
}

/** Does this work as the one sender of alerts. Returns false where another process is the sender now. */
export async function asSender(
  clock: Clock,
  { paths, owner, role }: { readonly paths: HomePaths; readonly owner: User; readonly role: SenderLock['role'] },
  work: () => Promise<void>,
): Promise<boolean> {
  const taken = new Error('alerts are sent by another process')
  // a disk that takes no lock must not keep alerts back
  const options = { path: paths.alertsLock, owner, details: { role }, busy: () => taken, evenUnlocked: true }
  try {
    using _lock = await holdLock<SenderLock>(clock, options)
    await work()
    return true
  } catch (error) {
    if (error === taken) return false
    throw error
  }
}

/** Returns whether a watchdog of this home runs that sends waiting alerts. */
export async function isWatchdogSending(paths: HomePaths, owner: User): Promise<boolean> {
  const holder = actingAs(owner, () => readHolderNow<SenderLock>(paths.alertsLock))
  return holder?.role === 'watchdog' && (await isRunning(holder))
}
