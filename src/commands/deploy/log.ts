import { Args } from '@oclif/core'
import { DeployCommand } from '#cli/deploy/deploy-command.js'
import type { DeployLog as Log } from '#core/deploy/releases/find-log.js'

export default class DeployLog extends DeployCommand {
  static override summary = 'Show what installing and checking a version printed, also of one that failed.'
  static override description =
    'Without secrets. The logs of the newest 10 versions are kept. What the bot itself said is in catalyst logs.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> v1.2.3']
  static override args = {
    version: Args.string({ description: 'A tag, a commit or a release. Default: the version that was deployed last.' }),
  }

  async run(): Promise<Log> {
    const { args, flags } = await this.parse(DeployLog)
    const { findLog } = await import('#core/deploy/releases/find-log.js')
    const log = findLog(this.home(flags), args.version)
    this.logToStderr(`${log.release}: ${log.path}`)
    for (const line of log.lines) this.log(line)
    return log
  }
}
