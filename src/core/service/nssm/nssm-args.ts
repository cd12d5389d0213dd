import { NOT_RETRIED } from '#core/errors.js'
import type { ServiceSpec } from '#core/service/manager.js'

/** One setting of NSSM, in the form of `nssm set SERVICE NAME [SUB] VALUE…`. */
export interface NssmParameter {
  readonly name: string
  /** The exit code that an AppExit is for. */
  readonly sub?: string
  readonly values: readonly string[]
}

/**
 * The time that NSSM gives each further way to stop (windows, threads) before it kills; node understands only Ctrl-C.
 */
const FURTHER_STOPS_MS = '1000'

const ROTATE_BYTES = String(10 * 1024 * 1024)

/**
 * Returns every setting that we keep in a service. Observed with NSSM 2.24-101:
 *
 * - AppThrottle: a program that exits within so many milliseconds doubles the pause before its next start, from 2 s to
 *   128 s, whatever AppRestartDelay is; 0 does that always. With 1 no program is quick enough, and a crash loop goes
 *   on at the plain AppRestartDelay.
 * - AppRestartDelay: with 0 there is no pause at all. Anything from 1 to 2000 is 2 s.
 * - AppStopMethodConsole: Ctrl-C arrives in node as SIGINT, and so many milliseconds later the process is killed. The
 *   two further methods took no time, as a bot has no window.
 * - AppRotateBytes: it applies while the service runs, but every start rotated, too, however short the file was:
 *   NSSM mixes up its settings there (`rotate_file()` in its io.cpp): it takes AppRotateDelay for the high half of the
 *   size. With 1, a start rotates from 4 GB on.
 */
export function nssmParameters(spec: ServiceSpec): NssmParameter[] {
  const plain: Record<string, string> = {
    Application: spec.program,
    AppParameters: argumentLine(spec.args),
    DisplayName: spec.name,
    Description: spec.description,
    AppRestartDelay: String(Math.round(spec.restartDelayMs)),
    AppThrottle: '1',
    AppNoConsole: '0', // without a console there is no Ctrl-C
    AppStopMethodSkip: '0',
    AppStopMethodConsole: String(Math.round(spec.stopTimeoutMs)),
    AppStopMethodWindow: FURTHER_STOPS_MS,
    AppStopMethodThreads: FURTHER_STOPS_MS,
    AppKillProcessTree: '1',
    AppStdout: spec.stdout,
    AppStdoutCreationDisposition: APPEND,
    AppStderr: spec.stderr,
    AppStderrCreationDisposition: APPEND,
    AppRotateFiles: '1',
    AppRotateOnline: '1',
    AppRotateBytes: ROTATE_BYTES,
    AppRotateDelay: '1',
  }
  return [
    // whose it is comes first, the home before the mark: a half-made one must not be taken for another's
    { name: 'AppDirectory', values: [spec.home] },
    {
      name: 'AppEnvironmentExtra',
      values: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    },
    // an account that Windows refuses ends the installation here, before the service starts with the machine
    { name: 'ObjectName', values: [logonName(spec.account ?? LOCAL_SYSTEM)] },
    ...Object.entries(plain).map(([name, value]) => ({ name, values: [value] })),
    { name: 'AppExit', sub: 'Default', values: ['Restart'] },
    ...NOT_RETRIED.map((code) => ({ name: 'AppExit', sub: String(code), values: ['Exit'] })),
    { name: 'Start', values: ['SERVICE_AUTO_START'] },
  ]
}

/** A variable in a service's environment while it is being made: it identifies an interrupted installation. */
export const UNFINISHED = 'CATALYST_UNFINISHED'

/** Returns the spec of a service that is being made. */
export function unfinished(spec: ServiceSpec): ServiceSpec {
  return { ...spec, environment: { ...spec.environment, [UNFINISHED]: '1' } }
}

/** OPEN_ALWAYS of CreateFile. */
const APPEND = '4'

export const LOCAL_SYSTEM = 'LocalSystem'

/** Returns the definition that the entry of this service would have: a line for each setting, sorted. */
export function nssmDefinition(spec: ServiceSpec): string {
  return definitionOf(nssmParameters(spec))
}

/** Writes a definition: `AppThrottle=1`, `AppExit 78=Exit`, `AppEnvironmentExtra NAME=value`. */
export function definitionOf(parameters: readonly NssmParameter[]): string {
  return `${parameters.flatMap(linesOf).sort().join('\n')}\n`
}

function linesOf({ name, sub, values }: NssmParameter): string[] {
  if (name === 'AppEnvironmentExtra') return values.map((value) => `${name} ${value}`)
  if (name === 'ObjectName') return values.map((value) => `${name}=${accountName(value)}`)
  return [`${sub === undefined ? name : `${name} ${sub}`}=${values.join(' ')}`]
}

/** Returns an account in one spelling, whoever wrote it: Windows and NSSM rewrite some. */
export function accountName(account: string, computer = process.env.COMPUTERNAME ?? ''): string {
  const [name = '', domain = ''] = account.toLowerCase().split('\\').reverse()
  const isLocal = ['', '.', 'nt authority', computer.toLowerCase()].includes(domain)
  if (!isLocal) return `${domain}\\${name}`
  if (name === 'system' || name === 'localsystem') return LOCAL_SYSTEM
  return name.replace(/^(local|network) service$/, '$1service')
}

/**
 * Returns whether Windows needs a password for it: not for its own accounts, nor for those that it makes for a service.
 */
export function needsPassword(account: string): boolean {
  return (
    ![LOCAL_SYSTEM, 'localservice', 'networkservice'].includes(accountName(account)) &&
    !/^NT SERVICE\\/i.test(account) &&
    !isManaged(account)
  )
}

/** Returns an account as Windows expects it: it knows a user of this machine only by `.\NAME`. */
function logonName(account: string): string {
  return /[\\@]/.test(account) || !needsPassword(account) ? account : `.\\${account}`
}

/** Returns whether the domain itself manages its password (gMSA): NSSM needs an empty one. */
export function isManaged(account: string): boolean {
  return account.endsWith('$')
}

/**
 * Joins arguments into one line that the programs of Windows split into the same arguments again (CommandLineToArgvW).
 */
export function argumentLine(args: readonly string[]): string {
  return args.map(quoteArgument).join(' ')
}

function quoteArgument(argument: string): string {
  if (/^[^\s"]+$/.test(argument)) return argument
  // a backslash only means something before a quote: there, and at the end, it is doubled
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}
