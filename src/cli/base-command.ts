import { sep } from 'node:path'
import { Command, Flags, type Interfaces } from '@oclif/core'
import { findHome } from '#core/config/home.js'
import { CatalystError, codeOf, EXIT, messageOf } from '#core/errors.js'
import { byChown, bySudo } from '#core/service/rights.js'
import { type HomePaths, homePaths } from '#core/state/home-paths.js'
import { becomeOwnerOf, currentUser, isForAnother, ownerOf } from '#core/system/users.js'
import { quoteWord } from '#core/text.js'
import { nameHome } from './name-home.js'

/** An error as oclif makes it: the exit code stands in there. A command with other exit codes says what is wrong usage. */
export type OclifError = Interfaces.CommandError & {
  readonly oclif?: { readonly exit?: number }
  readonly isUsage?: boolean
}

/** What every command shares: the home, and the one place where an error becomes an exit code. */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    home: Flags.string({
      summary:
        "The bot's folder. Default: CATALYST_HOME, else the nearest folder upward with .env or .git, else the current one.",
      helpGroup: 'GLOBAL',
      helpValue: 'FOLDER',
    }),
  }

  #home: string | undefined

  protected paths(flags: { home?: string | undefined }): HomePaths {
    this.#home = findHome({ flag: flags.home, environment: process.env.CATALYST_HOME, cwd: process.cwd() })
    return homePaths(this.#home)
  }

  /** The same for a command that only looks: root becomes the home's owner. */
  protected pathsToRead(flags: { home?: string | undefined }): HomePaths {
    const paths = this.paths(flags)
    becomeOwnerOf(paths.home)
    return paths
  }

  /** What root runs in somebody else's home: it may be meant so, as in a container, and mostly isn't. */
  protected warnAsRoot({ home }: HomePaths): void {
    const owner = ownerOf(home)
    if (!isForAnother(owner)) return
    const [line] = bySudo(home, { as: owner.name })
    this.warn(`The home belongs to ${owner.name}, but this runs as root, and what it makes will be root's. ${line}`)
  }

  /** oclif's own would break the line, and what is to be typed in it, to the width of the screen. */
  override warn(input: Error | string): Error | string {
    if (!this.jsonEnabled()) process.stderr.write(`Warning: ${this.#named(messageOf(input))}\n`)
    return input
  }

  /** Prints words of ours, in which there may be commands to type. */
  protected say(text: string): void {
    this.log(this.#named(text))
  }

  #named(text: string): string {
    return nameHome(text, { argv: this.argv, ids: this.config.commandIDs })
  }

  protected override async catch(thrown: Interfaces.CommandError): Promise<unknown> {
    const { oclif } = thrown as OclifError
    const error = this.#refused(thrown, oclif?.exit) ?? thrown
    // under --json oclif forgets the exit code of wrong usage
    if (this.jsonEnabled() && oclif?.exit !== undefined && !(error instanceof CatalystError))
      error.exitCode = oclif.exit
    if (error instanceof CatalystError) {
      // under --json oclif ends with `exitCode`
      Object.assign(error, { oclif: { exit: error.exit }, exitCode: error.exit })
    }
    // with a code oclif prints the message; without one it would print the stack, which tells nobody what to do
    else if (!('code' in error) && oclif === undefined) Object.assign(error, { code: 'UNEXPECTED' })
    return super.catch(error)
  }

  /** What the system refuses in the home, with the way out. */
  #refused(error: unknown, exit: number = EXIT.notAllowed): CatalystError | undefined {
    const home = this.#home
    const path = error instanceof Error && 'path' in error ? error.path : undefined
    if (process.platform === 'win32') return undefined // there it mostly means that somebody has it open
    if (home === undefined || typeof path !== 'string' || !isWithin(home, path)) return undefined
    if (!['EACCES', 'EPERM'].includes(codeOf(error) ?? '')) return undefined
    return new CatalystError(`You may not: ${messageOf(error)}`, {
      code: 'NOT_ALLOWED',
      exit,
      suggestions: wayInto(home, path),
      cause: error,
    })
  }

  protected override toErrorJson(error: unknown): unknown {
    if (error instanceof CatalystError) {
      const { code, exit, message } = error
      const suggestions = error.suggestions.map((text) => this.#named(text))
      return { error: { code, exit, message, suggestions } }
    }
    const { oclif, isUsage = oclif?.exit === EXIT.usage } = error as OclifError
    const exit = oclif?.exit ?? EXIT.failed
    const message = messageOf(error).replace('\nSee more help with --help', '')
    const suggestions = isUsage ? [`See: catalyst ${this.id?.replaceAll(':', ' ')} --help`] : []
    return { error: { code: isUsage ? 'USAGE' : 'UNEXPECTED', exit, message, suggestions } }
  }
}

function isWithin(home: string, path: string): boolean {
  return path === home || path.startsWith(home.endsWith(sep) ? home : home + sep)
}

/** What to do about a path in a home that may not be read or written. */
function wayInto(home: string, path: string): string[] {
  const owner = ownerOf(home)
  if (isForAnother(owner)) return byChown(home, owner.name) // root did it as the owner
  if (owner.uid === currentUser().uid) return [`See whose it is: ls -ld ${quoteWord(path)}`]
  return bySudo(home, { as: owner.name })
}
