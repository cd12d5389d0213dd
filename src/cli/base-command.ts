import { sep } from 'node:path'
import { Command, Flags, type Interfaces } from '@oclif/core'
import { type FoundHome, findHome, nearestHome, type PassedOver } from '#core/config/home.js'
import {
  CatalystError,
  codeOf,
  EXIT,
  isNoRoom,
  isSystemFault,
  messageOf,
  pathOf,
  waysToRoom,
  writeFault,
} from '#core/errors.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { harmless } from '#core/logging/read/plain.js'
import { realPath } from '#core/platform/fs/files.js'
import { whyNotByRoot } from '#core/platform/process/trust.js'
import { AS_ROOT, becomeOwnerOf, currentUser, isForAnother, ownerOf } from '#core/platform/process/users.js'
import { byChown, bySudo, permissionDenied } from '#core/service/rights.js'
import { quoteWord, withFlags } from '#core/text.js'
import { nameHome } from './name-home.js'
import { Rows } from './rows.js'
import { print, printJson, talk } from './screen.js'

/**
 * An error as oclif makes it, with its exit code in there. `isUsage` marks wrong usage for a command with exit codes of
 * its own.
 */
export type OclifError = Interfaces.CommandError & {
  readonly oclif?: { readonly exit?: number }
  readonly isUsage?: boolean
}

/** The flag of commands that run what the home names. */
export const asRootFlag = Flags.boolean({
  summary:
    "Run it as root even where the home is another user's, as in a container (CATALYST_AS_ROOT=1 for all commands).",
})

/** The flag of commands that print rows cut to the terminal's width. */
export const fullFlag = Flags.boolean({ summary: 'Long lines whole: on a terminal they are cut to its width.' })

