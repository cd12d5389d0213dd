import { BaseCommand } from '#cli/base-command.js'

export default class ConfigCheck extends BaseCommand {
  static override summary = 'Check the settings, and list all faults at once.'
  static override description = 'Exit codes: 0 all is well; 78 there are faults. Values are never shown.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<{ home: string; faults: readonly string[]; hints: readonly string[] }> {
    const { flags } = await this.parse(ConfigCheck)
    const { home } = this.paths(flags)
    const { countOf, loadConfig } = await import('#core/config/load.js')
    const { hintsOf } = await import('#core/config/hints.js')
    const { environment } = loadConfig(home, process.env)
    const hints = hintsOf(environment)
    this.log(`The settings of ${home} are sound.`)
    if (hints.length > 0) this.log(`${countOf(hints.length, 'hint')}:\n${hints.map((hint) => `- ${hint}`).join('\n')}`)
    return { home, faults: [], hints }
  }
}
