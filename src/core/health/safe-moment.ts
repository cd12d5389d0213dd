import type { BotFile } from '#core/home/bot-file.js'
import { readBotFile } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { pollUntil } from '#core/platform/poll.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { type Announced, announcedIn, announcedText } from './announced.js'
import { askControl, type Health } from './client.js'

/** What a running bot says of its work. `silent`: it runs, and gives no answer. */
export type Business = { readonly busy: Announced } | 'idle' | 'silent'

/** The time without an answer after which a bot that was busy counts as frozen: a restart is what helps it. */
const FROZEN_MS = 15_000
const POLL_INTERVAL_MS = 1000
const ASK_MS = 2000

/** A wait for a bot that is busy. Times are monotonic, in milliseconds. */
export interface Wait {
  readonly since: number
  /** The last answer. */
  readonly busy: Announced
  /** The time since which it gives no answer; undefined while it does. */
  readonly silentSince: number | undefined
}

/**
 * Decides whether a planned restart waits, from one more answer of the bot. Returns the wait; undefined where the
 * restart goes on: the bot is not busy, it is frozen, or it has been waited for as long as is allowed.
 */
export function waitStep(before: Wait | undefined, business: Business, now: number, maxMs: number): Wait | undefined {
  if (business === 'idle' || now - (before?.since ?? now) >= maxMs) return undefined
  if (business !== 'silent') return { since: before?.since ?? now, busy: business.busy, silentSince: undefined }
  if (before === undefined) return undefined
  const silentSince = before.silentSince ?? now
  return now - silentSince >= FROZEN_MS ? undefined : { ...before, silentSince }
}

/** The result of a wait for a safe moment. */
export interface SafeMoment {
  readonly waitedMs: number
  /** The last reason for the wait; undefined: there was none. */
  readonly busy: Announced | undefined
  /** True where the bot is still busy, but was waited for as long as is allowed. */
  readonly isBusy: boolean
}

export interface SafeMomentOptions {
  readonly ask: () => Promise<Business>
  /** The longest wait; 0: none. */
  readonly maxMs: number
  readonly signal?: AbortSignal | undefined
  /** Called at each look at a bot that is busy. */
  readonly onWait: (busy: Announced) => void
}

/** Waits until a bot can be interrupted; ends early where the signal aborts. */
export async function waitForSafeMoment(clock: Clock, options: SafeMomentOptions): Promise<SafeMoment> {
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
export async function askBusiness(paths: HomePaths): Promise<Business> {
  const bot = botOf(paths)
  if (bot === undefined || !(await isRunning(bot))) return 'idle'
  const health = await askControl(bot, ASK_MS)
  return health === undefined ? 'idle' : businessOf(health)
}

/** Returns what a bot's health says of its work. One that is unhealthy is not waited for. */
export function businessOf({ status, report }: Health): Business {
  if (status === 'unreachable') return 'silent'
  const busy = announcedIn(report?.busy)
  return busy === undefined || status === 'unhealthy' || status === 'stopping' ? 'idle' : { busy }
}

/** Describes to a person what is waited for, and how not to. `what` begins the second sentence: `The restart`. */
export function waitText(what: string, busy: Announced, maxMs: number): string {
  return `The bot is busy: ${announcedText(busy)}. ${what} waits for it, ${maxMs / 1000} s at most (BOT_BUSY_MAX); Ctrl-C ends that, --now goes on at once.`
}

/** Describes that something goes on although the bot is busy. */
export function stillBusyText(busy: Announced, maxMs: number): string {
  return `The bot is still busy (${announcedText(busy)}), but ${maxMs / 1000} s (BOT_BUSY_MAX) are over: it goes on.`
}

function botOf(paths: HomePaths): BotFile | undefined {
  try {
    return actingAs(ownerOf(paths.home), () => readBotFile(paths.bot))
  } catch {
    return undefined // whoever can't read it isn't permitted to restart the bot either
  }
}
