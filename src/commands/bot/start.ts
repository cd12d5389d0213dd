import { Flags } from '@oclif/core'
import { loadFullConfig } from '#bots/config.js'
import { demoConfig } from '#bots/news/demo-config.js'
import { asRootFlag, BaseCommand } from '#cli/base-command.js'
import { consoleDrained, logConsole } from '#cli/console.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'

export default class BotStart extends BaseCommand {
  static override summary = 'Run the bot in the foreground, with its health endpoint.'
  static override description =
    `Runs BOT_COMMAND or BOT_MODULE (news is the built-in news bot); in the active release if there is one, else in the working tree. One bot per home. Ctrl-C ends it gracefully.

Exit codes: 0 stopped on request; 1 failed; 75 already running, or the port is taken; 77 the home can't be written to, or is another user's and this is root; 78 the settings are wrong, or name no bot. A program's own exit code is passed on.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'See a working bot, without network, key or account:',
      command: '<%= config.bin %> <%= command.id %> --demo',
    },
    {
      description: 'One cycle, alerts to the log only:',
      command: '<%= config.bin %> <%= command.id %> --once --dry-run',
    },
  ]
  static override flags = {
    demo: Flags.boolean({ summary: 'Run the built-in bot on a bundled feed.' }),
    once: Flags.boolean({ summary: 'Run one cycle, without the endpoint, and exit: 0 if it went well, else 1.' }),
    'as-root': asRootFlag,
    'dry-run': Flags.boolean({ summary: 'Ask the bot to send no alerts; the built-in one then only logs them.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(BotStart)
    const paths = this.paths(flags, { mayBeNew: true })
    this.refuseAsRoot(paths, flags['as-root'])
    const loaded = loadFullConfig(paths.home, process.env)
    const config = flags.demo ? demoConfig(loaded) : loaded
    if (flags.once && config.settings.BOT_COMMAND !== undefined) {
      throw new CatalystError('--once needs a bot with cycles, and BOT_COMMAND names a program.', {
        code: 'USAGE',
        exit: EXIT.usage,
        suggestions: ['Run the program itself once, or leave --once out.'],
      })
    }
    const { runBot } = await import('#core/bot/run/run-bot.js')
    const exit = await runBot(realClock, {
      paths,
      config,
      version: this.config.version,
      builtIn: async () => (await import('#bots/news/index.js')).newsBot({ demo: flags.demo }),
      pageFacts: async () => (await import('#core/condition/page-facts.js')).pageFacts(realClock, { paths, config }),
      once: flags.once,
      dryRun: flags['dry-run'],
      watchdogMetrics: async () => {
        const { readWatchdogMetrics } = await import('#core/watchdog/watchdog-metrics.js')
        return readWatchdogMetrics(paths, config.settings, realClock.now())
      },
      console: logConsole(config.settings.LOG_PLAIN),
    })
    await consoleDrained(realClock)
    this.exit(exit)
  }
}
