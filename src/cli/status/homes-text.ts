import { table } from '#cli/table.js'
import { widthOf } from '#cli/width.js'
import type { Glance, Overview } from '#core/condition/glance.js'
import type { SharedToken } from '#core/condition/shared-tokens.js'
import { harmless } from '#core/logging/read/plain.js'
import { duration } from '#core/text.js'
import { colorOfHealth, memoryText, type ScreenLine } from './status-text.js'

const HEAD = ['name', 'health', 'up', 'restarts', 'cpu', 'memory', 'last cycle', 'release', 'home']
/** The columns that a narrow terminal does without, in that order. */
const SPARED = ['home', 'cpu', 'restarts', 'release', 'memory', 'last cycle', 'up']

/** Returns a line for each home, in columns, below a heading. Of a width only those columns that fit into it. */
export function homesLines({ homes }: Pick<Overview, 'homes'>, width?: number): ScreenLine[] {
  if (homes.length === 0) return [{ text: "No home is known yet. In a bot's folder: catalyst init" }]
  const cells = [HEAD, ...homes.map((home) => cellsOf(home).map(harmless))]
  const texts = fittingTable(cells, width).split('\n')
  return texts.map((text, index) => ({ text, color: colorOf(homes[index - 1]) }))
}

/** Returns the table without as many spared columns as it takes to fit; at last its lines are cut by others. */
function fittingTable(cells: readonly (readonly string[])[], width = Number.POSITIVE_INFINITY): string {
  const without = (spared: readonly string[]) =>
    table(cells.map((row) => row.filter((_, column) => !spared.includes(HEAD[column] as string))))
  for (let count = 0; count < SPARED.length; count++) {
    const text = without(SPARED.slice(0, count))
    if (text.split('\n').every((line) => widthOf(line) <= width)) return text
  }
  return without(SPARED)
}

function colorOf(home: Glance | undefined): ScreenLine['color'] {
  return home === undefined || home.stopped_by !== null ? undefined : colorOfHealth(home.health.status)
}

function cellsOf(one: Glance): string[] {
  const { name, uptime_seconds: up, restarts, cpu_ratio: cpu, memory_bytes: memory } = one
  const { last_cycle_seconds_ago: ago, release, home } = one
  return [
    name,
    healthText(one),
    up === null ? '-' : duration(up * 1000),
    restarts === null ? '?' : String(restarts),
    cpu === null ? '-' : `${Math.round(cpu * 100)}%`,
    memory === null ? '-' : memoryText(memory),
    ago === null ? '-' : `${duration(ago * 1000)} ago`,
    release ?? '-',
    home,
  ]
}

function healthText({ health, stopped_by, pid, paused }: Glance): string {
  if (stopped_by !== null && pid === null) return `stopped by ${stopped_by.by}`
  return paused === null ? health.status : `${health.status}, paused`
}

/** Describes a token that several homes have. */
export function sharedTokenText({ homes, settings }: SharedToken): string {
  const all = `${homes.slice(0, -1).join(', ')} and ${homes.at(-1)}`
  return `${all} have the same bot token (${settings.join(', ')}): their bots answer twice, or shut each other out. Give each its own.`
}
