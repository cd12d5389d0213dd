import { Flags } from '@oclif/core'
import { readConfigToCheck } from '#bots/config.js'
import { BaseCommand, type OclifError } from '#cli/base-command.js'
import { asNotTold } from '#cli/could-not-tell.js'
import { findingLines, summaryOf } from '#cli/doctor-text.js'
import { hasColors, print } from '#cli/screen.js'
import { showWait } from '#cli/wait-line.js'
import type { Finding } from '#core/doctor/finding.js'
import { Home } from '#core/home/home.js'
import { realClock } from '#core/platform/clock.js'
import { becomeOwnerOf, isForAnother, ownerOf } from '#core/platform/process/users.js'

export default class Doctor extends BaseCommand {
  static override summary = 'Check everything around the bot, and show what mends each fault.'
  static override description =
    `One line a finding: ok, warning or fault, with the command that mends it. It checks the settings, the service, the watchdog, the endpoint, alerts, releases, rights, locks, and the machine. A BOT_MODULE that no running bot has loaded is loaded for that, in a process of its own that exits right after, as config check does it; nothing is posted or sent to a channel.

--fix mends what is safe, and asks nothing: the rights of files, locks that were left behind, the registry of homes.

Exit codes: 0 all is well; 1 warnings only; 2 faults; 3 it could not tell.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Mend what is safe to mend:', command: '<%= config.bin %> <%= command.id %> --fix' },
  ]
  static override enableJsonFlag = true
  static override flags = {
    fix: Flags.boolean({ summary: 'Mend what is safe: rights of files, locks left behind, the registry of homes.' }),
  }

  async run(): Promise<Finding[]> {
    const { flags } = await this.parse(Doctor)
    const paths = this.paths(flags)
    const owner = ownerOf(paths.home)
    // what a check runs of theirs is not to see root's environment
    const seen = isForAnother(owner) ? { PATH: process.env.PATH, HOME: owner.folder } : process.env
    if (isForAnother(owner)) delete process.env.XDG_CONFIG_HOME // root's own: the owner's registry is elsewhere
    becomeOwnerOf(paths.home)
    const { examine } = await import('#core/doctor/examine.js')
    const { contextOf } = await import('#core/doctor/context.js')
    const { exitCodeOfFindings } = await import('#core/doctor/finding.js')
    const { pathOfServices } = await import('#core/service/runtime.js')
    const home = new Home({ clock: realClock, paths, config: readConfigToCheck(paths.home, seen) })
    const context = contextOf(home, pathOfServices())
    const found = await showWait('Checking', () => examine(context, { fix: flags.fix }))
    const findings = found.map((one) => this.#withHomeNamed(one))
    process.exitCode = exitCodeOfFindings(findings)
    if (!this.jsonEnabled()) this.#show(findings)
    return findings
  }

  #show(findings: readonly Finding[]): void {
    const isColored = hasColors()
    for (const { text, color } of findingLines(findings)) print(text, isColored ? color : undefined)
    print(summaryOf(findings))
  }

  /** Returns the finding with the home in its command, if this command line named it. */
  #withHomeNamed(finding: Finding): Finding {
    return finding.command === null ? finding : { ...finding, command: this.named(finding.command) }
  }

  protected override async catch(error: OclifError): Promise<unknown> {
    return super.catch(asNotTold(error))
  }
}
