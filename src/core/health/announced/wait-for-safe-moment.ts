import { askControl } from '#core/health/client.js'
import { type BotFile, readBotFile } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { pollUntil } from '#core/platform/poll.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { type Announced, announcedText } from './announced.js'
import { type Business, businessOf, type Wait, waitStep } from './safe-moment.js'

const POLL_INTERVAL_MS = 1000
const ASK_MS = 2000

export interface SafeMomentOptions {
  /** The operation that waits, as the beginning of a sentence: `The restart`. */
  readonly what: string
  /** The longest wait; 0: none. */
  readonly maxMs: number
  readonly signal?: AbortSignal
  /** Tells a person what is waited for, and where it goes on although the bot is busy. */
  readonly say: (text: string) => void
  /** Called at each answer of a bot that is busy. */
  readonly onWait: (busy: Announced) => void
}

/** Waits until the bot of this home can be interrupted, and says so. Returns the time that it took; undefined: none. */
export async function waitUntilSafe(
  clock: Clock,
  paths: HomePaths,
  { what, maxMs, signal, say, onWait }: SafeMomentOptions,
): Promise<number | undefined> {
  let isSaid = false
  const { busy, isBusy, waitedMs } = await waitForSafeMoment(clock, {
    ask: () => askBusiness(paths),
    maxMs,
    signal,
    onWait(found) {
      if (!isSaid) say(waitText(what, found, maxMs))
      isSaid = true
      onWait(found)
    },
  })
  if (busy === undefined) return undefined
  if (isBusy && !signal?.aborted) say(stillBusyText(busy, maxMs))
  return waitedMs
}

/** The result of a wait for a safe moment. */
interface SafeMoment {
  readonly waitedMs: number
  /** The last reason for the wait; undefined: there was none. */
  readonly busy: Announced | undefined
  /** True where the bot is still busy, but was waited for as long as is allowed. */
  readonly isBusy: boolean
}

interface WaitOptions {
  readonly ask: () => Promise<Business>
  /** The longest wait; 0: none. */
  readonly maxMs: number
  readonly signal?: AbortSignal | undefined
  /** Called at each answer of a bot that is busy. */
  readonly onWait: (busy: Announced) => void
}

/** Waits until a bot can be interrupted; ends early where the signal aborts. */
export async function waitForSafeMoment(clock: Clock, options: WaitOptions): Promise<SafeMoment> {
  const { ask, maxMs, signal, onWait } = options
  const began = clock.monotonic()
  let wait: Wait | undefined
  let busy: Announced | undefined
  let isBusy = false
  const isOver = async () => {
    const business = await ask()
    wait = waitStep(wait, business, clock.monotonic(), maxMs)
    isBusy = typeof business === 'object'
    busy = wait?.busy ?? busy
    if (wait === undefined) return true
    onWait(wait.busy)
    return undefined
  }
  const polling = { intervalMs: POLL_INTERVAL_MS, timeoutMs: maxMs, ...(signal && { signal }) }
  if (maxMs > 0) await pollUntil(clock, polling, isOver)
  return { waitedMs: busy === undefined ? 0 : clock.monotonic() - began, busy, isBusy: isBusy && busy !== undefined }
}

/** Asks the bot of this home, also where its endpoint is switched off. */
async function askBusiness(paths: HomePaths): Promise<Business> {
  const bot = botOf(paths)
  if (bot === undefined || !(await isRunning(bot))) return 'idle'
  const health = await askControl(bot, ASK_MS)
  return health === undefined ? 'idle' : businessOf(health)
}

/** Describes to a person what is waited for, and how not to. */
function waitText(what: string, busy: Announced, maxMs: number): string {
  return `The bot is busy: ${announcedText(busy)}. ${what} waits for it, ${maxMs / 1000} s at most (BOT_BUSY_MAX); Ctrl-C ends that, --now goes on at once.`
}

/** Describes that something goes on although the bot is busy. */
function stillBusyText(busy: Announced, maxMs: number): string {
  return `The bot is still busy (${announcedText(busy)}), but ${maxMs / 1000} s (BOT_BUSY_MAX) are over: it goes on.`
}

function botOf(paths: HomePaths): BotFile | undefined {
  try {
    return actingAs(ownerOf(paths.home), () => readBotFile(paths.bot))
  } catch {
    return undefined // whoever can't read it isn't permitted to restart the bot either
  }
}
