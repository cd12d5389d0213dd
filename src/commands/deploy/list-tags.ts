import { Flags } from '@oclif/core'
import { fullFlag } from '#cli/base-command.js'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import { tagLines } from '#cli/deploy/tag-text.js'
import type { TaggedVersion } from '#core/deploy/releases/list-versions.js'

export default class DeployListTags extends DeployCommand {
  static override summary = 'List the newest version tags, with what is known of them.'
  static override hiddenAliases = ['deploy:tags'] // else the topic's help lists it as a command of its own
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --limit 100']
  static override flags = {
    limit: Flags.integer({
      summary: 'The maximum number of tags.',
      helpValue: 'NUMBER',
      min: 1,
      max: 100_000,
      default: 20,
    }),
    full: fullFlag,
  }

  async run(): Promise<readonly TaggedVersion[]> {
    const { flags } = await this.parse(DeployListTags)
    const { openRepository } = await import('#core/deploy/git/repository.js')
    const { listVersions } = await import('#core/deploy/releases/list-versions.js')
    const home = this.home(flags)
    const { git } = await openRepository(home)
    const tags = await listVersions(git, home, flags.limit)
    this.sayList(tagLines(tags), { full: flags.full, command: 'catalyst deploy list-tags' })
    return tags
  }
}
