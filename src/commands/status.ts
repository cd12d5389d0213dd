import { Flags } from '@oclif/core'
import { readFullConfig } from '#bots/config.js'
import type { OclifError } from '#cli/base-command.js'
import { asNotTold } from '#cli/could-not-tell.js'
import { columnsOf } from '#cli/screen.js'
import { ScreenCommand, watchFlag } from '#cli/status/screen-command.js'
import { showWait } from '#cli/wait-line.js'
import type { Condition } from '#core/condition/condition.js'
import type { Overview } from '#core/condition/glance.js'
import { exitCodeOf } from '#core/health/client.js'
import { Home } from '#core/home/home.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'

export default class Status extends ScreenCommand {
  static override summary = 'Show how the bot is, on one screen, and what to type where something is wrong.'
  static override description =
    `Gathers what health check, service status, watchdog status, deploy info and history tell. In the bot's folder, catalyst alone does the same.

Exit codes, as health check has them: 0 healthy; 1 degraded or starting; 2 unhealthy, stopping or unreachable; 3 it could not tell. With --all: that of the bot that is worst; one that was stopped on purpose is well. With --watch: 0.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Refreshed in place, until q or Ctrl-C:', command: '<%= config.bin %> <%= command.id %> --watch' },
    { description: 'For a script:', command: '<%= config.bin %> <%= command.id %> --json' },
  ]
  static override enableJsonFlag = true
  static override flags = {
    all: Flags.boolean({ summary: 'All bots of this machine, as ls lists them.', exclusive: ['home'] }),
    watch: watchFlag,
  }

  async run(): Promise<Condition | Overview> {
    const { flags } = await this.parse(Status)
    return flags.all ? this.#all(flags.watch) : this.#one(this.pathsToRead(flags), flags.watch)
  }

  async #one(paths: HomePaths, watches: boolean): Promise<Condition> {
    const { gather } = await import('#core/condition/gather.js')
    const { statusLines } = await import('#cli/status/status-text.js')
    const read = async () => this.#withHomeNamed(await gather(open(paths)))
    if (watches) return this.watch(read, statusLines)
    const condition = await showWait('Asking the bot', read)
    process.exitCode = exitCodeOf(condition.health.status)
    this.show(statusLines(condition))
    return condition
  }

  async #all(watches: boolean): Promise<Overview> {
    const { readOverview } = await import('#core/condition/overview.js')
    const { homesLines, sharedTokenText } = await import('#cli/status/homes-text.js')
    const read = () => readOverview(realClock, readFullConfig)
    if (watches) return this.watch(read, homesLines)
    const overview = await showWait('Asking the bots', read)
    const judged = overview.homes.filter(({ stopped_by, pid }) => stopped_by === null || pid !== null)
    process.exitCode = Math.max(0, ...judged.map(({ health }) => exitCodeOf(health.status)))
    this.show(homesLines(overview, columnsOf(process.stdout)))
    for (const token of overview.shared_tokens) this.warn(sharedTokenText(token))
    return overview
  }

  /** Returns the condition with the home in the command to type, if this command line named it. */
  #withHomeNamed(condition: Condition): Condition {
    const { next } = condition
    return next === null ? condition : { ...condition, next: { ...next, command: this.named(next.command) } }
  }

  protected override async catch(error: OclifError): Promise<unknown> {
    return super.catch(asNotTold(error))
  }
}

/** Opens the home with the settings of its bot, too, as `health check` reads them. */
function open(paths: HomePaths): Home {
  return new Home({ clock: realClock, paths, config: readFullConfig(paths.home, process.env) })
}
