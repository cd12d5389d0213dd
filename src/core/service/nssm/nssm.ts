import type { Settings } from '#core/config/schema.js'
import { QUERY_TIMEOUT_MS, type RunResult, run } from '#core/platform/process/processes.js'
import { readRegistry } from '#core/platform/windows/registry.js'
import { systemProgram } from '#core/platform/windows/windows.js'
import type { Action, RunAction } from '#core/service/action.js'
import { isElevated, notElevated, userSid } from '#core/service/elevation.js'
import type {
  FoundService,
  ServiceManager,
  ServiceObservation,
  ServiceSpec,
  ServiceState,
} from '#core/service/manager.js'
import { asAdministrator } from '#core/service/rights.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import { checkNssm, findNssm, notThere } from './find-nssm.js'
import { aclActions } from './nssm-acl.js'
import {
  argumentLine,
  definitionOf,
  isManaged,
  LOCAL_SYSTEM,
  type NssmParameter,
  needsPassword,
  nssmDefinition,
  nssmParameters,
  unfinished,
} from './nssm-args.js'
import { accountForgotten, noAnswer, noPassword, queryDenied, unreadable, unusable } from './nssm-errors.js'
import { checkHome } from './nssm-home.js'
import { applicationPid, endOf } from './nssm-output.js'
import { foreignExits, serviceInRegistry, serviceKey } from './nssm-registry.js'

/**
 * The extra time for a stop: NSSM's further ways to stop a program come after our timeout, and the kill after those.
 */
const STOP_MARGIN_MS = 20_000

/** NSSM's exit code when it can't open a service: it is missing, or we have no permission. */
const NOT_OPENED = 3

const STATES: Readonly<Record<string, ServiceState>> = {
  SERVICE_RUNNING: 'running',
  SERVICE_START_PENDING: 'starting',
  SERVICE_CONTINUE_PENDING: 'starting',
  SERVICE_STOP_PENDING: 'stopping',
  SERVICE_PAUSE_PENDING: 'restarting',
  SERVICE_PAUSED: 'restarting', // in the pause before the next start
  SERVICE_STOPPED: 'stopped',
}

export interface NssmOptions {
  readonly home: string
  /** The path of nssm.exe; undefined if it was not found. */
  readonly program: string | undefined
  /** The value of NSSM_PATH. */
  readonly setting?: string | undefined
  readonly elevated: boolean | undefined
  /** The SID of the user who runs this. */
  readonly userSid: string | undefined
  /** The time that NSSM may take to stop the service: it answers only then. */
  readonly stopMs?: number
  /** The password of the account that the service runs as; it is passed on and never read back. */
  readonly password?: string | undefined
  /** The programs of Windows; tests have their own. */
  readonly programs?: WindowsTools
}

interface WindowsTools {
  readonly reg: string
  readonly sc: string
  readonly icacls: string
}

/** Opens NSSM on this machine, as this user may use it. */
export async function openNssm(options: {
  home: string
  settings: Settings
  password?: string | undefined
}): Promise<ServiceManager> {
  const { home, settings, password } = options
  const setting = settings.NSSM_PATH
  const [elevated, sid] = await Promise.all([isElevated(), userSid()])
  const program = findNssm(setting, process.env)
  const stopMs = stopTimeoutMs(settings) + STOP_MARGIN_MS
  return nssm({ home, program, setting, elevated, userSid: sid, password, stopMs })
}

/** Runs a query again if nothing of its output arrives, as was seen once in a long while under Wine. */
async function askTwice(question: () => Promise<RunResult>): Promise<RunResult> {
  const answer = await question()
  return answer.exit === 0 && answer.stdout === '' && answer.stderr === '' ? question() : answer
}

/**
 * Opens NSSM: a service of Windows that starts our program, and restarts it. Its exit codes say little (`start` often
 * fails although the service starts), so nothing here depends on them; the registry is read instead.
 */
