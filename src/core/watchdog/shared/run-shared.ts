import type { Logger } from 'pino'
import { listenForStop } from '#core/bot/stop-request.js'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { allRegistered } from '#core/home/registry.js'
import { registryBeside } from '#core/home/shared-watchdog.js'
import { type Descriptors, keepServiceLogsShort } from '#core/logging/service-logs.js'
import { retentionOf } from '#core/logging/write/retention.js'
import { openSmallLog } from '#core/logging/write/small-log.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { type Clock, sleep, within } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import { exists } from '#core/platform/fs/files.js'
import { makeFolder, OWNER_FOLDER } from '#core/platform/fs/write-files.js'
import { preferSmallHeap } from '#core/platform/process/heap-preference.js'
import { tell } from '#core/platform/process/stderr.js'
import { catchStrayErrors } from '#core/platform/process/stray-errors.js'
import { countOf } from '#core/text.js'
import { claimWatch } from '#core/watchdog/run/claim-watch.js'
import { notifyManager } from '#core/watchdog/run/notify-manager.js'
import { HomeUnit, type HomeUnitOptions, LOOK_INTERVAL_MS } from './home-unit.js'
import { writeSharedFile } from './shared-file.js'
import { type Standing, standingText } from './standing.js'

/** The delay between the begins of two homes. Not a part of the second in which each of them looks at its bot. */
const STAGGER_MS = 618
/** The time beyond a bot's own in which a home is closed. */
const CLOSING_MS = 15_000

export interface SharedWatchdogOptions extends Pick<HomeUnitOptions, 'read' | 'isThere'> {
  /** The folder of the shared watchdog, laid out as a home. */
  readonly paths: HomePaths
  /** The settings of its own log. */
  readonly settings: Settings
  /** The files that its output goes to, where it runs as a service. */
  readonly descriptors?: Descriptors
  readonly open: HomeUnitOptions['open']
  /** Writes a log line, as JSON. */
  readonly console: (line: string) => void
}

/** A home that is looked after, and what ends that. */
interface Unit {
  readonly unit: HomeUnit
  readonly stop: AbortController
  readonly ended: Promise<void>
}

/**
 * Watches all registered homes of this user, until it is asked to stop. Returns the process's exit code.
 * @throws CatalystError WATCHDOG_RUNNING
 */
