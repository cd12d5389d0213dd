import { type Deadline, pause, seconds } from '#bots/news/deadline.js'
import type { Limits } from '#bots/news/limits.js'
import type { Alert } from './alert.js'
import { postMessage } from './discord.js'
import { discordMessage } from './discord-message.js'

export interface Delivery {
  readonly webhook: URL
  readonly round: Deadline
  /** Returns true for alerts that have become too old. */
  isStale(alert: Alert): boolean
  /** Called after an alert went out, before the next one is tried. */
  onSent(alert: Alert): Promise<void>
  /** Called for alerts that will never go out. */
  onDropped(alerts: Iterable<Alert>): void
  warn(message: string): void
  fail(error: Error): void
}

const MAX_WAITING = 1_000

/** The alerts that wait for the webhook. It outlives rounds, so that a feed that says 'unchanged' loses nothing. */
export class Outbox {
  readonly #waiting = new Map<string, Alert>()
  readonly #limits: Limits
  /** Milliseconds, monotonic. */
  readonly #clock: () => number
  #sent = 0
  #blockedUntil = Number.NEGATIVE_INFINITY
  #pausedUntil = Number.NEGATIVE_INFINITY
  #blockMs = 0
  #tail: Promise<void> = Promise.resolve()

  constructor(limits: Limits, clock: () => number) {
    this.#limits = limits
    this.#clock = clock
  }

  get size(): number {
    return this.#waiting.size
  }

  has(key: string): boolean {
    return this.#waiting.has(key)
  }

  add(alert: Alert): void {
    this.#waiting.set(alert.key, alert)
  }

  /** Gives the new round its share of messages. */
  startRound(): void {
    this.#sent = 0
    this.#tail = Promise.resolve()
  }

  /**
   * Sends the waiting alerts, oldest first, as far as round and webhook allow. One message at a time, whoever calls.
   */
  flush(delivery: Delivery): Promise<void> {
    this.#tail = this.#tail.then(() => this.#drain(delivery))
    return this.#tail
  }

  async #drain(delivery: Delivery): Promise<void> {
    const { round } = delivery
    this.#dropStale(delivery)
    while (this.#sent < this.#limits.messages && !round.signal.aborted && this.#clock() >= this.#blockedUntil) {
      const alert = this.#oldest()
      if (!alert) return
      const wait = this.#pausedUntil - this.#clock()
      if (wait >= round.left()) return
      if (wait > 0) await pause(wait, round.signal)
      await this.#send(alert, delivery)
    }
  }

  async #send(alert: Alert, delivery: Delivery): Promise<void> {
    const result = await postMessage(delivery.webhook, discordMessage(alert), delivery.round, this.#limits)
    if (result.kind === 'sent') {
      this.#sent++
      this.#blockMs = 0
      this.#pausedUntil = this.#clock() + result.waitMs
      this.#waiting.delete(alert.key)
      await delivery.onSent(alert)
    } else if (result.kind === 'later') {
      this.#blockedUntil = this.#clock() + result.waitMs
      delivery.warn(`Discord takes no more messages for ${seconds(result.waitMs)}; ${this.#waiting.size} waiting`)
    } else if (result.kind === 'failed') {
      const { blockMs, maxBlockMs } = this.#limits
      this.#blockMs = Math.min(this.#blockMs * 2 || blockMs, maxBlockMs)
      this.#blockedUntil = this.#clock() + this.#blockMs
      delivery.fail(
        new Error(`Discord webhook: ${result.reason}; next try in ${seconds(this.#blockMs)} at the earliest`),
      )
    }
  }

  /**
   * Drops stale alerts: a webhook that was dead for a day must not flood the channel with yesterday's news, nor fill
   * the memory.
   */
  #dropStale(delivery: Delivery): void {
    const alerts = [...this.#waiting.values()].sort((a, b) => a.time - b.time)
    const excess = alerts.slice(0, Math.max(0, alerts.length - MAX_WAITING))
    const stale = new Set([...excess, ...alerts.filter((alert) => delivery.isStale(alert))])
    if (stale.size === 0) return
    for (const alert of stale) this.#waiting.delete(alert.key)
    delivery.onDropped(stale)
    delivery.warn(`alerts that waited too long for Discord and stay in the log only: ${stale.size}`)
  }

  #oldest(): Alert | undefined {
    let oldest: Alert | undefined
    for (const alert of this.#waiting.values()) if (!oldest || alert.time < oldest.time) oldest = alert
    return oldest
  }
}
