import { BaseCommand } from '#cli/base-command.js'
import { consoleDrained, logConsole } from '#cli/console.js'
import { settingsOf, watchdogFlags } from '#cli/watchdog-flags.js'
import { loadConfig } from '#core/config/load.js'
import { realClock } from '#core/system/clock.js'

export default class WatchdogRun extends BaseCommand {
  static override summary = 'Watch the bot in the foreground, bring it back, and tell the admin.'
  static override description =
    `Needs WATCHDOG_ENABLED=1. Where the bot is installed as a service, that is what it is restarted through; elsewhere the watchdog keeps the bot as its own child. It writes into watchdog.log, and to ADMIN_ALERT_WEBHOOK if that is set.

Exit codes: 0 ended when asked; 75 a watchdog runs already; 78 the watchdog or the endpoint is switched off.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'For a try, whatever the settings say:',
      command: '<%= config.bin %> <%= command.id %> --enabled --check-interval 5 --freeze-threshold 30',
    },
  ]
  static override flags = watchdogFlags

  async run(): Promise<void> {
    const { flags } = await this.parse(WatchdogRun)
    const paths = this.paths(flags)
    this.warnAsRoot(paths)
    Object.assign(process.env, settingsOf(flags)) // the bot that it keeps sees them, too
    const config = loadConfig(paths.home, process.env)
    const { botServices } = await import('#core/service/open-home.js')
    const { botCommand } = await import('#core/watchdog/child.js')
    const { runWatchdog } = await import('#core/watchdog/run-watchdog.js')
    const { recoverUnattended } = await import('#core/deploy/recover-unattended.js')
    const exit = await runWatchdog(realClock, {
      paths,
      config,
      services: () => botServices(realClock, paths, config),
      command: botCommand(paths.home),
      recover: (keeper, tell) => recoverUnattended(realClock, paths, keeper, tell),
      console: logConsole(config.settings.LOG_PLAIN),
    })
    await consoleDrained(realClock)
    this.exit(exit)
  }
}