export async function runSharedWatchdog(clock: Clock, options: SharedWatchdogOptions): Promise<number> {
  const { paths } = options
  preferSmallHeap()
  const closing: (() => unknown)[] = []
  const end = listenForStop(() => {})
  closing.push(end.stopListening)
  try {
    makeFolder(paths.own, OWNER_FOLDER)
    closing.push(await claimShared(clock, paths))
    const log = openLog(clock, options, closing)
    const homes = new Homes(clock, options, log, end.askedBy)
    let failure: unknown
    closing.push(
      catchStrayErrors((error) => {
        failure ??= error
        end.ask('control')
      }),
    )
    closing.push(notifyManager(clock, { line: () => homes.line(), onFault: (what) => log.error(what) }))
    const registry = registryBeside(paths.home)
    log.info(`watching all homes in ${registry}`)
    const read = registryReader(registry, log)
    while (!end.signal.aborted) {
      homes.update(read())
      await sleep(clock, LOOK_INTERVAL_MS, end.signal)
    }
    if (failure === undefined) log.info(`asked to stop (${end.askedBy()})`)
    await homes.close()
    if (failure !== undefined) throw failure
    return EXIT.done
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

/** The homes of the shared watchdog, each a unit of its own. */
class Homes {
  readonly #clock: Clock
  readonly #options: SharedWatchdogOptions
  readonly #log: Logger
  readonly #askedBy: () => string | undefined
  readonly #units = new Map<string, Unit>()
  readonly #standings = new Map<string, Standing>()

  constructor(clock: Clock, options: SharedWatchdogOptions, log: Logger, askedBy: () => string | undefined) {
    this.#clock = clock
    this.#options = options
    this.#log = log
    this.#askedBy = askedBy
    this.#save()
  }

  /** Begins with homes that are new among these, and lets go of those that are missing; undefined: nothing is known. */
  update(homes: readonly string[] | undefined): void {
    if (homes === undefined) return
    for (const [home, { stop }] of this.#units) {
      if (homes.includes(home) || stop.signal.aborted) continue
      this.#log.info(`${home} is not registered any more`)
      stop.abort()
    }
    const added = homes.filter((home) => !this.#units.has(home))
    for (const [index, home] of added.toReversed().entries()) this.#begin(home, index * STAGGER_MS) // the one used last first
  }

  /** Returns how the homes are in one line. */
  line(): string {
    const count = (state: Standing['state']) =>
      [...this.#standings.values()].filter((one) => one.state === state).length
    const [left, failing] = [count('left'), count('failing')]
    return [
      `${countOf(count('watched'), 'home')} watched`,
      ...(left > 0 ? [`${left} left alone`] : []),
      ...(failing > 0 ? [`${failing} can't be watched`] : []),
    ].join(', ')
  }

  /** Ends all of them at once; one that hangs is left behind. */
  async close(): Promise<void> {
    const units = [...this.#units.values()]
    for (const { stop } of units) stop.abort()
    const longestMs = Math.max(0, ...units.map(({ unit }) => unit.stopMs)) + CLOSING_MS
    await within(this.#clock, longestMs, Promise.all(units.map(({ ended }) => ended)))
  }

  #begin(home: string, delayMs: number): void {
    const { paths, open, read, isThere } = this.#options
    const unit = new HomeUnit(this.#clock, {
      home,
      shared: paths.home,
      delayMs,
      open,
      ...(read && { read }),
      ...(isThere && { isThere }),
      onStanding: (standing) => this.#stands(home, standing),
      onFailure: (text) => this.#log.error(text),
    })
    const stop = new AbortController()
    const ended = unit.run(stop.signal, this.#askedBy).finally(() => {
      this.#units.delete(home)
      this.#standings.delete(home)
      this.#save()
    })
    this.#units.set(home, { unit, stop, ended })
  }

  #stands(home: string, standing: Standing): void {
    const before = this.#standings.get(home)
    if (before?.state === standing.state && before.why === standing.why) return
    if (before === undefined && standing.state === 'gone') return // for long, perhaps
    this.#standings.set(home, standing)
    const text = standingText(home, standing, before)
    if (text !== undefined) this.#log[standing.state === 'failing' ? 'warn' : 'info'](text)
    this.#save()
  }

  #save(): void {
    const homes = [...this.#standings].map(([home, standing]) => ({ home, ...standing }))
    const save = () => writeSharedFile(this.#options.paths, { pid: process.pid, homes })
    bestEffort(save, (fault) => this.#log.warn(`how the homes stand can't be written down: ${fault}`))
  }
}

async function claimShared(clock: Clock, paths: HomePaths): Promise<() => void> {
  try {
    return await claimWatch(clock, paths)
  } catch (error) {
    if (!(error instanceof CatalystError) || error.code !== 'WATCHDOG_RUNNING') throw error
    throw new CatalystError(
      error.message.replace(/^A watchdog already runs for .*: /, 'The shared watchdog runs already: '),
      {
        code: error.code,
        exit: error.exit,
        suggestions: ['See what it sees: catalyst watchdog status --all'],
      },
    )
  }
}

/** Returns what reads the homes of a registry, and says once why nothing is known of them: it returns undefined then. */
function registryReader(path: string, log: Logger): () => readonly string[] | undefined {
  const fault = new FaultLatch((text) => (text ? log.warn(text) : log.info(`${path} can be read`)))
  return () => {
    const homes = allRegistered(path)
    const why = exists(path) ? "can't be read or is damaged" : 'does not exist yet'
    fault.set(homes === undefined ? `${path} ${why}, so no new home is found` : undefined)
    return homes
  }
}

/** Opens its own log, and keeps those short that its service manager appends its output to. */
function openLog(
  clock: Clock,
  { paths, settings, descriptors, console }: SharedWatchdogOptions,
  closing: (() => unknown)[],
): Logger {
  const retention = retentionOf(settings)
  const { log, close } = openSmallLog(clock, {
    folder: paths.logs,
    name: 'watchdog.log',
    level: settings.LOG_LEVEL,
    retention,
    redact: (text) => text, // it holds no settings of a home
    console,
    onFault: (fault) => tell(fault ? `watchdog.log can't be written: ${fault}` : 'watchdog.log can be written again'),
  })
  closing.push(close)
  if (descriptors) {
    const logs = { role: 'watchdog', folder: paths.logs, retention, descriptors } as const
    closing.push(keepServiceLogsShort(clock, { ...logs, onFault: (fault) => log.warn(fault) }))
  }
  return log
}
