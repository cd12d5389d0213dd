import { type Found, type Goal, isMet, type Row, type Unit } from './row.js'

const HEAD = ['what', 'median', 'yardstick', 'ratio (middle half)', 'rounds', 'goal']

/** Returns rows as text in columns. */
export function textTable(rows: readonly Row[]): string {
  const table = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] as number)).join('  ')
  return table.map((row) => `${line(row).trimEnd()}\n`).join('')
}

/** Returns rows as a table in Markdown. */
export function markdownTable(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return [HEAD, HEAD.map(() => '---'), ...rows.map(cellsOf)].map(line).join('')
}

function cellsOf(row: Row): string[] {
  const { name, value, unit, yardstick, ratio, rounds, note } = row
  return [
    name,
    [value && withUnit(value.median, unit), note].filter((part) => part !== undefined).join('; '),
    yardstick ? `${yardstick.name}: ${withUnit(yardstick.value, unit)}` : '–',
    ratio ? `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}–${ratio.high.toFixed(2)})` : '–',
    String(rounds),
    goalCell(row),
  ]
}

function goalCell(row: Row): string {
  if (row.goal === undefined) return '–'
  const met = isMet(row)
  return `${goalText(row.goal, row.unit)} ${met === undefined ? '' : met ? '✓ met' : '✗ not met'}`.trim()
}

function goalText({ of, atMost, atLeast }: Goal, unit: Unit): string {
  const limit = (value: number) => (of === 'ratio' ? String(value) : `${value} ${unit}`)
  return atMost === undefined ? `≥ ${limit(atLeast as number)}` : `≤ ${limit(atMost)}`
}

/** Returns a figure with three digits that count. */
export function withUnit(value: number, unit: Unit): string {
  if (unit === 'lines/s') return `${Math.round(value / 1000)}k ${unit}`
  const magnitude = Math.abs(value)
  const digits = magnitude >= 100 || Number.isInteger(value) ? 0 : magnitude >= 10 ? 1 : magnitude >= 0.1 ? 2 : 3
  return `${value.toFixed(digits)} ${unit}`
}

/** Returns a row as it is in the JSON output. */
export function jsonRow(row: Row): object {
  const { name, unit, value, yardstick, ratio, rounds, goal, note } = row
  return {
    name,
    unit,
    value: value?.median ?? null,
    value_low: value?.low ?? null,
    value_high: value?.high ?? null,
    yardstick: yardstick?.name ?? null,
    yardstick_value: yardstick?.value ?? null,
    ratio: ratio?.median ?? null,
    ratio_low: ratio?.low ?? null,
    ratio_high: ratio?.high ?? null,
    rounds,
    goal: goal ? { of: goal.of, at_most: goal.atMost ?? null, at_least: goal.atLeast ?? null } : null,
    is_met: isMet(row) ?? null,
    note: note ?? null,
  }
}

/** Returns what a section has found, as text. */
export function foundText({ rows, missing }: Found): string {
  return [rows.length === 0 ? '' : textTable(rows), ...missing.map((what) => `left out: ${what}\n`)].join('')
}

/** Returns the same for the docs. */
export function foundMarkdown({ rows, missing }: Found): string {
  const table = rows.length === 0 ? '' : `\n${markdownTable(rows)}`
  return [table, ...missing.map((what) => `\nLeft out: ${what}\n`)].join('')
}
