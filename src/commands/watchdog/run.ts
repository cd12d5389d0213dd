import { BaseCommand } from '#cli/base-command.js'

export default class WatchdogRun extends BaseCommand {
  static override summary = 'Watch the bot in the foreground: ask it how it is, and log each change.'
  static override description =
    `Needs WATCHDOG_ENABLED=1. In this version it only watches: what it sees is in watchdog.log.

Exit codes: 0 ended when asked; 75 a watchdog runs already; 78 the watchdog or the endpoint is switched off.`
  static override examples = ['<%= config.bin %> <%= command.id %>']

  async run(): Promise<void> {
    const { flags } = await this.parse(WatchdogRun)
    const paths = this.paths(flags)
    const { loadConfig } = await import('#core/config/load.js')
    const config = loadConfig(paths.home, process.env)
    const { runWatchdog } = await import('#core/watchdog/run-watchdog.js')
    const { consoleDrained, logConsole } = await import('#cli/console.js')
    const { realSystem } = await import('#core/system/system.js')
    const exit = await runWatchdog(realSystem, {
      paths,
      config,
      isService: false,
      console: logConsole(config.settings.LOG_PLAIN),
    })
    await consoleDrained(realSystem.clock)
    this.exit(exit)
  }
}
