import { posix } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { exists, readText, realPath } from '#core/platform/fs/files.js'
import { failureText, QUERY_TIMEOUT_MS, type RunResult, run } from '#core/platform/process/processes.js'
import type { User } from '#core/platform/process/users.js'
import type { Action, RunAction } from '#core/service/action.js'
import type { FoundService, Scope, ServiceManager, ServiceSpec } from '#core/service/manager.js'
import { bySudo, permissionDenied } from '#core/service/rights.js'
import { homeOfPlist, labelOf, launchdPlist } from './launchd-plist.js'
import { isDisabled, observationOf, serviceOf } from './launchd-print.js'
import { readPlist, unfitForPlist } from './property-list.js'

const KICKSTART_TIMEOUT_MS = 10_000
/** The exit codes of launchctl if there is no such service (3, 113), or no such domain (112, 125). */
const NOT_THERE = [3, 112, 113, 125]

export interface LaunchdOptions {
  readonly scope: Scope
  readonly home: string
  /** The user who runs this command. */
  readonly user: User
  /** The folder of the machine's property lists; tests have their own. */
  readonly systemFolder?: string
  /** The program for launchd, and the one that reads binary property lists; tests have their own. */
  readonly launchctl?: string
  readonly plutil?: string
  /** The time that a service may take to exit, and launchd to forget it. */
  readonly stopMs?: number
}

/**
 * Opens launchd: a daemon of the machine, which starts at boot, or an agent of one user, which starts at their login at
 * the screen. Its file makes the entry last; loading it ('bootstrap') starts it, and unloading it ('bootout') is the
 * only stop after which KeepAlive doesn't start it again.
 */
export function launchd(options: LaunchdOptions): ServiceManager {
  const { scope, user, home, launchctl: program = 'launchctl', stopMs = 60_000 } = options
  const domain = scope === 'system' ? 'system' : `gui/${user.uid}`
  const folder =
    scope === 'system'
      ? (options.systemFolder ?? '/Library/LaunchDaemons')
      : posix.join(user.folder, 'Library', 'LaunchAgents')
  const fileOf = (name: string) => posix.join(folder, `${labelOf(name)}.plist`)
  const targetOf = (name: string) => `${domain}/${labelOf(name)}`
  const allowed = scope === 'user' || user.uid === 0

  const launchctl = (...args: string[]): RunAction => ({
    do: 'run',
    argv: [program, ...args],
    ...(!allowed && { otherwise: bySudo(home) }),
  })
  /**
   * Makes an action that fails if it is already so, or is on its way (exit codes 3, 36 and 37), or isn't known yet
   * (64).
   */
  const bestEffort = (...args: string[]): RunAction => ({ ...launchctl(...args), ...(allowed && { unreliable: true }) })
  const ask = async (...args: string[]) => told(await run(program, args, { timeoutMs: QUERY_TIMEOUT_MS }), args)

  // `--wait` came with macOS 26: an older launchctl refuses it and does nothing (64), and its bootout doesn't wait. A
  // person without permission must read about that, and not about a word that launchctl doesn't know.
  const stop = (name: string): Action[] => [
    ...(allowed ? [{ ...bestEffort('bootout', '--wait', targetOf(name)), timeoutMs: stopMs }] : []),
    bestEffort('bootout', targetOf(name)),
  ]
  /**
   * Loads it anew: `kickstart` alone, even with `-k`, would run the property list that was loaded before, and a service
   * that fails again and again would wait out its throttling. Until the last run has exited its label is taken (exit
   * codes 5, 36, 37), and a disabled label can't be loaded. Loaded isn't running: launchd delays unrequested starts
   * ('pended nondemand spawn'), as in Low Power Mode. `kickstart` requests it; it exits with 37 for a service that
   * starts already, and may hang.
   */
  const start = (name: string): Action[] => [
    ...stop(name),
    launchctl('enable', targetOf(name)),
    { ...launchctl('bootstrap', domain, fileOf(name)), retryMs: stopMs, retryOn: [5, 36, 37] },
    { ...bestEffort('kickstart', targetOf(name)), timeoutMs: KICKSTART_TIMEOUT_MS },
  ]

  return {
    kind: 'launchd',
    scope,

    async check(spec) {
      if (!allowed) throw permissionDenied('Only root can install a service of the machine.', bySudo(home))
      if ((await ask('print', domain)) === undefined) throw noSession(user, home)
      checkPaths(spec, user)
    },

    async find(name) {
      const place = fileOf(name)
      const text = await xmlOf(place, options.plutil)
      if (text !== undefined && readPlist(text) !== undefined)
        return { home: homeOfPlist(text, labelOf(name)), definition: text, place }
      const loaded = withoutFile(await ask('print', targetOf(name)), place)
      // a file that was edited until it can't be read is still ours if launchd has loaded it from there
      return text === undefined ? loaded : { home: loaded?.home, definition: text, place }
    },

    definition: (spec) => launchdPlist(spec, scope),

    install: (spec) => [
      { do: 'write', path: fileOf(spec.name), text: launchdPlist(spec, scope), mode: 0o644 },
      launchctl('enable', targetOf(spec.name)),
    ],

    uninstall: (name) => [{ do: 'remove', path: fileOf(name) }],

    start,
    stop,
    restart: start, // `kickstart -k` would be one step, but it kills at once

    async read(name) {
      const printed = await ask('print', targetOf(name))
      const lasting = exists(fileOf(name))
      if (printed === undefined && !lasting) return undefined
      const disabled = isDisabled((await ask('print-disabled', domain)) ?? '', labelOf(name))
      return observationOf(printed, { automatic: lasting && !disabled })
    },
  }
}

