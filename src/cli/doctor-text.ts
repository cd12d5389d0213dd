import type { Finding } from '#core/doctor/finding.js'
import type { Color } from '#core/logging/read/plain.js'
import { countOf } from '#core/text.js'
import { table } from './table.js'

const COLORS: Readonly<Record<Finding['state'], Color | undefined>> = {
  ok: undefined,
  warning: 'yellow',
  fault: 'red',
}

/** Returns one line a finding, with the command that mends it at its end. */
export function findingLines(findings: readonly Finding[]): { text: string; color: Color | undefined }[] {
  const lines = table(
    findings.map(({ id, state, text, command, fixed }) => [
      fixed === null ? state : 'fixed',
      id,
      command === null ? text : `${text}. Next: ${command}`,
    ]),
  ).split('\n')
  return lines.map((text, index) => ({ text, color: COLORS[findings[index]?.state ?? 'ok'] }))
}

/** Returns the sentence below them. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((one) => one.state === state).length
  const [faults, warnings] = [count('fault'), count('warning')]
  if (faults + warnings === 0) return 'All is well.'
  return [...(faults > 0 ? [countOf(faults, 'fault')] : []), ...(warnings > 0 ? [countOf(warnings, 'warning')] : [])]
    .join(', ')
    .concat('.')
}
