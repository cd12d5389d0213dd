import { table } from '#cli/table.js'
import type { Health } from '#core/health/client.js'
import type { Evidence } from '#core/incidents/evidence.js'
import type { FoundIncident } from '#core/incidents/find-incident.js'
import { restartsOf } from '#core/incidents/incident.js'
import { stateText, story, whyText } from '#core/incidents/incident-words.js'
import type { IncidentEvent, IncidentRecord } from '#core/incidents/store.js'
import { harmless } from '#core/logging/read/plain.js'
import { countOf, duration, localTime } from '#core/text.js'

/** Returns the incidents as a table, a line for each. */
export function incidentLines(incidents: readonly (IncidentRecord & { readonly name: string })[]): string {
  return table(
    incidents.map((incident) => [
      incident.name,
      whyText(incident),
      stateText(incident.state),
      lasted(incident) ?? '-',
      [
        ...(incident.ends > 0 ? [`ended ${countOf(incident.ends, 'time')}`] : []),
        ...(restartsOf(incident) > 0 ? [`restarted ${countOf(restartsOf(incident), 'time')}`] : []),
      ].join(', '),
    ]),
  )
}

/** Returns an incident with its evidence, for a person. */
export function incidentText({ name, folder, incident, evidence, last_evidence }: FoundIncident): string {
  const { nextRestartAt } = (incident.state === 'needs_attention' && incident.attention) || {}
  const facts = [
    ['incident', name],
    ['why', whyText(incident)],
    ['state', stateText(incident.state)],
    ...(nextRestartAt === undefined ? [] : [['next restart', localTime(nextRestartAt)]]),
    ['since', localTime(incident.since)],
    ['lasted', lasted(incident) ?? 'not over yet'],
    ['ends', `${incident.ends}${incident.exit === null ? '' : `, the last with exit code ${incident.exit}`}`],
    ['restarts by the watchdog', String(restartsOf(incident))],
  ]
  const text = [
    table(facts),
    '',
    story(incident),
    '',
    table(eventRows(incident.events)),
    ...(evidence === null ? ['', 'There is no evidence.'] : evidenceText(evidence)),
    ...(last_evidence === null ? [] : ['', 'Before the last restart:', ...evidenceText(last_evidence)]),
    '',
    `All files: ${folder}`,
  ]
  return text
    .flatMap((part) => part.split('\n'))
    .map(harmless)
    .join('\n') // names and frames are the bot's own words
}

/** Folds events that repeat themselves, such as the exits of a crash loop, alone or in turn with recoveries. */
function eventRows(events: readonly IncidentEvent[]): string[][] {
  const rows: string[][] = []
  for (let index = 0; index < events.length; ) {
    const folded = [1, 2].map((length) => ({ length, times: repeatsAt(events, index, length) }))
    const { length, times } = folded.find((one) => one.times > 1) ?? { length: 1, times: 1 }
    const part = events.slice(index, index + length * times)
    const [first, last] = [part[0], part.at(-1)] as [IncidentEvent, IncidentEvent]
    const states = part.slice(0, length).map(({ state }) => stateText(state))
    const often = times === 1 ? [] : [`${times} times, until ${localTime(last.at)}`]
    rows.push([localTime(first.at), states.join(', then '), first.why, ...often])
    index += part.length
  }
  return rows
}

/** Returns how often the events from there on repeat each other. */
function repeatsAt(events: readonly IncidentEvent[], index: number, length: number): number {
  const isSame = (at: number) => {
    const [one, other] = [events[index + (at % length)], events[index + at]]
    return other !== undefined && one?.state === other.state && one.why === other.why
  }
  let count = 0
  while (isSame(count)) count++
  return Math.floor(count / length)
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
    ['gathered at', localTime(at)],
    ['the bot said', answer ? saidText(answer) : 'nothing'],
    ['its supervisor said', supervisorText(service)],
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
    ...(missing.length === 0 ? [] : ['', 'Could not be gathered:', ...missing.map((line) => `    ${line}`)]),
  ]
}

function saidText({ status, reasons }: Health): string {
  return reasons.length === 0 ? status : `${status}: ${reasons.join('; ')}`
}

/** Returns what the supervisor knows of the bot, each fact with its name. The facts depend on the supervisor. */
function supervisorText(service: unknown): string {
  return typeof service === 'object' && service !== null ? wordsOf(service) : 'nothing'
}

function wordsOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value)) return value.map(wordsOf).join(' ')
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return localTime(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const known = Object.entries(value).filter(([, one]) => one !== null && one !== undefined)
  return known
    .map(([name, one]) => {
      const words = wordsOf(one)
      return `${name.replaceAll('_', ' ')} ${typeof one === 'object' && !Array.isArray(one) ? `(${words})` : words}`
    })
    .join(', ')
}
