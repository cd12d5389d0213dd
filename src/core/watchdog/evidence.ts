import { messageOf } from '#core/errors.js'
import type { Health } from '#core/health/client.js'
import type { LogLine } from '#core/logging/log-query.js'
import { closeLogs, openLog } from '#core/logging/open-logs.js'
import { readNewest } from '#core/logging/read-logs.js'
import { lastWords } from '#core/service/last-errors.js'
import { activeRelease } from '#core/state/active-release.js'
import { type BotFile, readBotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { type Clock, within } from '#core/system/clock.js'
import { diskSpace } from '#core/system/files.js'
import { machineState } from '#core/system/machine.js'
import { observeTree, type ProcessUse } from '#core/system/process-tree.js'
import { pidsWithEnvironment } from '#core/system/processes.js'
import { isoOf } from '#core/text.js'
import type { Incident } from './incident.js'
import { type Where, whereStuck } from './where.js'

/** What the watchdog itself has seen. */
export interface Seen {
  /** The last look. */
  readonly now: Health | undefined
  /** The last answer with figures, and its wall time. */
  readonly last: { readonly at: number; readonly health: Health } | undefined
  /** What the keeper knows of the bot: its service manager, or the watchdog itself. */
  readonly service: () => Promise<unknown>
}

/** What was found before the bot was restarted, as `incident show --json` has it. Sizes are in MB. */
export interface Evidence {
  /** ISO 8601. */
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
  /** What the service manager caught of the bot's standard error. */
  readonly stderr: readonly string[]
  /** What could not be found out, and why. */
  readonly missing: readonly string[]
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

/** The bot waits for its restart meanwhile. */
export const EVIDENCE_MS = 10_000
const LOG_LINES = 200
const STDERR_LINES = 20
const MB = 1024 * 1024

/** Gathers everything at once; what isn't there within {@link EVIDENCE_MS} is left out, and so is what fails. */
export async function gatherEvidence(
  clock: Clock,
  paths: HomePaths,
  incident: Incident,
  seen: Seen,
): Promise<{ evidence: Evidence; log: readonly LogLine[] }> {
  const missing: string[] = []
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
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
  const bot = await attempt('the running bot', async () => readBotFile(paths.bot))
  const [log = [], processes, disk, service, stderr = [], release] = await Promise.all([
    attempt('the log', () => newestLines(paths.logs)),
    attempt('the processes', async () => (bot ? observeTree(clock, processesOf(bot)) : undefined)),
    attempt('the disk', () => diskSpace(paths.data)),
    attempt('the service', seen.service),
    attempt('standard error', async () => lastWords(paths.logs, 'bot', STDERR_LINES)),
    attempt('the release', async () => activeRelease(paths)?.name),
  ])
  const program = processes?.find(({ pid }) => pid === bot?.program?.pid)
  const where = whereStuck({
    why: incident.why,
    log,
    program,
    since: bot && Date.parse(bot.since),
    lastCycleAt: lastCycleAt(seen),
  })
  const { control: _secret, ...known } = bot ?? {}
  const evidence: Evidence = {
    at: new Date(clock.now()).toISOString(),
    where: where ?? null,
    health: { now: seen.now ?? null, last: seen.last?.health ?? null, last_at: isoOf(seen.last?.at) },
    bot: bot === undefined ? null : (known as Omit<BotFile, 'control'>),
    service: service ?? null,
    processes: processes?.map(inMegabytes) ?? null,
    machine: machine(disk),
    release: release ?? null,
    stderr,
    missing,
  }
  return { evidence, log }
}

/** The bot, and what it started that has left its tree. */
function processesOf({ pid, instance }: BotFile): number[] {
  return [pid, ...pidsWithEnvironment('CATALYST_INSTANCE', instance)]
}

async function newestLines(logs: string): Promise<LogLine[]> {
  const log = openLog(logs, 'bot.jsonl')
  try {
    return await readNewest([log], { level: 0, sinceMs: 0, grep: undefined }, LOG_LINES, () => {})
  } finally {
    closeLogs([log])
  }
}

function lastCycleAt({ last }: Seen): number | undefined {
  const { timestamp, last_cycle_seconds_ago: ago = null } = last?.health.report ?? {}
  return timestamp === undefined || ago === null ? undefined : Date.parse(timestamp) - ago * 1000
}

function inMegabytes({ rssBytes, cpuPercent, ...use }: ProcessUse): Process {
  return { ...use, rss_mb: Math.round(rssBytes / MB), cpu_percent: cpuPercent }
}

function machine(disk: { freeBytes: number; totalBytes: number } | undefined): Machine {
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
