import { readFullConfig } from '#bots/config.js'
import { columnsOf } from '#cli/screen.js'
import { homesLines, sharedTokenText } from '#cli/status/homes-text.js'
import { ScreenCommand, watchFlag } from '#cli/status/screen-command.js'
import { showWait } from '#cli/wait-line.js'
import type { Overview } from '#core/condition/glance.js'
import { realClock } from '#core/platform/clock.js'

export default class Ls extends ScreenCommand {
  static override summary = "List the bots of this machine: each home with its bot's health and figures."
  static override description =
    'Shows the homes that this user may see: those with a service, those whose bot runs, and those in which you have started a bot before. With --watch, keys choose a home and show its status and logs, or restart it: ? lists them.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --watch',
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override enableJsonFlag = true
  static override flags = { watch: watchFlag }
  static override baseFlags = {} as (typeof ScreenCommand)['baseFlags'] // it is about all homes

  async run(): Promise<Overview> {
    const { flags } = await this.parse(Ls)
    if (flags.watch) {
      const { HomesScreen } = await import('#cli/status/homes-screen.js')
      return this.watchView(new HomesScreen(realClock, readFullConfig))
    }
    const { readOverview } = await import('#core/condition/overview.js')
    const overview = await showWait('Asking the bots', () => readOverview(realClock, readFullConfig))
    this.show(homesLines(overview, columnsOf(process.stdout)))
    for (const token of overview.shared_tokens) this.warn(sharedTokenText(token))
    return overview
  }
}
