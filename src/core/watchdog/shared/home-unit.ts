import { type Config, readConfig } from '#core/config/load.js'
import { secretForms } from '#core/config/secrets.js'
import { CatalystError, codeOf, messageOf } from '#core/errors.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { readHolderNow } from '#core/home/lock.js'
import { redactor } from '#core/logging/redact.js'
import { orAborted } from '#core/platform/abort.js'
import { Backoff } from '#core/platform/backoff.js'
import { type Clock, every, sleep, within } from '#core/platform/clock.js'
import { FolderGate, type FolderState } from '#core/platform/fs/folder-gate.js'
import { withProxiesOf } from '#core/platform/net/proxy.js'
import { guarded } from '#core/platform/process/stray-errors.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import type { WatchEnd } from '#core/watchdog/loop.js'
import { isDeploying } from '#core/watchdog/observe.js'
import { newHolder } from '#core/watchdog/run/claim-watch.js'
import { type HomeWatch, openHomeWatch } from '#core/watchdog/run/home-watch.js'
import type { HomeWatchOptions } from '#core/watchdog/run/options.js'
import { changesSince } from './changes.js'
import { marksOf, readFacts, type Standing, standingBeside, standingOf, WATCHED } from './standing.js'

/** The interval at which a home is looked at: whether it is there, is to be watched, and has other settings. */
export const LOOK_INTERVAL_MS = 5000
/** The time after which a watch that failed is left behind, whatever it waits for. */
const STUCK_MS = 60_000
/** The delays before a home is watched again whose watch failed. */
const DELAYS = { firstMs: LOOK_INTERVAL_MS, mostMs: 5 * 60_000 }

export interface HomeUnitOptions {
  readonly home: string
  /** The folder of the shared watchdog. */
  readonly shared: string
  /** The delay before it begins: not all homes are looked at in the same moment. */
  readonly delayMs: number
  /** Returns what the watch of a home with these settings needs. */
  readonly open: (paths: HomePaths, config: Config) => Omit<HomeWatchOptions, 'paths' | 'config' | 'holder'>
  readonly read?: (home: string) => Config
  readonly onStanding: (standing: Standing) => void
  /** Called with what went wrong, in words and without secrets: an error's stack, where nobody expected it. */
  readonly onFailure: (text: string) => void
  /** Asks whether a path exists; the default asks the disk. */
  readonly isThere?: (path: string) => Promise<boolean>
}

/**
 * One home of the shared watchdog, as a unit of work of its own: whatever fails in it, or hangs, disturbs no other home.
 * It watches the home while that is there and is to be watched, anew after a failure and with other settings.
 */
export class HomeUnit {
  readonly #clock: Clock
  readonly #options: HomeUnitOptions
  readonly #paths: HomePaths
  readonly #gate: FolderGate
  readonly #backoff = new Backoff(DELAYS)
  /** The holder of the home's lock, always the same: one that could not be released is still this one's. */
  readonly #holder
  /** Ends the watch that goes on, if one does. */
  #finish: ((how: WatchEnd) => void) | undefined
  /** True where another watch follows the last one at once. */
  #isFollowed = false
  #stopMs = 0
  #redact = (text: string) => text

  constructor(clock: Clock, options: HomeUnitOptions) {
    const { home, shared, isThere } = options
    this.#clock = clock
    this.#options = options
    this.#paths = homePaths(home)
    this.#holder = newHolder(shared)
    this.#gate = new FolderGate(clock, marksOf(this.#paths), (state) => this.#onFolder(state), isThere)
  }

  /** The time that its bot may take to stop, in milliseconds. */
  get stopMs(): number {
    return this.#stopMs
  }

  /** Watches the home until the signal aborts; `askedBy` returns who asked for that. It never fails. */
  run(end: AbortSignal, askedBy: () => string | undefined): Promise<void> {
    return guarded(
      (error) => this.#fail(error),
      () => this.#run(end, askedBy),
    )
  }

