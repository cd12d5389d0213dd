import { BaseCommand } from '#cli/base-command.js'
import { watchdogText } from '#cli/watchdog/watchdog-text.js'
import { readConfig } from '#core/config/load.js'
import { realClock } from '#core/platform/clock.js'
import type { WatchdogStatus as Status } from '#core/watchdog/status.js'

export default class WatchdogStatus extends BaseCommand {
  static override summary = 'Show the state of the watchdog, and how much of its restart budget is left.'
  static override description = 'Exit codes: 0 it runs; 1 it does not.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override enableJsonFlag = true

  async run(): Promise<Status> {
    const { flags } = await this.parse(WatchdogStatus)
    const paths = this.pathsToRead(flags)
    const { settings } = readConfig(paths.home, process.env)
    const { watchdogStatus } = await import('#core/watchdog/status.js')
    const status = await watchdogStatus(paths, settings, realClock.now())
    this.say(watchdogText(status))
    process.exitCode = status.running ? 0 : 1
    return status
  }
}
