import { table } from '#cli/table.js'
import { incidentLine } from '#cli/watchdog/watchdog-text.js'
import type { Condition, ServiceFacts, VersionFacts } from '#core/condition/condition.js'
import { announcedText } from '#core/health/announced/announced.js'
import type { Health } from '#core/health/client.js'
import { pauseEndText } from '#core/home/pause.js'
import { type Color, harmless, inOneLine } from '#core/logging/read/plain.js'
import { countOf, duration, localTime } from '#core/text.js'

/** A line of the screen. One that is whole is never cut: it is to be typed. */
export interface ScreenLine {
  readonly text: string
  readonly color?: Color | undefined
  readonly isWhole?: boolean
}

const REASONS_SHOWN = 3

/** Returns the color of a health status; none for what is well. */
export function colorOfHealth(status: Health['status']): Color | undefined {
  return COLORS[status]
}

const COLORS: Readonly<Partial<Record<Health['status'], Color>>> = {
  degraded: 'yellow',
  starting: 'yellow',
  stopping: 'yellow',
  unknown: 'yellow',
  unhealthy: 'red',
  unreachable: 'red',
}

/** Returns the condition of a bot for a person, on one screen of 24 lines. */
export function statusLines(condition: Condition): ScreenLine[] {
  const { name, home, next } = condition
  return [
    { text: inOneLine(`${name} in ${home}`) },
    { text: headline(condition), color: colorOfHealth(condition.health.status) },
    ...shortened(reasonsOf(condition)).map((reason) => ({ text: `  ${inOneLine(reason)}` })),
    { text: '' },
    ...rowsOf(condition),
    ...(next === null
      ? []
      : [{ text: '' }, { text: `To ${next.purpose}:` }, { text: `  ${next.command}`, isWhole: true }]),
  ]
}

function headline({ health: { status, since }, time }: Condition): string {
  if (since === null) return status
  return `${status} since ${localTime(since)} (${duration(Date.parse(time) - Date.parse(since))})`
}

/** Returns the reasons of the health, with what is known of a bot that does not run. */
function reasonsOf({ health, stopped_by, last_exit, process, waits }: Condition): string[] {
  const isDown = process === null && health.status !== 'starting'
  return [
    ...health.reasons,
    ...(isDown && stopped_by !== null ? [`stopped on purpose by ${stopped_by.by}, ${localTime(stopped_by.at)}`] : []),
    ...(isDown && stopped_by === null && last_exit !== null ? [exitText(last_exit)] : []),
    ...(waits !== null && health.status !== 'starting'
      ? [`it waits until ${localTime(waits.until)} before its next start: ${waits.reason}`]
      : []),
  ]
}

function exitText({ kind, exit, at, reason }: NonNullable<Condition['last_exit']>): string {
  const code = exit === null || kind === 'stopped' ? '' : ` with exit code ${exit}`
  return `it ${VERBS[kind]}${code}${at === null ? '' : `, ${localTime(at)}`}${reason === undefined ? '' : `: ${reason}`}`
}

const VERBS = { stopped: 'was stopped', ended: 'exited by itself', crashed: 'crashed', killed: 'was killed' } as const

function shortened(reasons: readonly string[]): string[] {
  if (reasons.length <= REASONS_SHOWN) return [...reasons]
  const more = reasons.length - REASONS_SHOWN + 1
  return [...reasons.slice(0, REASONS_SHOWN - 1), `and ${more} more: catalyst health check`]
}

/** A row of the table, with a color where it says that something is wrong. */
interface Row {
  readonly cells: readonly [string, string]
  readonly color?: Color | undefined
}

function rowsOf(condition: Condition): ScreenLine[] {
  const rows = [
    ...botRows(condition),
    ...serviceRows(condition),
    ...watchdogRows(condition),
    ...releaseRows(condition),
    ...backupRows(condition),
    ...alertRows(condition),
    ...condition.missing.map(({ part, why }) => row('not known', `${PARTS[part]}: ${why}`, 'yellow')),
    ...eventRows(condition),
  ]
  const texts = table(rows.map(({ cells }) => cells.map(harmless))).split('\n')
  return texts.map((text, index) => ({ text, color: rows[index]?.color }))
}

const PARTS: Readonly<Record<Condition['missing'][number]['part'], string>> = {
  health: 'health',
  process: 'process',
  services: 'services',
  watchdog: 'watchdog',
  release: 'release',
  backups: 'backups',
  events: 'what happened',
}

function row(name: string, value: string, color?: Color): Row {
  return { cells: [name, value], color }
}

function botRows({ process, work, time }: Condition): Row[] {
  if (process === null) return []
  const up = duration(work === null ? Date.parse(time) - Date.parse(process.since) : work.uptime_seconds * 1000)
  const facts = [`pid ${process.pid}`, `up ${up}`, ...(work === null ? [] : [memoryText(work.memory_bytes)])]
  if (work === null) return [row('bot', facts.join(', '))]
  return [
    row('bot', facts.join(', ')),
    row('last cycle', `${cycleText(work)}; ${countOf(work.errors_last_hour, 'error')} in the last hour`),
    ...(work.busy === null ? [] : [row('busy', announcedText(work.busy))]),
    ...(work.starting === null ? [] : [row('starting', announcedText(work.starting))]),
  ]
}

/** Formats a size of memory in megabytes. */
export function memoryText(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}

function cycleText({ last_cycle_seconds_ago: ago, cycles_today, proof }: NonNullable<Condition['work']>): string {
  if (proof === 'process') return 'not told, only the process is watched'
  return ago === null ? 'none yet' : `${duration(ago * 1000)} ago, ${cycles_today} today`
}

