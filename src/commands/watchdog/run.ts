import { loadFullConfig } from '#bots/config.js'
import { asRootFlag, BaseCommand } from '#cli/base-command.js'
import { consoleDrained, lineConsole, logConsole } from '#cli/console.js'
import { settingsOf, watchdogFlags } from '#cli/watchdog/watchdog-flags.js'
import { realClock } from '#core/platform/clock.js'

export default class WatchdogRun extends BaseCommand {
  static override summary = 'Watch the bot in the foreground, restart it when it fails, and alert the admin.'
  static override description =
    `Needs WATCHDOG_ENABLED=1. Where the bot is installed as a service, its service manager starts it again; elsewhere the watchdog runs the bot as its own child, and shows its log lines among its own. It writes into watchdog.log, and alerts the admin on each alert channel.

Exit codes: 0 stopped on request; 75 a watchdog runs already; 77 the home is another user's and this is root; 78 the watchdog or the endpoint is switched off.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'For a try, whatever the settings say:',
      command: '<%= config.bin %> <%= command.id %> --enabled --check-interval 5 --freeze-threshold 30',
    },
  ]
  static override flags = { ...watchdogFlags, 'as-root': asRootFlag }

  async run(): Promise<void> {
    const { flags } = await this.parse(WatchdogRun)
    const paths = this.paths(flags, { mayBeNew: true })
    this.refuseAsRoot(paths, flags['as-root'])
    Object.assign(process.env, settingsOf(flags)) // its child bot gets them, too
    const config = loadFullConfig(paths.home, process.env)
    const { botServices } = await import('#core/service/open-services.js')
    const { botCommand } = await import('#core/watchdog/child.js')
    const { runWatchdog } = await import('#core/watchdog/run/run-watchdog.js')
    const { recoverUnattended } = await import('#core/deploy/recover-unattended.js')
    const { repairUnattended } = await import('#core/deploy/repair/repair-unattended.js')
    const { takeBackUnattended } = await import('#core/deploy/bake/take-back.js')
    const exit = await runWatchdog(realClock, {
      paths,
      config,
      services: () => botServices(realClock, paths, config),
      command: botCommand(paths.home),
      recover: (supervisor, onNote) => recoverUnattended(realClock, paths, supervisor, onNote),
      repair: (broken, options) => repairUnattended(realClock, paths, { ...broken, ...options }),
      takeBack: (failing, options) => takeBackUnattended(realClock, paths, { ...failing, ...options }),
      console: logConsole(config.settings.LOG_PLAIN),
      botConsole: lineConsole(),
    })
    await consoleDrained(realClock)
    this.exit(exit)
  }
}
