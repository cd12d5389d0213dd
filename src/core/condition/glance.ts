import { type CatalystError, messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import type { Home } from '#core/home/home.js'
import { pauseOf } from '#core/home/pause.js'
import type { Clock } from '#core/platform/clock.js'
import { observeTree, type ProcessUse } from '#core/platform/process/process-tree.js'
import { countUnexpectedExits } from '#core/service/status/last-exit.js'
import type { Condition } from './condition.js'
import { healthFor, processOf } from './gather.js'
import { workOf } from './parts.js'
import { type SharedToken, sharedTokens } from './shared-tokens.js'

/** A home as `ls --json` lists it: a few figures of its condition. Nothing that the home names is run for them. */
export interface Glance extends Pick<Condition, 'home' | 'name' | 'stopped_by' | 'paused'> {
  readonly health: { readonly status: Health['status']; readonly reasons: readonly string[] }
  readonly pid: number | null
  readonly uptime_seconds: number | null
  /** The exits that nobody asked for, since somebody last started its service; null where that can't be told. */
  readonly restarts: number | null
  /** The share of one core, of the bot and all that it has started; null where that can't be told. */
  readonly cpu_ratio: number | null
  readonly memory_bytes: number | null
  readonly release: string | null
  readonly last_cycle_seconds_ago: number | null
}

/** All homes, and the tokens that several of them have. */
export interface Overview {
  readonly homes: readonly Glance[]
  readonly shared_tokens: readonly SharedToken[]
}

/** The time over which processor time is measured: a person waits for it. */
const CPU_MS = 300

/** The number of homes that are asked at the same time. */
const AT_ONCE = 32

/** Returns all homes with a few figures each. They are asked at the same time, as far as their number allows. */
export async function overviewOf(clock: Clock, homes: readonly Home[]): Promise<Overview> {
  const found: Glance[] = []
  for (let from = 0; from < homes.length; from += AT_ONCE)
    found.push(...(await glanceAll(clock, homes.slice(from, from + AT_ONCE))))
  const values = homes.map(({ paths, config }) => ({ home: paths.home, values: config.environment }))
  return { homes: found, shared_tokens: sharedTokens(values) }
}

async function glanceAll(clock: Clock, homes: readonly Home[]): Promise<Glance[]> {
  const bots = await Promise.all(homes.map(async (home) => (await orNull(() => processOf(home)))?.bot))
  const pids = bots.flatMap((bot) => bot?.pid ?? [])
  const [uses, healths] = await Promise.all([
    pids.length === 0 ? [] : observeTree(clock, pids, CPU_MS).catch(() => []),
    Promise.all(homes.map((home) => healthOrWhyNot(home))),
  ])
  return Promise.all(
    homes.map(async (home, index): Promise<Glance> => {
      const { status, reasons, report } = healths[index] as Health
      const bot = bots[index]
      const stop = await orNull(() => home.desiredStop())
      const work = report === undefined ? undefined : workOf(report)
      const own = bot === undefined ? [] : treeUnder(uses, bot.pid)
      return {
        home: home.paths.home,
        name: home.settings.BOT_NAME,
        health: { status, reasons },
        stopped_by: stop ? { by: stop.by, at: stop.at } : null,
        paused: pauseOf(home.paths, clock.now()) ?? null,
        pid: bot?.pid ?? null,
        uptime_seconds: work?.uptime_seconds ?? (bot ? Math.floor((clock.now() - Date.parse(bot.since)) / 1000) : null),
        restarts: await orNull(() => countUnexpectedExits(home.newestEntries())),
        cpu_ratio: own.length === 0 ? null : sum(own.map(({ cpuPercent }) => cpuPercent)) / 100,
        memory_bytes: own.length === 0 ? null : sum(own.map(({ rssBytes }) => rssBytes)),
        release: bot ? bot.release : ((await orNull(() => home.activePointer()))?.name ?? null),
        last_cycle_seconds_ago: work?.last_cycle_seconds_ago ?? null,
      }
    }),
  )
}

async function healthOrWhyNot(home: Home): Promise<Health> {
  try {
    return await healthFor(home)
  } catch (error) {
    return { status: 'unknown', reasons: [messageOf(error as CatalystError)] }
  }
}

/** Returns what was read; null where this user is not permitted to, or it is damaged. */
async function orNull<T>(read: () => T | Promise<T>): Promise<T | null> {
  try {
    return await read()
  } catch {
    return null
  }
}

/** Returns a process of these and its descendants among them. */
export function treeUnder(uses: readonly ProcessUse[], root: number): ProcessUse[] {
  const found = new Set([root])
  for (let before = -1; before !== found.size; ) {
    before = found.size
    for (const { pid, parent } of uses) if (found.has(parent)) found.add(pid)
  }
  return uses.filter(({ pid }) => found.has(pid))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