function serviceRows({ services }: Condition): Row[] {
  if (services === null) return []
  const bot = services.find(({ role }) => role === 'bot')
  const warnings = services.flatMap((one) => one.warnings)
  return [
    bot === undefined ? row('service', 'none is installed') : row('service', serviceText(bot), serviceColor(bot)),
    ...warnings.slice(0, 1).map((warning) => row('warning', `${warning}${moreText(warnings.length - 1)}`, 'yellow')),
  ]
}

function serviceText({ name, manager, scope, state, words, since, restarts }: ServiceFacts): string {
  const own = state === 'running' || words === '' || words === state ? '' : ` (${words})`
  return [
    `${state}${own}${since === null ? '' : ` since ${localTime(since)}`}`,
    ...(restarts === null ? [] : [countOf(restarts, 'restart')]),
    `${name} (${manager}, ${scope})`,
  ].join(', ')
}

function serviceColor({ state }: ServiceFacts): Color | undefined {
  if (state === 'failed' || state === 'not installed') return 'red'
  return state === 'restarting' ? 'yellow' : undefined
}

function moreText(count: number): string {
  return count > 0 ? ` (and ${count} more: catalyst service status)` : ''
}

function watchdogRows({ watchdog, services, paused }: Condition): Row[] {
  if (watchdog === null) return []
  const { running, enabled, pid, shared, late, last_check, incident } = watchdog
  const service = services?.find(({ role }) => role === 'watchdog')
  const runs = `runs (pid ${pid})${shared ? ', for all homes' : ''}`
  const state = running ? runs : enabled ? 'does not run' : 'switched off (WATCHDOG_ENABLED)'
  const facts = [
    service === undefined || service.state === 'running' ? state : `${state}, its service is ${service.state}`,
    ...(running || enabled ? [budgetText(watchdog)] : []),
    ...(late ? [`its last check was at ${localTime(last_check)}`] : []),
  ]
  return [
    row('watchdog', facts.join(', '), (enabled && !running) || late ? 'yellow' : undefined),
    ...(paused === null ? [] : [row('paused', pauseEndText(paused), 'yellow')]),
    ...(incident === null ? [] : [row('incident', incidentLine(incident), 'red')]),
  ]
}

function budgetText({
  restarts_used: used,
  restarts_left: left,
  next_restart,
}: NonNullable<Condition['watchdog']>): string {
  const next = next_restart === null ? '' : `, the next from ${localTime(next_restart)}`
  return `${left} of ${countOf(used + left, 'restart')} left${next}`
}

function releaseRows({ release, process }: Condition): Row[] {
  if (release === null) return []
  const { active, previous, since, bakes_until, unfinished, runtime_fault } = release
  const other = process !== null && active !== null && process.release !== active.release
  const ran = other ? `; the bot runs as ${process.release ?? 'the working tree'}` : ''
  const from = since === null ? '' : `, since ${localTime(since)}`
  const bakes = bakes_until === null ? '' : `, bakes until ${localTime(bakes_until)}`
  return [
    row(
      'release',
      active === null ? 'the working tree' : `${versionText(active)}${from}${bakes}${ran}`,
      colorOf(active),
    ),
    ...(previous === null ? [] : [row('before', versionText(previous))]),
    ...(runtime_fault === null ? [] : [row('runtime', runtime_fault, 'yellow')]),
    ...(unfinished === null
      ? []
      : [
          row(
            'deployment',
            `${unfinished.what} ${unfinished.goes_on ? 'goes on' : 'was interrupted'}, begun ${localTime(unfinished.since)}`,
            unfinished.goes_on ? undefined : 'yellow',
          ),
        ]),
  ]
}

function versionText({ release, rating, reason }: VersionFacts): string {
  return `${release}, ${rating}${rating === 'bad' && reason !== '' ? `: ${reason}` : ''}`
}

function colorOf(version: VersionFacts | null): Color | undefined {
  return version?.rating === 'bad' ? 'yellow' : undefined
}

function backupRows({ backups }: Condition): Row[] {
  if (backups === null) return []
  const { last_good_age_seconds: age, last_good_test_age_seconds: testAge, last_outcome, fault } = backups
  if (fault !== null) return [row('backups', fault, 'yellow')]
  if (age === null) return [row('backups', 'none yet: catalyst backup run --init', 'yellow')]
  const test = testAge === null ? 'no restore test yet' : `restore test ${duration(testAge * 1000)} ago`
  const text = `the newest good one ${duration(age * 1000)} ago; ${test}`
  if (last_outcome === 'good') return [row('backups', text)]
  const last = last_outcome === 'partial' ? 'the last one is partial' : 'the last try failed'
  return [row('backups', `${text}; ${last}: catalyst backup run`, 'yellow')]
}

function alertRows({ failing_alerts }: Condition): Row[] {
  const alerts = failing_alerts ?? []
  const waiting = alerts.filter(({ state }) => state === 'waiting')
  const [oldest] = waiting
  const channels = [...new Set(waiting.flatMap(({ channel }) => channel ?? []))].join(', ')
  const waits = `${countOf(waiting.length, 'alert waits', 'alerts wait')}${channels && ` for ${channels}`}`
  const lost = alerts.findLast(({ state }) => state === 'given_up')
  return [
    ...(oldest === undefined
      ? []
      : [row('alerts', `${waits} since ${localTime(oldest.since)}: ${oldest.why}`, 'yellow')]),
    ...(lost === undefined
      ? []
      : [row('alert lost', `${lost.channel}, ${localTime(lost.since)}: ${lost.title}: ${lost.why}`, 'yellow')]),
  ]
}

function eventRows({ events }: Condition): Row[] {
  if (events === null) return []
  if (events.length === 0) return [row('happened', 'nothing yet')]
  return events.map(({ time, text }, index) => row(index === 0 ? 'happened' : '', `${localTime(time)}  ${text}`))
}