  async #run(end: AbortSignal, askedBy: () => string | undefined): Promise<void> {
    await sleep(this.#clock, this.#options.delayMs, end)
    while (!end.aborted) {
      await orAborted(this.#gate.answered(), end)
      if (end.aborted) return
      this.#isFollowed = false
      if (this.#gate.state === 'there' && this.#backoff.isDue(this.#clock.monotonic()))
        await orAborted(this.#tryWatch(end, askedBy), end, () => this.#gate.state === 'silent') // closing would hang
      if (!this.#isFollowed) await sleep(this.#clock, LOOK_INTERVAL_MS, end)
    }
  }

  async #tryWatch(end: AbortSignal, askedBy: () => string | undefined): Promise<void> {
    try {
      const config = this.#read()
      const standing = standingOf(readFacts(this.#paths, config))
      this.#redact = redactor(secretForms(config.environment)) // which touches no disk
      if (standing.state === 'watched') await withProxiesOf(config.environment, () => this.#watch(config, end, askedBy))
      else this.#stands(standing)
    } catch (error) {
      if (isRunElsewhere(error)) this.#stands(standingBeside(readHolderNow(this.#paths.watchdogLock)))
      else this.#fail(error)
    }
  }

  async #watch(config: Config, end: AbortSignal, askedBy: () => string | undefined): Promise<void> {
    const stop = new AbortController()
    let how: WatchEnd = 'over'
    const finish = (as: WatchEnd) => {
      if (!stop.signal.aborted) how = as
      stop.abort()
    }
    const onEnd = () => {
      if (this.#gate.state !== 'silent') return finish('over')
      void this.#gate.answered().then(() => finish('over')) // nobody waits for that, but it must not go on watching
    }
    const clock = this.#gate.clock(() => how === 'gone')
    const watch = await openHomeWatch(clock, {
      ...this.#options.open(this.#paths, config),
      paths: this.#paths,
      config,
      holder: this.#holder,
    })
    let endLooks = () => {}
    try {
      this.#stands(WATCHED)
      this.#stopMs = stopTimeoutMs(config.settings)
      this.#finish = (as) => {
        if (as === 'gone') watch.leave()
        finish(as)
      }
      end.addEventListener('abort', onEnd)
      if (end.aborted) onEnd()
      endLooks = this.#lookForChanges(clock, config, { watch, finish })
      const running = watch.run(stop.signal, () => how)
      const isFollowed = () => how === 'followed'
      await orAborted(running, stop.signal, isFollowed)
      await (isFollowed() ? within(this.#clock, STUCK_MS, running) : running)
      if (end.aborted) await watch.tellEnd(askedBy() ?? 'the home is not registered any more')
      this.#isFollowed = isFollowed()
    } finally {
      this.#finish = undefined
      end.removeEventListener('abort', onEnd)
      endLooks()
      await watch.close()
    }
  }

  /** Ends the watch once the home is to be watched otherwise, but not in the middle of something. Returns what ends that. */
  #lookForChanges(
    clock: Clock,
    config: Config,
    { watch, finish }: { watch: HomeWatch; finish: (how: WatchEnd) => void },
  ): () => void {
    const began = clock.monotonic()
    const changes = changesSince(this.#paths, config, {
      read: () => this.#read(),
      onFaults: (faults) => this.#fails(`its settings have faults by now, and stay as they were: ${faults}`),
    })
    return every(clock, LOOK_INTERVAL_MS, async () => {
      if (clock.monotonic() - began > DELAYS.mostMs) this.#backoff.succeeded()
      if (watch.isRestarting() || (await isDeploying(this.#paths))) return
      const how = changes()
      if (how !== undefined) finish(how)
    })
  }

  #read(): Config {
    const { read = (home) => readConfig(home, process.env), home } = this.#options
    return read(home)
  }

  #onFolder(state: FolderState): void {
    if (state === 'silent') this.#stands({ state: 'failing', why: 'its disk gives no answer' })
    if (state === 'there' && this.#finish !== undefined) this.#stands(WATCHED)
    if (state !== 'gone') return
    this.#stands({ state: 'gone', why: null })
    this.#finish?.('gone')
  }

  #fails(what: string): void {
    this.#options.onFailure(this.#redact(`${this.#options.home}: ${what}`))
  }

  #stands({ state, why }: Standing): void {
    this.#options.onStanding({ state, why: why && this.#redact(why) })
  }

  /** Takes in an error of this home's watch that nobody expected: it is watched anew, after a while. */
  #fail(error: unknown): void {
    const isExpected = !(error instanceof Error) || error instanceof CatalystError || codeOf(error) !== undefined
    const text = isExpected ? messageOf(error) : (error.stack ?? error.message)
    this.#fails(text)
    this.#stands({ state: 'failing', why: messageOf(error) })
    this.#backoff.tried(this.#clock.monotonic())
    this.#finish?.('followed')
  }
}

function isRunElsewhere(error: unknown): boolean {
  return error instanceof CatalystError && error.code === 'WATCHDOG_RUNNING'
}
