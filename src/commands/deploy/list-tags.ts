import { Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy-command.js'
import { tagLines } from '#cli/tag-text.js'
import type { TaggedVersion } from '#core/deploy/list-versions.js'

export default class DeployListTags extends DeployCommand {
  static override summary = 'List the newest version tags, with what is known of them.'
  static override aliases = ['deploy:tags']
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --limit 100']
  static override flags = {
    limit: Flags.integer({ summary: 'So many at most.', helpValue: 'NUMBER', min: 1, max: 100_000, default: 20 }),
  }

  async run(): Promise<readonly TaggedVersion[]> {
    const { flags } = await this.parse(DeployListTags)
    const { openRepository } = await import('#core/deploy/repository.js')
    const { listVersions } = await import('#core/deploy/list-versions.js')
    const { owner, paths } = this.settingsHome(flags)
    const { git } = await openRepository(paths, owner)
    const tags = await listVersions(git, paths, owner, flags.limit)
    this.say(tagLines(tags))
    return tags
  }
}