export function nssm(options: NssmOptions): ServiceManager {
  const { home, program, setting, elevated, password } = options
  const { reg, sc, icacls } = options.programs ?? windowsTools()
  const nssmAction = (...args: string[]): RunAction => {
    // by its name alone Windows would run what lies in the current folder
    if (program === undefined) throw notThere(setting)
    return { do: 'run', argv: [program, ...args] }
  }
  /** Makes an action whose success is seen by the state; a person without permission is told at once. */
  const bestEffort = (...args: string[]): RunAction => ({
    ...nssmAction(...args),
    ...(elevated === false ? { otherwise: asAdministrator(home) } : { unreliable: true }),
  })

  /**
   * Returns the first actions, with the command line: whose it is must be known from its first moment. Nothing
   * half-made starts at boot.
   */
  const beginning = ({ name, program, args }: ServiceSpec): Action[] => [
    nssmAction('install', name, program, argumentLine(args)),
    nssmAction('set', name, 'Start', 'SERVICE_DEMAND_START'),
  ]

  const stopTimeout = options.stopMs === undefined ? {} : { timeoutMs: options.stopMs }

  const ask = async (...args: string[]): Promise<RunResult> => {
    if (program === undefined) await checkNssm(program, setting)
    const answer = await askTwice(() => run(program as string, args, { timeoutMs: QUERY_TIMEOUT_MS }))
    if (answer.exit === undefined) await checkNssm(program, setting)
    return answer
  }

  const find = async (name: string): Promise<FoundService | undefined> => {
    const registry = await readRegistry(serviceKey(name), reg)
    if (registry) return serviceInRegistry(name, registry)
    if (program === undefined) return undefined
    const status = await ask('status', name)
    if (status.exit === NOT_OPENED) return undefined
    if (status.exit !== 0) throw noAnswer(name, status)
    const key = await ask('get', name, 'Name')
    if (key.stdout.trim().toLowerCase() === name.toLowerCase()) throw unreadable(name)
    // NSSM also finds services by their display name
    return { home: undefined, definition: '', place: `a service that is shown as ${name}` }
  }

  return {
    kind: 'nssm',
    scope: 'system',

    async check(spec) {
      await checkNssm(program, setting)
      if (elevated === false) throw notElevated(home)
      checkHome(spec)
    },

    find,
    definition: nssmDefinition,

    install(spec, found) {
      if (found?.fault) throw unusable(spec.name, found.fault)
      const begunFor = found?.unfinished ? accountIn(found.definition) : LOCAL_SYSTEM
      if (spec.account === undefined && begunFor !== LOCAL_SYSTEM) throw accountForgotten(begunFor)
      const account = spec.account ?? LOCAL_SYSTEM
      const set = ({ name, sub, values }: NssmParameter): Action => {
        const action = nssmAction('set', spec.name, name, ...(sub === undefined ? [] : [sub]), ...values)
        return name === 'ObjectName' ? withPassword(action, account, password) : action
      }
      // an account that it runs as already would need its password for nothing
      const isSet = (parameter: NssmParameter) =>
        parameter.name === 'ObjectName' &&
        password === undefined &&
        found?.definition.includes(definitionOf([parameter]))
      const foreign = found ? foreignExits(found.definition, nssmDefinition(spec)) : []
      return [
        ...(found ? [] : beginning(spec)),
        ...nssmParameters(unfinished(spec))
          .filter((parameter) => !isSet(parameter))
          .map(set),
        ...foreign.map((code) => nssmAction('reset', spec.name, 'AppExit', code)),
        ...nssmParameters(spec)
          .filter(({ name }) => name === 'AppEnvironmentExtra')
          .map(set),
      ]
    },

    upkeep: (spec) => aclActions(spec, icacls, options.userSid),

    uninstall(name) {
      if (elevated === false) throw notElevated(home) // NSSM would open a window that asks for elevation
      return [nssmAction('remove', name, 'confirm')]
    },

    // in the pause before a restart there is nothing to start, but `continue` ends the pause
    start: (name) => [bestEffort('start', name), bestEffort('continue', name)],
    stop: (name) => [{ ...bestEffort('stop', name), ...stopTimeout }],
    restart: (name) => [{ ...bestEffort('restart', name), ...stopTimeout }],

    async read(name) {
      const [status, start, tree] = await Promise.all([
        ask('status', name),
        ask('get', name, 'Start'),
        ask('processes', name),
      ])
      if (status.exit === NOT_OPENED) {
        if (await readRegistry(serviceKey(name), reg)) throw queryDenied(name, home)
        return undefined
      }
      const words = status.stdout.trim()
      const state = STATES[words]
      if (state === undefined) throw noAnswer(name, status)
      const automatic = /_AUTO_START\b/.test(start.stdout)
      const observed: ServiceObservation = { state, pid: null, since: null, restarts: null, automatic, words }
      if (state === 'running') return { ...observed, pid: applicationPid(tree.stdout) }
      if (state !== 'stopped') return observed
      const end = endOf((await run(sc, ['queryex', name], { timeoutMs: QUERY_TIMEOUT_MS })).stdout)
      if (end === undefined) return observed
      const ended = end.exit === undefined ? {} : { ended: { at: null, exit: end.exit } }
      return { ...observed, ...ended, state: 'failed', words: `${words}, ${end.words}` }
    },
  }
}

/** Returns the account that a definition has it run as. */
function accountIn(definition: string): string {
  return /^ObjectName=(.+)$/m.exec(definition)?.[1] ?? LOCAL_SYSTEM
}

/** Adds the account's password, without which NSSM would leave a service that runs as LocalSystem. */
function withPassword(action: RunAction, account: string, password: string | undefined): RunAction {
  if (isManaged(account)) return { ...action, argv: [...action.argv, ''] }
  if (password !== undefined) return { ...action, argv: [...action.argv, password], secret: [password] }
  if (needsPassword(account)) throw noPassword(account)
  return action
}

function windowsTools(): WindowsTools {
  return { reg: systemProgram('reg.exe'), sc: systemProgram('sc.exe'), icacls: systemProgram('icacls.exe') }
}
