import { Flags } from '@oclif/core'
import { loadFullConfig, readFullConfig } from '#bots/config.js'
import { asRootFlag, BaseCommand } from '#cli/base-command.js'
import { consoleDrained, lineConsole, logConsole } from '#cli/console.js'
import { sharedPaths } from '#cli/watchdog/shared-paths.js'
import { settingsOf, watchdogFlags } from '#cli/watchdog/watchdog-flags.js'
import { loadWatchdogParts, openSharedHomes } from '#cli/watchdog/watchdog-parts.js'
import { realClock } from '#core/platform/clock.js'
import { sharedConfig } from '#core/watchdog/shared/shared-config.js'

export default class WatchdogRun extends BaseCommand {
  static override summary = 'Watch the bot in the foreground, restart it when it fails, and alert the admin.'
  static override description =
    `Needs WATCHDOG_ENABLED=1. Where the bot is installed as a service, its service manager starts it again; elsewhere the watchdog runs the bot as its own child, and shows its log lines among its own. It writes into watchdog.log, and alerts the admin on each alert channel. With --all one process does that for each of your homes that has WATCHDOG_ENABLED=1 and no watchdog of its own.

Exit codes: 0 stopped on request; 75 a watchdog runs already; 77 the home is another user's and this is root; 78 the watchdog or the endpoint is switched off.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'For a try, whatever the settings say:',
      command: '<%= config.bin %> <%= command.id %> --enabled --check-interval 5 --freeze-threshold 30',
    },
  ]
  static override flags = {
    all: Flags.boolean({ summary: 'Watch all of your homes, also those that are made meanwhile.' }),
    ...watchdogFlags,
    'as-root': asRootFlag,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(WatchdogRun)
    const exit = flags.all ? await this.#runAll(flags) : await this.#runOne(flags)
    await consoleDrained(realClock)
    this.exit(exit)
  }

  async #runOne(flags: Given): Promise<number> {
    const paths = this.paths(flags, { mayBeNew: true })
    this.refuseAsRoot(paths, flags['as-root'])
    Object.assign(process.env, settingsOf(flags)) // its child bot gets them, too
    const config = loadFullConfig(paths.home, process.env)
    const { runWatchdog } = await import('#core/watchdog/run/run-watchdog.js')
    const partsOf = await loadWatchdogParts()
    const console = logConsole(config.settings.LOG_PLAIN)
    return runWatchdog(realClock, { paths, config, console, botConsole: lineConsole(), ...partsOf(paths, config) })
  }

  async #runAll(flags: Given): Promise<number> {
    const paths = sharedPaths(flags.home)
    this.refuseAsRoot(paths, flags['as-root'])
    Object.assign(process.env, settingsOf(flags))
    const { settings } = sharedConfig(paths, process.env)
    const print = logConsole(settings.LOG_PLAIN)
    const { runSharedWatchdog } = await import('#core/watchdog/shared/run-shared.js')
    const open = await openSharedHomes(print)
    const read = (home: string) => readFullConfig(home, process.env)
    return runSharedWatchdog(realClock, { paths, settings, console: print, open, read })
  }
}

type Given = Parameters<typeof settingsOf>[0] & { readonly home?: string | undefined; readonly 'as-root': boolean }
