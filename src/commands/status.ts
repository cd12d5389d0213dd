import { Flags } from '@oclif/core'
import { readFullConfig } from '#bots/config.js'
import { BaseCommand, type OclifError } from '#cli/base-command.js'
import { columnsOf, hasColors, onScreen, print } from '#cli/screen.js'
import type { ScreenLine } from '#cli/status/status-text.js'
import { fitted } from '#cli/width.js'
import type { Condition } from '#core/condition/condition.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { exitCodeOf } from '#core/health/client.js'
import { Home } from '#core/home/home.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { realClock } from '#core/platform/clock.js'
import { printable } from '#core/printable.js'

const COULD_NOT_TELL = 3
const REFRESH_MS = 2000

export default class Status extends BaseCommand {
  static override summary = 'Show how the bot is, on one screen, and what to type where something is wrong.'
  static override description =
    `Gathers what health check, service status, watchdog status, deploy info and history tell. In the bot's folder, catalyst alone does the same.

Exit codes, as health check has them: 0 healthy; 1 degraded or starting; 2 unhealthy, stopping or unreachable; 3 it could not tell. With --watch: 0.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'Refreshed in place, until q or Ctrl-C:', command: '<%= config.bin %> <%= command.id %> --watch' },
    { description: 'For a script:', command: '<%= config.bin %> <%= command.id %> --json' },
  ]
  static override enableJsonFlag = true
  static override flags = {
    watch: Flags.boolean({
      char: 'w',
      summary: `Refresh it in place every ${REFRESH_MS / 1000} s, until q or Ctrl-C.`,
      exclusive: ['json'],
    }),
  }

  async run(): Promise<Condition> {
    const { flags } = await this.parse(Status)
    const paths = this.pathsToRead(flags)
    const { gather } = await import('#core/condition/gather.js')
    const read = async () => this.#withHomeNamed(await gather(open(paths)))
    if (flags.watch) return this.#watch(read)
    const condition = await read()
    process.exitCode = exitCodeOf(condition.health.status)
    if (this.jsonEnabled()) return condition
    const columns = columnsOf(process.stdout)
    for (const { text, color } of await this.#lines(condition, columns)) print(text, hasColors() ? color : undefined)
    return condition
  }

  async #watch(read: () => Promise<Condition>): Promise<never> {
    if (process.stdout.isTTY !== true) {
      throw new CatalystError('--watch needs a terminal.', {
        code: 'USAGE',
        exit: EXIT.usage,
        suggestions: ['Show it once: catalyst status'],
      })
    }
    const { showLive } = await import('#cli/status/live-screen.js')
    const { statusLines } = await import('#cli/status/status-text.js')
    await showLive(realClock, process, {
      intervalMs: REFRESH_MS,
      view: {
        read,
        draw: (condition, { columns, rows }) =>
          this.#fit(statusLines(condition), columns)
            .slice(0, rows)
            .map(({ text, color }) => onScreen(text, hasColors() ? color : undefined)),
      },
    })
    return this.exit(0)
  }

  async #lines(condition: Condition, columns: number | undefined): Promise<ScreenLine[]> {
    const { statusLines } = await import('#cli/status/status-text.js')
    return this.#fit(statusLines(condition), columns)
  }

  /** Names the home in commands, and cuts lines to the terminal's width, but none that is to be typed. */
  #fit(lines: readonly ScreenLine[], columns: number | undefined): ScreenLine[] {
    return lines.map((line) => {
      const text = printable(line.text)
      return { ...line, text: columns === undefined || line.isWhole ? text : fitted(text, columns) }
    })
  }

  /** Returns the condition with the home in the command to type, if this command line named it. */
  #withHomeNamed(condition: Condition): Condition {
    const { next } = condition
    return next === null ? condition : { ...condition, next: { ...next, command: this.named(next.command) } }
  }

  protected override async catch(error: OclifError): Promise<unknown> {
    Object.assign(error, { isUsage: error.oclif?.exit === EXIT.usage })
    if (error.oclif?.exit !== EXIT.done)
      Object.assign(error, { exit: COULD_NOT_TELL, exitCode: COULD_NOT_TELL, oclif: { exit: COULD_NOT_TELL } })
    return super.catch(error)
  }
}

/** Opens the home with the settings of its bot, too, as `health check` reads them. */
function open(paths: HomePaths): Home {
  return new Home({ clock: realClock, paths, config: readFullConfig(paths.home, process.env) })
}
