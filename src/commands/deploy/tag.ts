import { Args, Flags } from '@oclif/core'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import type { MadeTag } from '#core/deploy/git/make-tag.js'

export default class DeployTag extends DeployCommand {
  static override summary = 'Tag the commit that the home is at as a version.'
  static override description =
    'The tag is annotated. All changes must be committed, and a tag that is there already is never moved.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> v1.2.3',
    '<%= config.bin %> <%= command.id %> v1.2.3 --message "Quieter at night" --push',
  ]
  static override args = { name: Args.string({ description: 'Such as v1.2.3.', required: true }) }
  static override flags = {
    message: Flags.string({ char: 'm', summary: 'Its message. Default: its name.', helpValue: 'TEXT' }),
    push: Flags.boolean({ summary: 'Push it to the remote, too.' }),
  }

  async run(): Promise<MadeTag> {
    const { args, flags } = await this.parse(DeployTag)
    const { openRepository } = await import('#core/deploy/git/repository.js')
    const { makeTag } = await import('#core/deploy/git/make-tag.js')
    const tag = await makeTag(await openRepository(this.home(flags)), args.name, {
      message: flags.message,
      push: flags.push,
    })
    this.log(
      `${tag.name} is ${tag.commit.slice(0, 8)}${tag.made ? '' : ', as it was'}${tag.pushed ? ', and pushed' : ''}.`,
    )
    return tag
  }
}
