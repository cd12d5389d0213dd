import { FULL_SCHEMA, loadFullConfig } from '#bots/config.js'
import { BaseCommand } from '#cli/base-command.js'
import { table } from '#cli/table.js'
import type { ShownSetting } from '#core/config/shown.js'

export default class ConfigShow extends BaseCommand {
  static override summary = 'Show the settings in force, and where each comes from.'
  static override description = 'Secrets are masked, in --json too.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override enableJsonFlag = true

  async run(): Promise<{ home: string; settings: readonly ShownSetting[] }> {
    const { flags } = await this.parse(ConfigShow)
    const { home } = this.pathsToRead(flags, { mayBeNew: true })
    const { shownSettings } = await import('#core/config/shown.js')
    const settings = shownSettings(loadFullConfig(home, process.env), FULL_SCHEMA)
    this.log(`home ${home}\n`)
    this.log(table(settings.map(({ name, value, from }) => [name, value, from])))
    return { home, settings }
  }
}
