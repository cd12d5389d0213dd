import { harmless } from '#core/logging/plain.js'
import { countOf, duration, localTime } from '#core/text.js'
import type { Evidence } from '#core/watchdog/evidence.js'
import type { FoundIncident } from '#core/watchdog/find-incident.js'
import type { IncidentRecord } from '#core/watchdog/incidents.js'
import { table } from './table.js'

/** One line an incident. */
export function incidentLines(incidents: readonly (IncidentRecord & { readonly name: string })[]): string {
  return table(
    incidents.map(({ name, why, state, rescues, ends, ...rest }) => [
      name,
      why,
      state,
      lasted(rest) ?? '-',
      rescues > 0 ? `restarted ${countOf(rescues, 'time')}` : ends > 0 ? `ended ${countOf(ends, 'time')}` : '',
    ]),
  )
}

/** An incident with its evidence, for a person. */
export function incidentText({ name, folder, incident, evidence, last_evidence }: FoundIncident): string {
  const facts = [
    ['incident', name],
    ['why', incident.why],
    ['state', incident.state],
    ['since', localTime(incident.since)],
    ['lasted', lasted(incident) ?? 'goes on'],
    ['ends', `${incident.ends}${incident.exit === null ? '' : `, the last with exit code ${incident.exit}`}`],
    ['restarts by the watchdog', String(incident.rescues)],
  ]
  const events = incident.events.map(({ at, state, why }) => [localTime(at), state, why])
  const text = [
    table(facts),
    '',
    table(events),
    ...(evidence === null ? ['', 'Nothing was found out about it.'] : evidenceText(evidence)),
    ...(last_evidence === null ? [] : ['', 'Before the last restart:', ...evidenceText(last_evidence)]),
    '',
    `All of it: ${folder}`,
  ]
  return text
    .flatMap((part) => part.split('\n'))
    .map(harmless)
    .join('\n') // names and frames are the bot's own words
}

function lasted({ since, recoveredAt }: Pick<IncidentRecord, 'since' | 'recoveredAt'>): string | undefined {
  return recoveredAt === undefined ? undefined : duration(recoveredAt - since)
}

const SHOWN_PROCESSES = 15

function evidenceText({
  at,
  where,
  health,
  service,
  processes,
  machine,
  release,
  stderr,
  missing,
}: Evidence): string[] {
  const answer = health.now ?? health.last
  const { memory_free_mb, memory_total_mb, disk_free_mb, disk_total_mb } = machine
  const disk = disk_free_mb === null ? 'unknown' : `${disk_free_mb} of ${disk_total_mb} MB free`
  const facts = [
    ['found at', localTime(at)],
    ['the bot said', answer ? [answer.status, ...answer.reasons].join(': ') : 'nothing'],
    ['its keeper said', keeperText(service)],
    ['release', release ?? 'none'],
    ['memory', `${memory_free_mb} of ${memory_total_mb} MB free`],
    ['disk', disk],
  ]
  const tree = (processes ?? [])
    .slice(0, SHOWN_PROCESSES)
    .map(({ pid, name, state, cpu_percent, rss_mb }) => [String(pid), name, state, `${cpu_percent} %`, `${rss_mb} MB`])
  return [
    ...(where === null ? [] : ['', where.what, ...where.lines.map((line) => `    ${line}`)]),
    '',
    table(facts),
    ...(tree.length === 0 ? [] : ['', table([['pid', 'process', 'state', 'CPU', 'memory'], ...tree])]),
    ...(stderr.length === 0 ? [] : ['', 'Standard error:', ...stderr.map((line) => `    ${line}`)]),
    ...(missing.length === 0 ? [] : ['', 'Not found out:', ...missing.map((line) => `    ${line}`)]),
  ]
}

/** What is known of the bot by its keeper, each fact by its name; which those are depends on the keeper. */
function keeperText(service: unknown): string {
  if (typeof service !== 'object' || service === null) return 'nothing'
  const known = Object.entries(service).filter(([, value]) => value !== null)
  return known
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ')
}