/**
 * Returns the property list as XML: `defaults write` and Xcode leave Apple's binary form, which only Apple's own tool
 * reads. If that fails it is empty, since nobody wants to see the bytes.
 */
async function xmlOf(path: string, plutil = 'plutil'): Promise<string | undefined> {
  const text = readText(path)
  if (!text?.startsWith('bplist')) return text
  const { exit, stdout } = await run(plutil, ['-convert', 'xml1', '-o', '-', path], { timeoutMs: QUERY_TIMEOUT_MS })
  return exit === 0 ? stdout : ''
}

/** Returns the output of `launchctl`; undefined if there is no such service or domain. */
function told(answer: RunResult, args: readonly string[]): string | undefined {
  const { exit, failure, stdout } = answer
  if (exit === 0) return stdout
  if (exit !== undefined && NOT_THERE.includes(exit)) return undefined
  if (failure === 'ENOENT')
    throw new CatalystError('launchctl, the command for launchd, is missing here.', {
      code: 'SERVICE_MANAGER_MISSING',
      exit: EXIT.failed,
      suggestions: ['Run it in the foreground: catalyst bot start'],
    })
  const why = exit === undefined ? `gave no answer: ${failure ?? 'it was killed'}.` : `failed: ${failureText(answer)}`
  throw new CatalystError(`launchctl ${args.join(' ')} ${why}`, {
    code: 'SERVICE_COMMAND_FAILED',
    exit: EXIT.failed,
    suggestions: ['Ask again: catalyst service status'],
  })
}

/**
 * Returns a service that is loaded though its file is gone: it is still ours; one that was loaded from elsewhere is
 * another's.
 */
function withoutFile(printed: string | undefined, ours: string): FoundService | undefined {
  if (printed === undefined) return undefined
  const { path, home } = serviceOf(printed)
  return { home: path === ours ? home : undefined, definition: '', place: path ?? 'launchd itself' }
}

function noSession(user: User, home: string): CatalystError {
  return new CatalystError(`${user.name} isn't logged in at this Mac's screen, so there is no session for services.`, {
    code: 'SERVICE_MANAGER_MISSING',
    exit: EXIT.failed,
    suggestions: [
      'Log in at the screen, or by Screen Sharing, then run the command again.',
      'Or make it a service of the machine, which needs no login:',
      ...bySudo(home, { without: '--user', with: '--system' }),
    ],
  })
}

/**
 * The folders that macOS closes to programs without a window (Privacy & Security, Files and Folders), since it can't
 * ask anybody. They are below the folder of any user.
 */
const GUARDED = /^(Desktop|Documents|Downloads|Library\/(CloudStorage|Mobile Documents))(?=\/|$)/i
const OWN_FOLDER = /^(\/System\/Volumes\/Data)?\/Users\/[^/]+\//i

function guardedOf(path: string, { folder }: User): string | undefined {
  const own = [folder, realPath(folder) ?? folder].map((own) => `${own}/`).find((own) => path.startsWith(own))
  const above = own ?? OWN_FOLDER.exec(path)?.[0]
  const guarded = above && GUARDED.exec(path.slice(above.length))?.[0]
  return guarded && `${above}${guarded}`
}

function checkPaths(spec: ServiceSpec, user: User): void {
  const paths = [spec.home, spec.program, spec.args[0] ?? '']
  const unfit = paths.find(unfitForPlist)
  const guarded = paths
    .flatMap((path) => [path, realPath(path) ?? path])
    .map((path) => guardedOf(path, user))
    .find((folder) => folder !== undefined)
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
