import { readConfigToCheck } from '#bots/config.js'
import { BaseCommand } from '#cli/base-command.js'
import { EXIT } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'
import { becomeOwnerOf, isForAnother, ownerOf } from '#core/platform/process/users.js'
import { countOf } from '#core/text.js'

interface ConfigChecked {
  readonly home: string
  readonly faults: readonly string[]
  readonly hints: readonly string[]
}

export default class ConfigCheck extends BaseCommand {
  static override summary = 'Check the settings, and list all faults at once.'
  static override description =
    `It finds everything that would keep the bot from starting, with the messages of the start itself: in the settings, and in the program, script or module that they name. A module is loaded for that, in a process of its own that exits right after, as in a dry run; a running bot is left alone. Values are never shown.

Exit codes: 0 all is well, though there may be hints; 78 there are faults.`
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<ConfigChecked> {
    const { flags } = await this.parse(ConfigCheck)
    const paths = this.paths(flags, { mayBeNew: true })
    const { home } = paths
    const owner = ownerOf(home)
    // it loads a module of theirs: root's environment is not for it
    const seen = isForAnother(owner) ? { PATH: process.env.PATH, HOME: owner.folder } : process.env
    becomeOwnerOf(home)
    const { checkHome } = await import('#core/watchdog/check-home.js')
    const { pathOfServices } = await import('#core/service/runtime.js')
    const config = readConfigToCheck(home, seen)
    const { faults, hints } = await checkHome(realClock, paths, config, { servicePath: pathOfServices() })
    this.log(
      faults.length === 0
        ? `The settings of ${home} are sound.`
        : `The settings of ${home} have ${countOf(faults.length, 'fault')}:`,
    )
    for (const fault of faults) this.log(`- ${fault}`)
    if (hints.length > 0) this.log(`${countOf(hints.length, 'hint')}:`)
    for (const hint of hints) this.log(`- ${hint}`)
    process.exitCode = faults.length === 0 ? EXIT.done : EXIT.settings
    return { home, faults, hints }
  }
}