/** The base of every command: the home, and the one place where an error becomes an exit code. */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    home: Flags.string({
      summary:
        "The bot's folder. Default: CATALYST_HOME, else the nearest folder upward with .env or .git that is yours, else the current one.",
      helpGroup: 'GLOBAL',
      helpValue: 'FOLDER',
    }),
  }

  /** Runs it by itself, as oclif runs it. Returns false where the parser refuses its words: nothing is done then. */
  async runAlone(): Promise<boolean> {
    try {
      await this._run()
      return true
    } catch (error) {
      if (this.parsed || !(error instanceof Error && 'parse' in error)) throw error
      return false
    }
  }

  /** Leaves out what oclif prepares for commands of others: warnings of deprecation, and a header for requests. */
  protected override async init(): Promise<void> {}

  #home: string | undefined
  /** True if no home was named, and none was found. */
  #isNowhere = false

  /**
   * Returns the home, which must exist, unless this command may make one. It prints which folders were passed over, and
   * what the environment decided.
   * @throws CatalystError USAGE, HOME_MISSING, HOME_NOT_TRUSTED
   */
  protected paths(flags: { home?: string | undefined }, { mayBeNew = false } = {}): HomePaths {
    if (this.#home !== undefined) return homePaths(this.#home)
    const cwd = process.cwd()
    const found = findHome({ flag: flags.home, environment: process.env.CATALYST_HOME, cwd })
    for (const one of found.passedOver) if (one.folder !== found.home) this.#sayPassedOver(one)
    if (found.by === 'CATALYST_HOME') this.#sayOther(found.home, nearestHome(cwd))
    const looksLikeOne = found.passedOver.some(({ folder }) => folder === found.home)
    if (found.by === 'nothing' && !mayBeNew && !looksLikeOne) {
      this.#isNowhere = true
      throw new CatalystError(`${found.home} is not a home, nor inside one: there is neither .env nor .git.`, {
        code: 'HOME_MISSING',
        exit: EXIT.usage,
        suggestions: [`Name the bot's folder: ${this.#lineFor('FOLDER')}`, 'Or make this folder one: catalyst init'],
      })
    }
    if (found.unfit !== undefined) {
      throw new CatalystError(`${found.home} is not used as a home unless you name it: ${found.unfit}.`, {
        code: 'HOME_NOT_TRUSTED',
        exit: EXIT.notAllowed,
        suggestions: [`If you mean it: ${this.#lineFor(found.home)}`],
      })
    }
    this.#home = found.home
    return homePaths(found.home)
  }

  #sayPassedOver({ folder, why }: PassedOver): void {
    talk(`Warning: The home ${folder} is passed over: ${why}. If you mean it: ${this.#lineFor(folder)}`)
  }

  /** Notes that CATALYST_HOME names another home than the current folder's, which a person mostly means. */
  #sayOther(home: string, here: FoundHome): void {
    if (here.by === 'nothing' || realPath(here.home) === realPath(home)) return
    talk(
      `Note: CATALYST_HOME is ${home}, so this command uses that home, not ${here.home}. To use this one: ${this.#lineFor(here.home)}`,
    )
  }

  /** Returns this command line, with the home named. */
  #lineFor(home: string): string {
    const words = ['catalyst', ...(this.id ?? '').split(':'), ...withFlags(this.argv, '--home', home)]
    return words.map((word) => quoteWord(word)).join(' ')
  }

  /** Returns the home for a command that only reads: root becomes the home's owner. */
  protected pathsToRead(flags: { home?: string | undefined }, options?: { mayBeNew: boolean }): HomePaths {
    const paths = this.paths(flags, options)
    becomeOwnerOf(paths.home)
    return paths
  }

  /**
   * Refuses what root would run in somebody else's home: it may be intended, as in a container, and mostly isn't. The
   * intention applies to the programs that we start, too.
   * @throws CatalystError NOT_ALLOWED
   */
  protected refuseAsRoot({ home }: HomePaths, isMeant: boolean): void {
    if (isMeant) process.env[AS_ROOT] = '1'
    const fault = whyNotByRoot(home)
    if (fault === undefined) return
    const owner = ownerOf(home)
    const asRoot = withFlags(this.argv, ...(this.argv.some(namesHome) ? [] : ['--home', home]), '--as-root')
    const line = ['catalyst', ...(this.id ?? '').split(':'), ...asRoot].map((word) => quoteWord(word)).join(' ')
    throw permissionDenied(`${fault}. Nothing was started.`, [
      ...(isForAnother(owner) ? bySudo(home, { as: owner.name }) : []),
      `Or, where root is meant, as in a container: ${line}`,
    ])
  }

  /** Prints a warning. oclif's own would wrap the line, and what is to be typed in it, to the width of the screen. */
  override warn(input: Error | string): Error | string {
    if (!this.jsonEnabled()) talk(`Warning: ${harmless(this.named(messageOf(input)))}`)
    return input
  }

  /** Prints text that may hold words of others: they can't control the terminal. The same holds for the next two. */
  override log(text = ''): void {
    if (!this.jsonEnabled()) print(text)
  }

  override logToStderr(text = ''): void {
    if (!this.jsonEnabled()) talk(text)
  }

  override logJson(value: unknown): void {
    printJson(value)
  }

  /** Prints words of ours, which may hold commands to type. */
  protected say(text: string): void {
    this.log(this.named(text))
  }

  /** Prints a list, a line for each of its entries, cut to the terminal's width unless it is asked for whole. */
  protected sayList(text: string, { full, command }: { full: boolean; command: string }): void {
    if (this.jsonEnabled()) return
    const rows = new Rows(full)
    for (const line of this.named(text).split('\n')) rows.print(line)
    this.sayCut(rows, command)
  }

  /** Prints how to see the rows whole that were cut. */
  protected sayCut(rows: Rows, command: string): void {
    const hint = rows.hint(command)
    if (hint !== undefined) this.logToStderr(this.named(hint))
  }

  /** Returns a text with the home in each command to type, if this command line named it. */
  protected named(text: string): string {
    return nameHome(text, { argv: this.argv, ids: this.config.commandIDs })
  }

  protected override async catch(thrown: Interfaces.CommandError): Promise<unknown> {
    const { oclif } = thrown as OclifError
    if (this.#isNowhere && thrown instanceof CatalystError) thrown.suggestions.push(...(await this.#knownHomes()))
    const error = this.#refused(thrown, oclif?.exit) ?? thrown
    // under --json oclif forgets the exit code of wrong usage
    if (this.jsonEnabled() && oclif?.exit !== undefined && !(error instanceof CatalystError))
      error.exitCode = oclif.exit
    if (error instanceof CatalystError) {
      // under --json oclif exits with `exitCode`
      Object.assign(error, { oclif: { exit: error.exit }, exitCode: error.exit })
    }
    // with a code oclif prints the message; without one it would print the stack, which helps nobody
    else if (!('code' in error) && oclif === undefined) Object.assign(error, { code: 'UNEXPECTED' })
    return super.catch(error)
  }

  /** Returns the homes whose services are installed on this machine. */
  async #knownHomes(): Promise<string[]> {
    const { knownHomes } = await import('#core/service/known-homes.js')
    return knownHomes(currentUser()).map(
      ({ name, home }) => `The service ${name} is that of ${home}: ${this.#lineFor(home)}`,
    )
  }

  /** Returns the error for what the system refuses in the home, with suggestions. */
  #refused(error: unknown, exit: number = EXIT.notAllowed): CatalystError | undefined {
    const home = this.#home
    if (isSystemFault(error)) return this.#brokenOff(error)
    const path = error instanceof Error && 'path' in error ? error.path : undefined
    if (process.platform === 'win32') return undefined // there it mostly means that somebody has it open
    if (home === undefined || typeof path !== 'string' || !isWithin(home, path)) return undefined
    if (!['EACCES', 'EPERM'].includes(codeOf(error) ?? '')) return undefined
    return new CatalystError(`Not permitted: ${messageOf(error)}`, {
      code: 'NOT_ALLOWED',
      exit,
      suggestions: wayInto(home, path),
      cause: error,
    })
  }

  /** Makes the error for a disk that takes no more, or a system with too many open files. */
  #brokenOff(error: unknown): CatalystError {
    const path = pathOf(error) ?? this.#home ?? process.cwd()
    return new CatalystError(`The command failed: ${writeFault(error, path)}.`, {
      code: 'HOME_NOT_WRITABLE',
      exit: EXIT.failed,
      suggestions: isNoRoom(error) ? waysToRoom(path) : [],
      cause: error,
    })
  }

  protected override toErrorJson(error: unknown): unknown {
    if (error instanceof CatalystError) {
      const { code, exit, message, details } = error
      const suggestions = error.suggestions.map((text) => this.named(text))
      return { error: { code, exit, message, suggestions, ...details } }
    }
    const { oclif, isUsage = oclif?.exit === EXIT.usage } = error as OclifError
    const exit = oclif?.exit ?? EXIT.failed
    const message = messageOf(error).replace('\nSee more help with --help', '')
    const suggestions = isUsage ? [`See: catalyst ${this.id?.replaceAll(':', ' ')} --help`] : []
    return { error: { code: isUsage ? 'USAGE' : 'UNEXPECTED', exit, message, suggestions } }
  }
}

function namesHome(word: string): boolean {
  return word === '--home' || word.startsWith('--home=')
}

function isWithin(home: string, path: string): boolean {
  return path === home || path.startsWith(home.endsWith(sep) ? home : home + sep)
}

/** Returns what to do about a path in a home that can't be read or written. */
function wayInto(home: string, path: string): string[] {
  const owner = ownerOf(home)
  if (isForAnother(owner)) return byChown(home, owner.name) // root did it as the owner
  if (owner.uid === currentUser().uid) return [`See whose it is: ls -ld ${quoteWord(path)}`]
  return bySudo(home, { as: owner.name })
}
