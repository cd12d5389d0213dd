import { join } from 'node:path'
import { CHANNELS, type ChannelName } from '#core/config/alerts/channel-names.js'
import { messageOf } from '#core/errors.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import type { Channel } from './channels/channel.js'
import { AlertSender, type News } from './sender.js'
import { AlertStore, type WaitingAlert } from './store.js'

/** News of one channel's queue; `channel` is undefined for those of the queue before them. */
export type ChannelNews = News & { readonly channel: ChannelName | undefined }

export interface SendersOptions {
  readonly folder: string
  /** Does each access to the files: root does it as their owner. */
  readonly as?: <T>(work: () => T) => T
  /** Returns the channels that alerts go to: the settings may change while a watchdog runs. */
  readonly channels: () => readonly ChannelName[]
  /**
   * Returns a channel as the settings describe it now.
   * @throws an Error that says what it needs
   */
  readonly open: (channel: ChannelName) => Channel
  /** Hides secrets in the reasons of failures. */
  readonly redact: (text: string) => string
  readonly onNews: (news: ChannelNews) => void
}

/** The interval at which it polls for alerts that other processes have added. */
const POLL_INTERVAL_MS = 1000

/**
 * The senders of a home's alerts. Whoever has something to say puts it into the folder; the senders hand each text to
 * the queue of every channel, a folder below with a sender of its own, so that one that fails delays no other. A text is
 * removed once all of them have it: a kill in between hands it over once more, which replaces the same text.
 */
export class AlertSenders {
  /** The texts that no channel has yet. */
  readonly inbox: AlertStore
  readonly #clock: Clock
  readonly #options: SendersOptions
  readonly #senders = new Map<ChannelName, { readonly store: AlertStore; readonly sender: AlertSender }>()
  readonly #fault: FaultLatch
  #pause = new AbortController()

  constructor(clock: Clock, options: SendersOptions) {
    this.#clock = clock
    this.#options = options
    this.inbox = new AlertStore(options.folder, options.as)
    this.#fault = new FaultLatch((why) => options.onNews({ kind: 'fault', why, channel: undefined }))
  }

  /** Polls the folder at once, for an alert that was just added. */
  wake(): void {
    this.#pause.abort()
  }

  /** Returns the channels for which this alert waits. */
  waitingFor(id: string): ChannelName[] {
    const waits = (store: AlertStore) => store.waiting().some((one) => one.id === id)
    const isNew = waits(this.inbox)
    return this.#options.channels().filter((channel) => isNew || waits(this.#of(channel).store))
  }

  /** Returns the last failure of this alert on a channel. */
  failureOf(id: string, channel: ChannelName): string | undefined {
    return this.#of(channel).store.deliveries().failures[id]?.why
  }

  /**
   * Sends until the signal aborts. With a time (monotonic, in ms) it returns as soon as nothing waits that could go out
   * before then. `messages` are those that an older version has saved elsewhere, by the alert's id.
   */
  async run(end: AbortSignal, { before, messages = {} }: RunOptions = {}): Promise<void> {
    const wake = () => this.wake()
    end.addEventListener('abort', wake)
    const running = new Map<ChannelName, Promise<void>>()
    const begin = (names: readonly ChannelName[]) => {
      for (const name of names) if (!running.has(name)) running.set(name, this.#of(name).sender.run(end, before))
    }
    try {
      this.#adopt(messages)
      begin(CHANNELS.filter((name) => this.#hasWork(name)))
      while (!end.aborted) {
        this.#pause = new AbortController()
        begin(this.#distribute())
        if (before !== undefined) break
        await sleep(this.#clock, POLL_INTERVAL_MS, this.#pause.signal)
      }
      await Promise.all(running.values())
    } finally {
      end.removeEventListener('abort', wake)
    }
  }

  /** Hands the texts of the folder to the channels, and returns those that have a text. */
  #distribute(): readonly ChannelName[] {
    try {
      const waiting = this.#waiting()
      if (waiting.length === 0) return []
      const set = this.#options.channels()
      const names = set.length > 0 ? set : (['discord'] as const) // which says that it isn't set up
      for (const one of waiting) {
        for (const name of names) this.#of(name).store.add(one.id, one.at, one.alert)
        this.inbox.remove(one)
      }
      for (const name of names) this.#of(name).sender.wake()
      return names
    } catch (error) {
      this.#fault.set(messageOf(error))
      return []
    }
  }

  /** Returns what waits in the folder; where it can't be read, what only memory holds. */
  #waiting(): readonly WaitingAlert[] {
    try {
      const waiting = this.inbox.waiting()
      this.#fault.set(undefined)
      return waiting
    } catch (error) {
      this.#fault.set(messageOf(error)) // such as a folder that it is not permitted to read
      return this.inbox.unsaved()
    }
  }

  #hasWork(name: ChannelName): boolean {
    try {
      return this.#of(name).store.waiting().length > 0
    } catch {
      return false // found again once a text is handed to it
    }
  }

  /** Moves the messages and failures of a version that knew only Discord to its queue. */
  #adopt(saved: Readonly<Record<string, string>>): void {
    const { messages, failures, given_up } = this.inbox.deliveries()
    if ([saved, messages, failures, given_up].every((part) => Object.keys(part).length === 0)) return
    const { store } = this.#of('discord')
    const known = store.deliveries()
    const lost = given_up.filter(({ id }) => known.given_up.every((one) => one.id !== id))
    const isKept = store.remember({
      messages: { ...saved, ...messages, ...known.messages },
      failures: { ...failures, ...known.failures },
      given_up: [...lost, ...known.given_up],
      given_up_total: known.given_up_total + lost.length,
    })
    if (isKept) this.inbox.forget()
  }

  #of(channel: ChannelName): { readonly store: AlertStore; readonly sender: AlertSender } {
    const { folder, as, open, redact, onNews } = this.#options
    const known = this.#senders.get(channel)
    if (known) return known
    const store = new AlertStore(join(folder, channel), as)
    const sender = new AlertSender(this.#clock, {
      store,
      channel: () => open(channel),
      redact,
      onNews: (news) => onNews({ ...news, channel }),
    })
    this.#senders.set(channel, { store, sender })
    return { store, sender }
  }
}

interface RunOptions {
  readonly before?: number
  readonly messages?: Readonly<Record<string, string>>
}
