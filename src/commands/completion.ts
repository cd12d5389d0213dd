import { Args } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { INSTALL, SHELLS, type Shell } from '#cli/completion/scripts.js'

export default class Completion extends BaseCommand {
  static override summary = 'Print the completion script of a shell: commands, flags and values by TAB.'
  static override description = `To put it in force, for good:

bash: ${INSTALL.bash}

zsh: ${INSTALL.zsh}

fish: ${INSTALL.fish}

PowerShell: ${INSTALL.powershell}

The script has everything in it: a TAB starts nothing but git, for versions. After an update of catalyst print it again.`
  static override examples = [
    {
      description: 'For this shell only, to try it (bash):',
      command: 'source <(<%= config.bin %> <%= command.id %> bash)',
    },
  ]
  static override args = {
    shell: Args.string({ description: 'The shell.', options: [...SHELLS], required: true }),
  }
  static override baseFlags = {} as (typeof BaseCommand)['baseFlags'] // it is about no home

  async run(): Promise<void> {
    const { args } = await this.parse(Completion)
    const { completionScript } = await import('#cli/completion/scripts.js')
    const { commands, topics } = this.config
    this.log(completionScript(args.shell as Shell, { commands, topics }).trimEnd())
  }
}
