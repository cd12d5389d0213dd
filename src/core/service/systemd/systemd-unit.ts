import { NOT_RETRIED } from '#core/errors.js'
import type { Scope, ServiceSpec } from '#core/service/manager.js'

/** Returns the unit's file name for a service. */
export function unitName(name: string): string {
  return `${name}.service`
}

/** A section that systemd skips (systemd.unit(5): names with X-): it tells us whose the unit is. */
export const OWN_SECTION = 'X-Catalyst'

/**
 * Returns the unit of a service, as text (systemd.unit(5), systemd.service(5), systemd.exec(5)).
 *
 * Every exit is followed by a restart, except exit codes 77 and 78, and it is never given up. READY and WATCHDOG come
 * from the program through `systemd-notify`, a child of it: hence NotifyAccess=all. The machine's manager would open
 * the logs as root, through whatever link the home's owner puts in their place: there the program does it itself, as
 * that user.
 */
export function systemdUnit(spec: ServiceSpec, scope: Scope): string {
  const { program, args, environment, account, watchdogMs } = spec
  const variables = Object.entries(environment).map(([name, value]) => quoted(`${name}=${value}`))
  return sections({
    Unit: {
      Description: literal(spec.description.replace(/\p{Cc}|\\$/gu, ' ')), // BOT_NAME may hold anything
      ...(scope === 'system' && { Wants: 'network-online.target', After: 'network-online.target' }),
      StartLimitIntervalSec: '0',
    },
    Service: {
      Type: 'notify',
      NotifyAccess: 'all',
      ExecStart: [quoted(program), ...args.map(argument)].join(' '),
      WorkingDirectory: literal(spec.home),
      ...(account !== undefined && { User: account }),
      Environment: variables.join(' '),
      Restart: 'always',
      RestartSec: seconds(spec.restartDelayMs),
      RestartPreventExitStatus: NOT_RETRIED.join(' '),
      TimeoutStartSec: seconds(spec.startTimeoutMs),
      TimeoutStopSec: seconds(spec.stopTimeoutMs),
      KillMode: 'mixed',
      ...(watchdogMs !== undefined && { WatchdogSec: seconds(watchdogMs), WatchdogSignal: 'SIGKILL' }),
      ...(scope === 'user' && {
        StandardOutput: `append:${literal(spec.stdout)}`,
        StandardError: `append:${literal(spec.stderr)}`,
      }),
      ...HARDENING[scope],
    },
    Install: { WantedBy: scope === 'system' ? 'multi-user.target' : 'default.target' },
    [OWN_SECTION]: { Home: spec.home, Role: spec.role },
  })
}

/**
 * The hardening that no ordinary bot notices; devices (a GPU) and the network stay. ProtectClock= would close all
 * devices with its DeviceAllow=, so the clock's capabilities are taken away instead. A user's manager is not permitted
 * to do the rest.
 */
const HARDENING: Readonly<Record<Scope, Record<string, string>>> = {
  system: {
    NoNewPrivileges: 'yes',
    PrivateTmp: 'yes',
    CapabilityBoundingSet: '~CAP_SYS_TIME CAP_WAKE_ALARM',
    ProtectKernelTunables: 'yes',
    ProtectKernelModules: 'yes',
    ProtectKernelLogs: 'yes',
    ProtectControlGroups: 'yes',
  },
  user: { NoNewPrivileges: 'yes' },
}

/** Returns the home that a unit is for; undefined if catalyst didn't write it. */
export function homeOfUnit(text: string): string | undefined {
  return new RegExp(`^\\[${OWN_SECTION}\\]\\nHome=(.+)$`, 'm').exec(text)?.[1]
}

/** Returns what keeps a unit from these paths, if anything does. */
export function unitFault(paths: readonly string[], scope: Scope): string | undefined {
  const unfit = paths.find(unfitForUnit)
  if (unfit !== undefined)
    return `the path ${JSON.stringify(unfit)} holds what a unit can't: a line break, a blank at an end, or a backslash at the end`
  // PrivateTmp= gives a service of the machine a folder of its own
  const temporary = scope === 'system' ? paths.find((path) => /^\/(var\/)?tmp(\/|$)/.test(path)) : undefined
  return (
    temporary &&
    `${temporary} is in a folder for temporary files, which is emptied, and of which a service sees one of its own`
  )
}

/**
 * Returns whether a unit can't hold the path: systemd trims blanks, and takes a backslash at a line's end for a
 * continued line.
 */
export function unfitForUnit(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return /[\x00-\x1f\x7f]|\\$|^\s|\s$/.test(path)
}

/** Returns the text of a unit with these sections. */
export function sections(content: Record<string, Record<string, string>>): string {
  return Object.entries(content)
    .map(
      ([name, lines]) =>
        `[${name}]\n${Object.entries(lines)
          .map(([key, value]) => `${key}=${value}\n`)
          .join('')}`,
    )
    .join('\n')
}

/** Escapes `%`, which begins a specifier in nearly every value. */
export function literal(text: string): string {
  return text.replaceAll('%', '%%')
}

/** Quotes a word of a unit. */
export function quoted(word: string): string {
  const text = literal(word)
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** Escapes `$`, which begins a variable in arguments, though not in the program's own name. */
export function argument(word: string): string {
  return quoted(word).replaceAll('$', '$$$$')
}

/** Writes a time span for systemd, exact to the millisecond. */
function seconds(ms: number): string {
  return Number.isInteger(ms / 1000) ? `${ms / 1000}s` : `${Math.round(ms)}ms`
}
