import { BaseCommand } from '#cli/base-command.js'
import { readConfig } from '#core/config/load.js'
import { EXIT } from '#core/errors.js'
import { countOf } from '#core/text.js'

interface ConfigChecked {
  readonly home: string
  readonly faults: readonly string[]
  readonly hints: readonly string[]
}

export default class ConfigCheck extends BaseCommand {
  static override summary = 'Check the settings, and list all faults at once.'
  static override description =
    'Exit codes: 0 all is well; 78 there are faults. A bot that is not there is a hint, since a release may bring it. Values are never shown.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<ConfigChecked> {
    const { flags } = await this.parse(ConfigCheck)
    const paths = this.pathsToRead(flags)
    const { home } = paths
    const { hintsOf } = await import('#core/config/hints.js')
    const { missingBot } = await import('#core/bot/missing-bot.js')
    const { environment, faults, settings } = readConfig(home, process.env)
    const hints = [...hintsOf(environment), ...missingBot(paths, settings)]
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
