import { posix } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { exists, readText } from '#core/system/files.js'
import { type RunResult, run } from '#core/system/processes.js'
import type { User } from '#core/system/users.js'
import type { Action } from './action.js'
import { homeOfPlist, labelOf, launchdPlist } from './launchd-plist.js'
import { isDisabled, readingOf, serviceOf } from './launchd-print.js'
import type { FoundService, Scope, ServiceManager, ServiceSpec } from './manager.js'
import { unfitForPlist } from './property-list.js'
import { bySudo, noRight } from './rights.js'

const QUESTION_TIMEOUT_MS = 10_000

export interface LaunchdOptions {
  readonly scope: Scope
  readonly home: string
  /** Who runs this command. */
  readonly user: User
  /** Where the machine's property lists are; tests have their own. */
  readonly systemFolder?: string
  /** The program that is asked and told; tests have their own. */
  readonly launchctl?: string
}

/**
 * launchd: a daemon of the machine, which starts at boot, or an agent of one user, which starts at their login at the
 * screen. Its file makes the entry last; loading it ('bootstrap') starts it, and unloading it ('bootout') is the only
 * stop after which KeepAlive doesn't start it again.
 */
export function launchd(options: LaunchdOptions): ServiceManager {
  const { scope, user, home, launchctl: program = 'launchctl' } = options
  const domain = scope === 'system' ? 'system' : `gui/${user.uid}`
  const folder =
    scope === 'system'
      ? (options.systemFolder ?? '/Library/LaunchDaemons')
      : posix.join(user.folder, 'Library', 'LaunchAgents')
  const fileOf = (name: string) => posix.join(folder, `${labelOf(name)}.plist`)
  const targetOf = (name: string) => `${domain}/${labelOf(name)}`
  const allowed = scope === 'user' || user.uid === 0

  const launchctl = (...args: string[]): Action => ({
    do: 'run',
    argv: [program, ...args],
    ...(!allowed && { otherwise: bySudo(home) }),
  })
  /** For what fails where it is already so, and while the last run is still ending (exit codes 3, 5, 36 and 37). */
  const tolerated = (...args: string[]): Action => ({ ...launchctl(...args), ...(allowed && { unreliable: true }) })
  const ask = async (...args: string[]) => told(await run(program, args, { timeoutMs: QUESTION_TIMEOUT_MS }), args)

  // `--wait` came late (`launchctl help bootout` lists it, its manual doesn't): an older one refuses it and does nothing.
  const stop = (name: string) => [tolerated('bootout', '--wait', targetOf(name)), tolerated('bootout', targetOf(name))]
  // A disabled label can't be loaded. And loaded isn't running: launchd puts off what nobody asked for ('pended
  // nondemand spawn'), as in Low Power Mode. `kickstart` asks for it; to a service that runs it does nothing.
  const load = (name: string) => [launchctl('enable', targetOf(name)), tolerated('bootstrap', domain, fileOf(name))]

  return {
    kind: 'launchd',
    scope,

    async check(spec) {
      if (!allowed) throw noRight('Only root installs a service of the machine.', bySudo(home))
      if ((await ask('print', domain)) === undefined) throw noSession(user, home)
      checkPaths(spec)
    },

    async find(name) {
      const text = readText(fileOf(name))
      if (text !== undefined) return { home: homeOfPlist(text, labelOf(name)), definition: text, place: fileOf(name) }
      return withoutFile(await ask('print', targetOf(name)), fileOf(name))
    },

    definition: (spec) => launchdPlist(spec, scope),

    install: (spec) => [
      { do: 'write', path: fileOf(spec.name), text: launchdPlist(spec, scope), mode: 0o644 },
      launchctl('enable', targetOf(spec.name)),
    ],

    uninstall: (name) => [{ do: 'remove', path: fileOf(name) }],

    start: (name) => [...load(name), launchctl('kickstart', targetOf(name))],
    stop,
    // `kickstart -k` would be one go, but it kills at once, and knows only the property list that was loaded before
    restart: (name) => [...stop(name), ...load(name), tolerated('kickstart', targetOf(name))],

    async read(name) {
      const printed = await ask('print', targetOf(name))
      const lasting = exists(fileOf(name))
      if (printed === undefined && !lasting) return undefined
      const disabled = isDisabled((await ask('print-disabled', domain)) ?? '', labelOf(name))
      return readingOf(printed, { automatic: lasting && !disabled })
    },
  }
}

/** What `launchctl` answered; undefined where there is no such service or domain. */
function told({ exit, failure, stdout }: RunResult, args: readonly string[]): string | undefined {
  if (failure === 'ENOENT')
    throw new CatalystError('There is no launchctl here, which tells launchd what to do.', {
      code: 'SERVICE_MANAGER_MISSING',
      exit: EXIT.failed,
      suggestions: ['Run it in the foreground: catalyst bot start'],
    })
  if (exit === undefined)
    throw new CatalystError(`launchctl ${args.join(' ')} gave no answer: ${failure ?? 'it was killed'}.`, {
      code: 'SERVICE_COMMAND_FAILED',
      exit: EXIT.failed,
      suggestions: ['Nothing was changed; try again.'],
    })
  return exit === 0 ? stdout : undefined
}

/** A service that is loaded though its file is gone is still ours; one that was loaded from elsewhere is another's. */
function withoutFile(printed: string | undefined, ours: string): FoundService | undefined {
  if (printed === undefined) return undefined
  const { path, home } = serviceOf(printed)
  return { home: path === ours ? home : undefined, definition: '', place: path ?? 'launchd itself' }
}

function noSession(user: User, home: string): CatalystError {
  return new CatalystError(`${user.name} isn't logged in at this Mac's screen, and so has no place for services.`, {
    code: 'SERVICE_MANAGER_MISSING',
    exit: EXIT.failed,
    suggestions: [
      'Log in at the screen, or by Screen Sharing, and do the same again.',
      'Or make it a service of the machine, which needs no login:',
      ...bySudo(home, { without: '--user', with: '--system' }),
    ],
  })
}

/** What macOS keeps from programs without a window (Privacy & Security, Files and Folders): nobody is there to be asked. */
const GUARDED = /^\/Users\/[^/]+\/(Desktop|Documents|Downloads|Library\/Mobile Documents)(?=\/|$)/i

function checkPaths(spec: ServiceSpec): void {
  const paths = [spec.home, spec.program, spec.args[0] ?? '']
  const unfit = paths.find(unfitForPlist)
  const guarded = paths.map((path) => GUARDED.exec(path)?.[0]).find((folder) => folder !== undefined)
  if (unfit === undefined && guarded === undefined) return
  const why =
    unfit === undefined
      ? `macOS lets no service into ${guarded}`
      : `the path ${JSON.stringify(unfit)} holds a control character, which a property list can't`
  throw new CatalystError(`This can't be a service: ${why}.`, {
    code: 'SERVICE_HOME_UNFIT',
    exit: EXIT.failed,
    suggestions: ['Move it to another folder, such as one right below your own.'],
  })
}
