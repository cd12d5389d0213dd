import { join } from 'node:path'
import { BodyRoom } from '#bots/news/feed/body-room.js'
import { openSeen, type SeenList } from '#bots/news/judge/seen.js'
import { Outbox } from '#bots/news/post/outbox.js'
import type { BotContext, CycleBot } from '#core/bot/contract.js'
import { deadline } from './deadline.js'
import { type DemoServer, startDemo } from './demo.js'
import { Lane } from './lane.js'
import { LIMITS, type Limits } from './limits.js'
import { reportLine, runRound, type Source } from './round.js'
import { demoSettings, isSec, type NewsSettings, readSettings } from './settings.js'

export interface NewsBotOptions {
  /** True to read a bundled feed of invented news over loopback: no network, no key, nothing posted, nothing kept. */
  readonly demo?: boolean
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Milliseconds of a clock that never jumps. */
  readonly clock?: () => number
  readonly limits?: Partial<Limits>
}

/**
 * Makes the built-in bot: it reads feeds, scores new entries and raises alerts. A cycle throws only when a setting is
 * wrong or every feed failed; it ends at once, without an error, when `ctx.signal` aborts.
 */
export function newsBot(options: NewsBotOptions = {}): CycleBot {
  return new NewsBot(options)
}

class NewsBot implements CycleBot {
  readonly name = 'news'
  readonly #demo: boolean
  readonly #now: () => number
  readonly #limits: Limits
  readonly #outbox: Outbox
  readonly #lane = new Lane()
  readonly #room = new BodyRoom()
  readonly #sources = new Map<string, Source>()
  #cycles = 0
  #seen: SeenList | undefined
  #demoServer: DemoServer | undefined
  #warnedOfSec = false

  constructor({ demo = false, now = Date.now, clock = () => performance.now(), limits }: NewsBotOptions) {
    this.#demo = demo
    this.#now = now
    this.#limits = { ...LIMITS, ...limits }
    this.#outbox = new Outbox(this.#limits, clock)
  }

  async cycle(ctx: BotContext): Promise<void> {
    if (ctx.signal.aborted) return
    this.#cycles++
    const settings = this.#demo ? await this.#demoSettings(ctx) : this.#settings(ctx)
    const seen = await this.#openSeen(ctx)
    const limit = deadline(ctx.signal, this.#limits.roundMs)
    try {
      const report = await runRound({
        ctx,
        settings,
        seen,
        outbox: this.#outbox,
        sources: this.#sources,
        deadline: limit,
        limits: this.#limits,
        lane: this.#lane,
        room: this.#room,
        now: this.#now,
      })
      if (ctx.signal.aborted) return
      const { failures } = report
      if (failures.length > 0 && failures.length === settings.feeds.length) {
        throw new Error(`news: ${failures.length === 1 ? 'the feed' : 'every feed'} failed: ${failures.join('; ')}`)
      }
      for (const failure of failures) ctx.recordError(new Error(`news: feed ${failure}`))
      ctx.log.info(`cycle ${this.#cycles}: ${reportLine(settings.feeds.length, this.#outbox.size, report)}`)
    } finally {
      limit.end()
      await seen.save()
    }
  }

  async stop(): Promise<void> {
    await this.#demoServer?.close()
    this.#demoServer = undefined
  }

  async #demoSettings(ctx: BotContext): Promise<NewsSettings> {
    this.#demoServer ??= await startDemo(this.#now)
    return demoSettings(ctx.settings, this.#demoServer.url)
  }

  /**
   * Reads the settings.
   * @throws Error when a setting is wrong or no feed is left
   */
  #settings(ctx: BotContext): NewsSettings {
    const settings = readSettings(ctx.settings)
    if (settings.secUserAgent) return settings
    const feeds = settings.feeds.filter((feed) => !isSec(feed))
    const hint = 'set SEC_USER_AGENT to a name and an e-mail address (SEC refuses requests without a contact)'
    if (feeds.length === 0) throw new Error(`news: no feed is left to read; ${hint}`)
    if (feeds.length < settings.feeds.length && !this.#warnedOfSec) {
      this.#warnedOfSec = true
      ctx.log.warn(`news: SEC EDGAR is left out; ${hint}`)
    }
    return { ...settings, feeds }
  }

  async #openSeen(ctx: BotContext): Promise<SeenList> {
    this.#seen ??= await openSeen({
      folder: this.#demo ? undefined : join(ctx.dataFolder, 'news'),
      // A trial must not use up the alerts of the real run.
      write: !ctx.dryRun,
      now: this.#now,
      warn: (message) => ctx.log.warn(message),
      fail: (error) => ctx.recordError(error),
    })
    return this.#seen
  }
}
