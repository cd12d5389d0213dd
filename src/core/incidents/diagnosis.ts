import { STATUS_LINE } from '#core/health/watch-status.js'
import { LEVELS } from '#core/logging/levels.js'
import type { LogLine } from '#core/logging/read/log-query.js'
import { quotedLine } from '#core/logging/read/plain.js'
import type { ProcessUse } from '#core/platform/process/process-tree.js'
import type { Why } from './incident.js'

/** The place where the bot is stuck, or its last words: a sentence, and the lines that belong to it. */
export interface Where {
  readonly what: string
  readonly lines: readonly string[]
}

export interface WhereFacts {
  readonly why: Why
  /** The bot's log lines, oldest first. */
  readonly log: readonly LogLine[]
  /** The start of the bot, as wall time in ms: earlier lines are another bot's. Undefined where that isn't known. */
  readonly since: number | undefined
  /** The end of its last cycle, as wall time in ms; undefined where that isn't known. */
  readonly lastCycleAt: number | undefined
  /** The program that runs as the bot; undefined for a bot in Catalyst's own process, and for one that has exited. */
  readonly program: ProcessUse | undefined
  /** The folder whose disk is full, if one is. */
  readonly fullDisk?: string | undefined
  /** The memory, in MB, that was used up when the kernel killed a process for it, if it just has. */
  readonly usedUpMb?: number | undefined
}

const LINES = 5
/** The time before the last line in which errors may have caused the exit. */
const RECENT_MS = 60_000

/** Returns where the bot is stuck, by the most certain source; undefined where nothing is known. */
export function whereStuck(facts: WhereFacts): Where | undefined {
  const { fullDisk, usedUpMb } = facts
  const { what, lines } = whereOf(facts) ?? { what: undefined, lines: [] }
  const words = [
    ...(fullDisk ? [`The disk that holds ${fullDisk} is full: make room there.`] : []),
    ...(usedUpMb ? [`The kernel killed a process, since all ${usedUpMb} MB of memory were used up.`] : []),
    ...(what ? [what] : []),
  ]
  return words.length === 0 ? undefined : { what: words.join(' '), lines }
}

function whereOf(facts: WhereFacts): Where | undefined {
  const { why, since = 0, program } = facts
  if (why === 'ended' || why === 'down' || why === 'settings') return lastWords(facts.log)
  if (why === 'memory') return undefined
  const log = facts.log.filter(({ timeMs }) => timeMs >= since)
  const frames = blockedAt(log)
  if (frames) return { what: 'Its event loop is blocked.', lines: frames }
  if (program) return { what: programState(program), lines: plain(work(log)) }
  if (why === 'hangs') return inCycle(log, facts.lastCycleAt)
  return lastWords(log)
}

/** Returns the stack of an event loop that is still blocked: the log writer's thread writes each block and its end. */
function blockedAt(log: readonly LogLine[]): readonly string[] | undefined {
  for (const { text } of [...log].reverse()) {
    if (!text.includes('"blocked":')) continue
    const frames = framesIn(text)
    if (frames !== undefined) return frames.length > 0 ? frames : undefined
  }
  return undefined
}

function framesIn(text: string): string[] | undefined {
  try {
    const { blocked } = JSON.parse(text)
    return Array.isArray(blocked) && blocked.every((frame) => typeof frame === 'string') ? blocked : undefined
  } catch {
    return undefined // an incomplete line
  }
}

/** Returns what the hanging cycle logged: the last line is the stage that it is in. */
function inCycle(log: readonly LogLine[], lastCycleAt: number | undefined): Where | undefined {
  if (lastCycleAt === undefined) return lastWords(log)
  const stages = work(log).filter(({ timeMs }) => timeMs > lastCycleAt)
  if (stages.length > 0) return { what: 'Its cycle hangs behind what it logged last.', lines: plain(stages) }
  return { what: 'Its cycle hangs, and has logged nothing.', lines: plain(work(log)) }
}

const STATES: Readonly<Record<string, string>> = {
  R: 'runs',
  S: 'waits',
  D: 'waits for a device',
  T: 'is stopped by a signal',
  t: 'is stopped by a debugger',
  Z: 'has ended, and nobody has asked how',
}

function programState({ pid, name, state, cpuPercent, threads = [] }: ProcessUse): string {
  const { waits } = threads.find(({ id }) => id === pid) ?? {}
  const does = STATES[state] ?? state
  const detail = state === 'R' ? ` (${cpuPercent} % of a core)` : waits ? ` (${waits})` : ''
  return `The program ${name} (pid ${pid}) ${does}${detail}; what it printed last:`
}

/** Returns the errors among the last lines, or, where there are none, the last lines. */
function lastWords(log: readonly LogLine[]): Where | undefined {
  const words = work(log)
  if (words.length === 0) return undefined
  const since = (words.at(-1) as LogLine).timeMs - RECENT_MS
  const errors = words.filter(({ level, timeMs }) => level >= LEVELS.error && timeMs >= since)
  return errors.length > 0
    ? { what: 'Its last errors:', lines: plain(errors) }
    : { what: 'What it logged last:', lines: plain(words) }
}

/** Returns the lines of the bot's own work: its status is known already. */
function work(log: readonly LogLine[]): LogLine[] {
  return log.filter(({ message }) => !message.startsWith(STATUS_LINE))
}

function plain(lines: readonly LogLine[]): string[] {
  return lines.slice(-LINES).map(({ text }) => quotedLine(text))
}
