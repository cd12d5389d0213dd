import { messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import { activeRelease } from '#core/home/active-release.js'
import { type BotFile, readBotFile } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type Fields, isObject } from '#core/json.js'
import type { LogLine } from '#core/logging/read/log-query.js'
import { closeLogs, openLog } from '#core/logging/read/open-logs.js'
import { readNewest } from '#core/logging/read/read-logs.js'
import { type Clock, within } from '#core/platform/clock.js'
import { memoryKills } from '#core/platform/container.js'
import { type DiskSpace, diskSpace } from '#core/platform/disk/disk-space.js'
import { machineState } from '#core/platform/machine.js'
import { observeTree, type ProcessUse } from '#core/platform/process/process-tree.js'
import { pidsWithEnvironment } from '#core/platform/process/signals.js'
import { lastWords } from '#core/service/status/last-errors.js'
import { isoOf } from '#core/text.js'
import { type Where, whereStuck } from './diagnosis.js'
import type { Incident } from './incident.js'

/** The bot as the watchdog has observed it. */
export interface Observed {
  /** The health at the last observation. */
  readonly now: Health | undefined
  /** The last answer with figures, and its wall time in ms. */
  readonly last: { readonly at: number; readonly health: Health } | undefined
  /** The number of {@link memoryKills} at the last observation. */
  readonly memoryKills: number | undefined
  /** Returns what the supervisor knows of the bot: its service manager, or the watchdog itself. */
  readonly service: () => Promise<unknown>
}

/** The evidence gathered before a restart, as `incident show --json` prints it. Sizes are in MB. */
export interface Evidence {
  /** The time at which it was gathered, ISO 8601. */
  readonly at: string
  readonly where: Where | null
  readonly health: {
    readonly now: Health | null
    readonly last: Health | null
    readonly last_at: string | null
  }
  readonly bot: Omit<BotFile, 'control'> | null
  readonly service: unknown
  readonly processes: readonly Process[] | null
  readonly machine: Machine
  readonly release: string | null
  /** The bot's standard error, as far as the service manager has it. */
  readonly stderr: readonly string[]
  /** The parts that could not be gathered, and why. */
  readonly missing: readonly string[]
}

/** Returns whether the content of a file can be shown as evidence. */
export function isEvidence(value: Fields): boolean {
  const { at, where, health, processes, machine, release, stderr, missing } = value
  return (
    typeof at === 'string' &&
    (where === null || (isObject(where) && typeof where.what === 'string' && areTexts(where.lines))) &&
    isObject(health) &&
    [health.now, health.last].every((one) => one === null || (isObject(one) && areTexts(one.reasons))) &&
    (processes === null || (Array.isArray(processes) && processes.every(isShownProcess))) &&
    isObject(machine) &&
    (release === null || typeof release === 'string') &&
    areTexts(stderr) &&
    areTexts(missing)
  )
}

function areTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isShownProcess(value: unknown): boolean {
  return isObject(value) && typeof value.name === 'string' && typeof value.state === 'string'
}

type Process = Omit<ProcessUse, 'rssBytes' | 'cpuPercent'> & { readonly rss_mb: number; readonly cpu_percent: number }

interface Machine {
  readonly memory_total_mb: number
  readonly memory_free_mb: number
  readonly disk_total_mb: number | null
  readonly disk_free_mb: number | null
  readonly load: readonly number[]
  readonly up_seconds: number
}

/** The longest time for gathering: the restart of the bot waits for it. */
export const EVIDENCE_MS = 10_000
const LOG_LINES = 200
const STDERR_LINES = 20
const MB = 1024 * 1024

/** Gathers all evidence at once. It leaves out what isn't there within {@link EVIDENCE_MS}, and what fails. */
export async function gatherEvidence(
  clock: Clock,
  paths: HomePaths,
  incident: Incident,
  observed: Observed,
): Promise<{ evidence: Evidence; log: readonly LogLine[] }> {
  const missing: string[] = []
  const bestEffort = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      const found = await within(
        clock,
        EVIDENCE_MS,
        work().then((value) => ({ value })),
      )
      if (found) return found.value
      missing.push(`${what}: not within ${EVIDENCE_MS / 1000} s`)
    } catch (error) {
      missing.push(`${what}: ${messageOf(error)}`)
    }
    return undefined
  }
  const bot = await bestEffort('the running bot', async () => readBotFile(paths.bot))
  const [log = [], processes, disk, service, stderr = [], release] = await Promise.all([
    bestEffort('the log', () => newestLines(paths.logs)),
    bestEffort('the processes', async () => (bot ? observeTree(clock, processesOf(bot)) : undefined)),
    bestEffort('the disk', () => diskSpace(paths.data)),
    bestEffort('the service', observed.service),
    bestEffort('standard error', async () => lastWords(paths.logs, 'bot', STDERR_LINES).lines),
    bestEffort('the release', async () => activeRelease(paths)?.name),
  ])
  const machine = machineOf(disk)
  const kills = memoryKills()
  const isOutOfMemory = kills !== undefined && observed.memoryKills !== undefined && kills > observed.memoryKills
  const program = processes?.find(({ pid }) => pid === bot?.program?.pid)
  const where = whereStuck({
    why: incident.why,
    log,
    program,
    since: bot && Date.parse(bot.since),
    lastCycleAt: lastCycleAt(observed),
    fullDisk: disk && disk.freeBytes < MB ? paths.home : undefined,
    usedUpMb: isOutOfMemory ? machine.memory_total_mb : undefined,
  })
  const { control: _secret, ...known } = bot ?? {}
  const evidence: Evidence = {
    at: new Date(clock.now()).toISOString(),
    where: where ?? null,
    health: { now: observed.now ?? null, last: observed.last?.health ?? null, last_at: isoOf(observed.last?.at) },
    bot: bot === undefined ? null : (known as Omit<BotFile, 'control'>),
    service: service ?? null,
    processes: processes?.map(inMegabytes) ?? null,
    machine,
    release: release ?? null,
    stderr,
    missing,
  }
  return { evidence, log }
}

/** Returns the bot, and the processes it started that have left its tree. */
function processesOf({ pid, instance }: BotFile): number[] {
  return [pid, ...pidsWithEnvironment('CATALYST_INSTANCE', instance)]
}

/** Reads the newest lines of the bot's log. */
export async function newestLines(logs: string): Promise<LogLine[]> {
  const log = openLog(logs, 'bot.jsonl')
  try {
    return await readNewest([log], { level: 0, sinceMs: 0, grep: undefined }, LOG_LINES, () => {})
  } finally {
    closeLogs([log])
  }
}

function lastCycleAt({ last }: Observed): number | undefined {
  const { timestamp, last_cycle_seconds_ago: ago = null } = last?.health.report ?? {}
  return timestamp === undefined || ago === null ? undefined : Date.parse(timestamp) - ago * 1000
}

function inMegabytes({ rssBytes, cpuPercent, ...use }: ProcessUse): Process {
  return { ...use, rss_mb: Math.round(rssBytes / MB), cpu_percent: cpuPercent }
}

function machineOf(disk: DiskSpace | undefined): Machine {
  const { memoryTotalBytes, memoryFreeBytes, load, upSeconds } = machineState()
  return {
    memory_total_mb: Math.round(memoryTotalBytes / MB),
    memory_free_mb: Math.round(memoryFreeBytes / MB),
    disk_total_mb: disk ? Math.round(disk.totalBytes / MB) : null,
    disk_free_mb: disk ? Math.round(disk.freeBytes / MB) : null,
    load,
    up_seconds: upSeconds,
  }
}
