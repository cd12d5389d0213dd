import { isGone } from '#core/platform/fs/files.js'
import type { Registry, RegistryValue } from '#core/platform/windows/registry.js'
import type { Fault, FoundService } from '#core/service/manager.js'
import { SERVICE_VARIABLE } from '#core/service/spec.js'
import { definitionOf, type NssmParameter, UNFINISHED } from './nssm-args.js'

/** Returns the key in which Windows keeps a service, and NSSM its settings, in `Parameters` below it. */
export function serviceKey(name: string): string {
  return `HKLM\\SYSTEM\\CurrentControlSet\\Services\\${name}`
}

/** Settings that are not below `Parameters`, but belong to Windows. */
const OF_WINDOWS = ['DisplayName', 'Description', 'ObjectName']

/** The values of missing settings: NSSM removes what is set to its default. */
const DEFAULTS: Readonly<Record<string, string>> = {
  Application: '',
  AppDirectory: '',
  AppParameters: '',
  AppRestartDelay: '0',
  AppThrottle: '1500',
  AppNoConsole: '0',
  AppStopMethodSkip: '0',
  AppStopMethodConsole: '1500',
  AppStopMethodWindow: '1500',
  AppStopMethodThreads: '1500',
  AppKillProcessTree: '1',
  AppStdout: '',
  AppStdoutCreationDisposition: '4',
  AppStderr: '',
  AppStderrCreationDisposition: '4',
  AppRotateFiles: '0',
  AppRotateOnline: '0',
  AppRotateBytes: '0',
  AppRotateDelay: '0',
}

/**
 * Returns the service in the registry, in the words of {@link definitionOf}. A service that isn't NSSM's has no
 * definition.
 */
export function serviceInRegistry(name: string, registry: Registry): FoundService {
  const place = serviceKey(name)
  const windows = keyOf(registry, name)
  const nssm = keyOf(registry, `${name}\\Parameters`)
  if (!nssm.has('Application')) return { home: undefined, definition: '', place }
  const environment = listOf(nssm.get('AppEnvironmentExtra'))
  const exits = [...keyOf(registry, `${name}\\Parameters\\AppExit`)]
  const parameters: NssmParameter[] = [
    ...OF_WINDOWS.map((key) => ({ name: key, values: [textOf(windows.get(key), '')] })),
    { name: 'Start', values: [startOf(windows)] },
    ...Object.entries(DEFAULTS).map(([key, value]) => ({ name: key, values: [textOf(nssm.get(key), value)] })),
    ...exits.map(([code, action]) => ({ name: 'AppExit', sub: code || 'Default', values: [textOf(action, '')] })),
    { name: 'AppEnvironmentExtra', values: environment },
  ]
  const ours = environment.some((line) => line.startsWith(`${SERVICE_VARIABLE}=`))
  const begun = ours ? undefined : homeOfBeginning(nssm)
  const unfinished = begun !== undefined || environment.some((line) => line.startsWith(`${UNFINISHED}=`))
  const fault = faultOf(windows)
  return {
    home: ours ? textOf(nssm.get('AppDirectory'), '') : begun,
    definition: definitionOf(parameters),
    place,
    ...(unfinished && { unfinished }),
    ...(fault && { fault }),
  }
}

const RECREATE = 'recreate the service with another: catalyst service uninstall, then catalyst service install'

/** The fault of a service that was removed: it stays, unusable, for as long as a program holds it open. */
const MARKED: Fault = {
  why: 'Windows has marked it for deletion',
  remedy: 'Close services.msc and every other program that shows services, or restart Windows; then install it again',
}

function faultOf(windows: ReadonlyMap<string, RegistryValue>): Fault | undefined {
  if (windows.get('DeleteFlag') === 1) return MARKED
  const image = textOf(windows.get('ImagePath'), '').replaceAll('"', '')
  if (image === '' || image.includes('%') || !isGone(image)) return undefined
  return {
    why: `${image}, the NSSM that it runs by, is gone`,
    remedy: `Put it back (a virus scanner's quarantine?), or ${RECREATE}`,
  }
}

/** All of NSSM's settings that `nssm install` writes. */
const BY_INSTALL = ['Application', 'AppParameters', 'AppDirectory']

/**
 * Returns the home of a service whose installation was interrupted before it recorded its home: by its command line.
 */
function homeOfBeginning(nssm: ReadonlyMap<string, RegistryValue>): string | undefined {
  if ([...nssm.keys()].some((name) => !BY_INSTALL.includes(name))) return undefined
  const line = textOf(nssm.get('AppParameters'), '')
  const [, quoted, plain] = / (?:bot start|watchdog run) --home (?:"(.*)"|(\S+))$/.exec(line) ?? []
  return quoted ?? plain
}

/** Returns the exit codes in a definition that are not ours: somebody else's exception to the rule. */
export function foreignExits(definition: string, desired: string): string[] {
  const codes = (text: string) => [...text.matchAll(/^AppExit (\S+)=/gm)].map(([, code]) => code as string)
  const ours = codes(desired)
  return codes(definition).filter((code) => !ours.includes(code))
}

/**
 * Returns the values of a key below the services; its path is compared as the registry does, without regard to case.
 */
function keyOf(registry: Registry, path: string): ReadonlyMap<string, RegistryValue> {
  const end = `\\services\\${path.toLowerCase()}`
  const found = [...registry].find(([key]) => key.toLowerCase().endsWith(end))
  return found?.[1] ?? new Map()
}

function startOf(windows: ReadonlyMap<string, RegistryValue>): string {
  if (windows.get('Start') === 2)
    return windows.get('DelayedAutostart') === 1 ? 'SERVICE_DELAYED_AUTO_START' : 'SERVICE_AUTO_START'
  return windows.get('Start') === 3 ? 'SERVICE_DEMAND_START' : 'SERVICE_DISABLED'
}

function textOf(value: RegistryValue | undefined, otherwise: string): string {
  return value === undefined ? otherwise : listOf(value).join(' ')
}

function listOf(value: RegistryValue | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'object' ? value : [String(value)]
}
