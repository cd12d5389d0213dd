import { Command, Flags, type Interfaces } from '@oclif/core'
import { findHome } from '#core/config/home.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { bySudo } from '#core/service/rights.js'
import { type HomePaths, homePaths } from '#core/state/home-paths.js'
import { becomeOwnerOf, isForAnother, ownerOf } from '#core/system/users.js'

/** An error as oclif makes it: the exit code stands in there. */
type OclifError = Interfaces.CommandError & { readonly oclif?: { readonly exit?: number } }

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

  protected paths(flags: { home?: string | undefined }): HomePaths {
    return homePaths(findHome({ flag: flags.home, environment: process.env.CATALYST_HOME, cwd: process.cwd() }))
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
    if (!this.jsonEnabled()) process.stderr.write(`Warning: ${messageOf(input)}\n`)
    return input
  }

  protected override async catch(error: Interfaces.CommandError): Promise<unknown> {
    const { oclif } = error as OclifError
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

  protected override toErrorJson(error: unknown): unknown {
    if (error instanceof CatalystError) {
      const { code, exit, message, suggestions } = error
      return { error: { code, exit, message, suggestions } }
    }
    const { oclif } = error as OclifError
    const exit = oclif?.exit ?? EXIT.failed
    return {
      error: { code: exit === EXIT.usage ? 'USAGE' : 'UNEXPECTED', exit, message: messageOf(error), suggestions: [] },
    }
  }
}
