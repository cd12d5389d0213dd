import type { Decisions } from '#cli/init/decide.js'
import { initFlags } from '#cli/init/init-flags.js'
import { ServiceCommand, scopeFlags } from '#cli/service/service-command.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import { readConfig } from '#core/config/load.js'
import { openSettings } from '#core/config/open-settings.js'
import { excludeFromGit } from '#core/home/git-exclude.js'
import { Home } from '#core/home/home.js'
import { registerHome } from '#core/home/registry.js'
import type { Values } from '#core/init/alert-settings.js'
import type { EnvPlan } from '#core/init/env-plan.js'
import { realClock } from '#core/platform/clock.js'

/** The result of `init`. Settings are named; their values are not told. */
interface Initialized {
  readonly home: string
  readonly bot: { readonly from: string; readonly command: string } | null
  readonly settings: Pick<EnvPlan, 'added' | 'replaced' | 'kept'>
  readonly alert_channel: 'checked' | 'not_checked' | 'unchanged'
  /** The channels that it is about. */
  readonly alert_channels: readonly ChannelName[]
  /** The commands that were run for it, or would be. */
  readonly steps: readonly string[]
}

export default class Init extends ServiceCommand {
  static override summary = 'Lead from a bot in a folder to one that is watched: settings, alerts, service, version.'
  static override description =
    `It finds the command that runs the bot by the files that are there (package.json, pyproject.toml, requirements.txt, Dockerfile, Procfile, pm2's ecosystem file, a unit of systemd), and runs none of them. It proposes the proof for the bot's framework. All questions come first; then .env is written at once, and no value is replaced that you were not asked for. Run again, it asks only for what is missing.

Secrets are never printed. Without a terminal they come from .env or the environment, by the names of the settings: ADMIN_ALERT_WEBHOOK and the others of the alert channels, BOT_TELEGRAM_TOKEN.

Exit codes: 0 done, or it was already; 1 a step failed, and running it again goes on; 2 it needs answers, and there is no terminal; 78 the settings have faults.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'In a script:', command: '<%= config.bin %> <%= command.id %> --yes' },
    {
      description: 'With alerts by Telegram, from the bot itself:',
      command: '<%= config.bin %> <%= command.id %> --alert-channel telegram --set ALERT_TELEGRAM_CHAT=-1001234567890',
    },
    { description: 'What it finds, and would do:', command: '<%= config.bin %> <%= command.id %> --yes --dry-run' },
    { description: 'From pm2:', command: '<%= config.bin %> <%= command.id %> --from-pm2 --app mybot' },
  ]
  static override flags = { ...scopeFlags, ...initFlags }
  protected override readonly waitsFor = 'until the bot works'

  async run(): Promise<Initialized> {
    const { flags } = await this.parse(Init)
    const { decide } = await import('#cli/init/decide.js')
    const { dryRunText, stepLines, writtenText } = await import('#cli/init/init-text.js')
    const { planEnv } = await import('#core/init/env-plan.js')
    const home = Home.open(realClock, this.paths(flags, { mayBeNew: true }), {})
    const isSent = flags['test-alert'] && !flags['dry-run']
    const decisions = await decide(home, flags, {
      scope: flags.system ? 'system' : flags.user ? 'user' : undefined,
      send: (channel, values) => (isSent ? this.sendTestAlert(home, channel, values) : Promise.resolve()),
      say: this.tell,
    })
    const { bot, facts, settings, asked, steps, channels } = decisions
    const { existing } = facts
    const { added, replaced, kept } = planEnv(existing.text, settings, asked)
    if (flags['dry-run']) this.say(dryRunText(existing, decisions, steps).join('\n') || 'Nothing to do.')
    else {
      const { writeSettings } = await import('#core/init/write-settings.js')
      this.tell(writtenText(home.paths.env, writeSettings(home, settings, asked)))
      await registerHome(realClock, home.paths.home)
      await excludeFromGit(home.paths.home, home.owner, ['.env'])
      for (const open of home.asOwner(() => openSettings(home.paths.home))) this.tell(`Warning: ${open}`)
      await this.carryOut(home, decisions, flags)
    }
    return {
      home: home.paths.home,
      bot: bot === undefined ? null : { from: bot.from, command: bot.line },
      settings: { added, replaced, kept },
      alert_channel: channels.length > 0 ? (isSent ? 'checked' : 'not_checked') : 'unchanged',
      alert_channels: channels,
      steps: stepLines(steps),
    }
  }

  private async carryOut(
    home: Home,
    { bot, facts: { files, existing }, steps }: Decisions,
    flags: { home?: string | undefined; system: boolean; user: boolean },
  ): Promise<void> {
    const { carryOut, checkStart, refuseTwice } = await import('#cli/init/carry-out.js')
    if (bot !== undefined) await refuseTwice(bot)
    await checkStart(home, files, steps.deploy !== undefined || existing.release !== undefined)
    const words = [
      ...(flags.home === undefined ? [] : ['--home', flags.home]),
      ...(this.jsonEnabled() ? ['--json'] : []),
    ]
    const scope = flags.system ? ['--system'] : flags.user ? ['--user'] : []
    const runCommand = (id: string, more: readonly string[]) =>
      this.runOther(id, [...more, ...words, ...(id === 'service:install' ? scope : [])])
    await carryOut(steps, { home, runCommand, onWait: this.onWait })
    const isService = steps.service || existing.hasService
    this.say(
      `Done. ${isService ? 'See how it is: catalyst status' : 'Run it and watch it: catalyst watchdog run --enabled'}`,
    )
  }

  /** Says something that is not the result. */
  private readonly tell = (text: string): void => {
    if (text !== '') this.logToStderr(this.named(text))
  }

  private async sendTestAlert(home: Home, channel: ChannelName, values: Values): Promise<void> {
    const { testAlertsOf } = await import('#cli/init/test-alerts.js')
    this.tell(`Sending a message to the alert channel ${channel} …`)
    // the values that are to be written, also where this terminal has others: a service has only those
    const config = home.asOwner(() => readConfig(home.paths.home, { ...process.env, ...values }))
    await testAlertsOf(home, config, [channel])
    this.tell('The message was sent: check the channel.')
  }

  /** Runs another command of ours, in this process, with what it prints. */
  private async runOther(id: string, words: readonly string[]): Promise<unknown> {
    this.tell(`\ncatalyst ${[...id.split(':'), ...words].join(' ')}`)
    const Other = await this.config.findCommand(id, { must: true }).load()
    return new (Other as unknown as typeof Init)([...words], this.config).run()
  }
}
