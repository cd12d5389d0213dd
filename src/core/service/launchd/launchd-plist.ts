import type { Scope, ServiceSpec } from '#core/service/manager.js'
import { SERVICE_VARIABLE } from '#core/service/spec.js'
import { type PlistValue, readPlist, writePlist } from './property-list.js'

/** Returns launchd's label for a service; the property list's file is named after it. */
export function labelOf(name: string): string {
  return `catalyst.${name}`
}

/**
 * Returns the property list of a service, as text (launchd.plist(5)).
 *
 * launchd can tell an exit code of 0 from any other, but not 77 and 78 from the rest: it restarts after every exit.
 * ProcessType is left out: Apple reserves `Interactive`, the only one without throttling, for what a person waits for.
 */
export function launchdPlist(spec: ServiceSpec, scope: Scope): string {
  return writePlist({
    Label: labelOf(spec.name),
    ProgramArguments: [spec.program, ...spec.args],
    WorkingDirectory: spec.home,
    EnvironmentVariables: spec.environment,
    ...(scope === 'system' && spec.account !== undefined && { UserName: spec.account }), // an agent has no choice
    RunAtLoad: true,
    KeepAlive: true,
    ThrottleInterval: wholeSeconds(spec.restartDelayMs),
    ExitTimeOut: wholeSeconds(spec.stopTimeoutMs),
    AbandonProcessGroup: false,
    // root would open a daemon's through whatever link the home's owner puts there: the program opens them itself
    ...(scope === 'user' && { StandardOutPath: spec.stdout, StandardErrorPath: spec.stderr }),
  })
}

/**
 * Rounds up to whole seconds of at least 1, as both of launchd's times must be: an ExitTimeOut of 0 means forever, so
 * that a shutdown would hang, and a ThrottleInterval of 0 is refused. Without them launchd kills after 5 s (`exit
 * timeout` of `launchctl print`) and starts at most every 10 s. It counts from start to start: a bot that ran for
 * longer than that is restarted at once.
 */
function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

/**
 * Returns the home that a property list is for; undefined if catalyst didn't write it for this label. macOS takes `bot`
 * and `Bot` for one file, launchd for two labels.
 */
export function homeOfPlist(text: string, label: string): string | undefined {
  const { Label, WorkingDirectory, EnvironmentVariables } = dictionary(readPlist(text))
  const ours = Label === label && typeof dictionary(EnvironmentVariables)[SERVICE_VARIABLE] === 'string'
  return ours && typeof WorkingDirectory === 'string' ? WorkingDirectory : undefined
}

function dictionary(value: PlistValue | undefined): Readonly<Record<string, PlistValue>> {
  return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, PlistValue>) : {}
}
