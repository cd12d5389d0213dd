import type { ServiceObservation, ServiceState } from '#core/service/manager.js'
import { SERVICE_VARIABLE } from '#core/service/spec.js'

/** Reads from `launchctl print` the fields that tell whose a service is. */
export function serviceOf(printed: string): { path: string | undefined; home: string | undefined } {
  const { path, 'working directory': folder } = fieldsOf(printed)
  return { path, home: new RegExp(`^\\t\\t${SERVICE_VARIABLE} => `, 'm').test(printed) ? folder : undefined }
}

/** Translates the output of `launchctl print`; undefined stands for a service that isn't loaded. */
export function observationOf(printed: string | undefined, { automatic }: { automatic: boolean }): ServiceObservation {
  if (printed === undefined)
    return { state: 'stopped', pid: null, since: null, restarts: null, automatic, words: 'not loaded' }
  const fields = fieldsOf(printed)
  const runs = Number(fields.runs)
  return {
    state: stateOf(fields),
    pid: Number(fields.pid) || null,
    since: null,
    restarts: fields.runs === undefined ? null : Math.max(0, runs - 1),
    automatic,
    words: wordsOf(fields),
  }
}

type Fields = Readonly<Record<string, string | undefined>>

/**
 * Returns the fields of the service itself, which one tab indents: its coalitions and endpoints have a `state` too, two
 * tabs deep. The output is no contract (launchctl(1)), so any field may be missing.
 */
function fieldsOf(printed: string): Fields {
  return Object.fromEntries([...printed.matchAll(/^\t([\w ()]+?) = (.+)$/gm)].map(([, name, value]) => [name, value]))
}

function stateOf(fields: Fields): ServiceState {
  switch (fields.state) {
    case 'running':
      return 'running'
    case 'xpcproxy': // becomes the program a moment later
      return 'starting'
    case 'SIGTERMed':
    case 'SIGKILLed':
    case 'languishing': // its stop timeout is over
      return 'stopping'
  }
  // Never 'failed': what is loaded goes on being started, also where the program isn't there ('spawn failed').
  return fields.runs === '0' ? 'starting' : 'restarting'
}

/** Describes its state, and if it doesn't run, launchd's reasons. */
function wordsOf(fields: Fields): string {
  const state = fields.state ?? 'unknown'
  if (state === 'running') return state
  const { 'last exit code': code, 'last terminating signal': signal, 'last exit reason': reason } = fields
  const pended = fields['pended nondemand spawn']
  return [
    state,
    code !== undefined && code !== '(never exited)' && `last exit code ${code}`,
    signal !== undefined && `last ended by ${signal}`,
    reason !== undefined && `last ended by ${reason}`,
    pended !== undefined && pended !== 'false' && `put off by launchd as ${pended}`,
  ]
    .filter(Boolean)
    .join(', ')
}

/** Returns whether `launchctl print-disabled` lists the label as disabled; older ones print `true`. */
export function isDisabled(printed: string, label: string): boolean {
  const lines = printed.split('\n').map((line) => line.trim())
  return ['disabled', 'true'].some((word) => lines.includes(`"${label}" => ${word}`))
}
