import fs from 'node:fs'
import { join } from 'node:path'
import zlib from 'node:zlib'
import type { Site } from './site.js'
import type { Message, StandIn } from './stand-in.js'

/** What the bot's numbered lines have become in the logs. */
export interface LineCount {
  readonly written: number
  /** Lines that are nowhere, although nothing explains it. */
  readonly lost: readonly string[]
  /** Lines that are nowhere since the disk was full then. */
  readonly onFullDisk: number
  /** How many the log itself says are missing. */
  readonly told: number
  /** Full disks after which the log tells of fewer lines than are missing, or of more than there were. */
  readonly miscounted: readonly string[]
}

interface Line {
  readonly id: string
  /** When it was handed to the log, by the home's clock. */
  readonly at: number
  readonly isUrgent: boolean
}

/** How late a line may be written that nobody waits for, in milliseconds of the home's clock. */
const WRITER_MS = 1000
/** When the log has surely told of what is missing, in milliseconds of the home's clock after there is room. */
const TOLD_MS = 5000
/** Lines of Catalyst's own in the time of one full disk, at most. */
const OWN_LINES = 50

/**
 * Looks for each numbered line in the logs. An urgent one is with the system before the bot goes on; any other may be lost
 * with a process that is killed a moment later.
 */
export function countLines(site: Site): LineCount {
  const { control, speed } = site.access
  const logged = readLogs(site)
  const found = new Set([...logged.matchAll(/line ([\d-]+);/g)].map(([, id]) => id))
  const lines = [...linesOf(join(control, 'info.txt'), false), ...linesOf(join(control, 'urgent.txt'), true)]
  const slack = WRITER_MS * speed
  const missing = lines.filter(({ id }) => !found.has(id))
  const isOnFullDisk = ({ at }: Line) => site.fullDisk.some((full) => isWithin(at, full, slack))
  const isExcused = ({ at, isUrgent }: Line) => !isUrgent && site.kills.some((kill) => at >= kill - slack)
  return {
    written: lines.length,
    lost: missing
      .filter((line) => !isOnFullDisk(line) && !isExcused(line))
      .map(({ id, at }) => `${id} at ${new Date(at).toISOString()}`),
    onFullDisk: missing.filter(isOnFullDisk).length,
    told: sum(notesIn(logged).map(({ count }) => count)),
    miscounted: miscounted(site, lines, missing, notesIn(logged)),
  }
}

interface Note {
  readonly at: number
  readonly count: number
}

/** What the log says of lines that could not be written: up to so many, since a part of a batch may have been. */
function notesIn(logged: string): Note[] {
  return [...logged.matchAll(/"time":"([^"]+)","msg":"up to (\d+) log lines/g)].map(([, time = '', count]) => ({
    at: Date.parse(time),
    count: Number(count),
  }))
}

/** Holds each full disk during which nobody died, who would have taken the count along, against what the log says. */
function miscounted(site: Site, lines: readonly Line[], missing: readonly Line[], notes: readonly Note[]): string[] {
  const slack = WRITER_MS * site.access.speed
  return site.fullDisk.flatMap((full) => {
    const told = { from: full.from, to: full.to + TOLD_MS * site.access.speed }
    const others = site.fullDisk.filter((other) => other !== full)
    const isDisturbed = site.kills.some((kill) => isWithin(kill, told, slack))
    if (isDisturbed || others.some(({ from, to }) => isWithin(from, told, slack) || isWithin(to, told, slack)))
      return []
    const within = (all: readonly Line[]) => all.filter(({ at }) => isWithin(at, full, slack)).length
    const said = sum(notes.filter(({ at }) => isWithin(at, told, 0)).map(({ count }) => count))
    const [least, most] = [within(missing), within(lines) + OWN_LINES]
    return said >= least && said <= most
      ? []
      : [`${said} told of, ${least} missing of ${most - OWN_LINES}, from ${new Date(full.from).toISOString()} on`]
  })
}

function isWithin(at: number, { from, to }: { readonly from: number; readonly to: number }, slack: number): boolean {
  return at >= from - slack && at <= to + slack
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

function linesOf(path: string, isUrgent: boolean): Line[] {
  if (!fs.existsSync(path)) return []
  const lines = fs
    .readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => ({ id: line.split(' ')[0] as string, at: Number(line.split(' ')[1]), isUrgent }))
}

function readLogs(site: Site): string {
  const folder = site.paths.logs
  const names = fs.readdirSync(folder).filter((name) => name.startsWith('bot.jsonl'))
  return names
    .map((name) => fs.readFileSync(join(folder, name)))
    .map((bytes) => (bytes[0] === 0x1f ? zlib.gunzipSync(bytes) : bytes).toString('utf8'))
    .join('\n')
}

/** The time that a busy machine takes from a message that was made to the note of its id, in milliseconds of this machine. */
const NOTED_MS = 3000

/**
 * Counts the messages that may be doubled: whoever made them was killed before the id that they got was written down. Nobody
 * can ask a webhook what it has, so the next sender makes them once more.
 */
function unnoted(site: Site, messages: readonly Message[]): number {
  const isCut = ({ madeAt }: Message) =>
    site.senderKills.some((kill) => kill >= madeAt - 50 && kill - madeAt < NOTED_MS)
  return messages.filter((message) => message.edits === 0 && isCut(message)).length
}

/** Says what is wrong with the messages that the admin has of a home: each incident is one, and ends as it ended. */
export function faultsOfMessages(site: Site, standIn: StandIn): string[] {
  const messages = standIn.of(site.name)
  const last = new Map<string, unknown>()
  for (const { incident, state } of site.journal().filter(({ kind }) => kind === 'incident'))
    last.set(String(incident), state)
  const incidents = [...last].flatMap(([name, state]) => {
    const told = messages.filter(({ text }) => text.includes(`incident show ${name}`))
    if (told.length < 1 || told.length > 1 + unnoted(site, told)) return [`${told.length} messages of incident ${name}`]
    const { title } = told.at(-1) as Message
    return state === 'recovered' && !/recovered/.test(title)
      ? [`the message of incident ${name} ends as '${title}'`]
      : []
  })
  return [...incidents, ...faultsOfDeployments(site, messages)]
}

/** A deployment that could not be brought to its end at once ends again later: its message is edited then. */
function faultsOfDeployments(site: Site, messages: readonly Message[]): string[] {
  const ends = site.journal().filter(({ kind }) => kind === 'deploy.end')
  const count = new Set(ends.map(({ id }) => id)).size
  const told = messages.filter(({ title }) => /(deployment of|rollback to) /.test(title))
  // what a full journal did not take is told all the same
  const most = site.fullDisk.length === 0 ? count + unnoted(site, told) : Number.POSITIVE_INFINITY
  if (told.length >= count && told.length <= most) return []
  const lines = ends.map(({ time, release, outcome }) => `${time} ${release}: ${outcome}`)
  return [`${told.length} messages of ${count} deployments:`, ...lines, 'told:', ...told.map(({ title }) => title)]
}
