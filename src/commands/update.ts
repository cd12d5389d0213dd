import { Flags } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { showWait } from '#cli/wait-line.js'
import type { Installation, Newest } from '#core/update/update.js'

type Updatable = Installation & { readonly newest: Newest | null }

export default class Update extends BaseCommand {
  static override summary = 'Show how this installation of Catalyst is updated.'
  static override description =
    `It shows the commands for the way in which Catalyst was installed here, and runs none of them. Without --check it asks nobody.

With --check it asks for the newest version: a clone's repository by git, for any other installation npm, or the address of --from. That address answers with JSON: npm's metadata of a package, a release as GitHub or GitLab describes it, or an object with a version.

Exit codes: 0 it is shown, also where there is a newer version (is_newer with --json); 1 the newest version is not known.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Is there a newer version?', command: '<%= config.bin %> <%= command.id %> --check --json' },
  ]
  static override enableJsonFlag = true
  static override flags = {
    check: Flags.boolean({ summary: 'Ask for the newest version.' }),
    from: Flags.string({ summary: 'Ask at this address.', helpValue: 'URL', dependsOn: ['check'] }),
  }
  static override baseFlags = {} as (typeof BaseCommand)['baseFlags'] // it is about no home

  async run(): Promise<Updatable> {
    const { flags } = await this.parse(Update)
    const { askNewest, readInstallation } = await import('#core/update/update.js')
    const { installationText } = await import('#cli/update-text.js')
    const installation = readInstallation()
    const newest = flags.check
      ? await showWait('Asking for the newest version', () => askNewest(installation, flags.from))
      : null
    this.log(installationText(installation, newest))
    return { ...installation, newest }
  }
}
