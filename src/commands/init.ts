import { initFlags } from '#cli/init/init-flags.js'
import { ServiceCommand, scopeFlags } from '#cli/service/service-command.js'
import { readConfig } from '#core/config/load.js'
import { excludeFromGit } from '#core/home/git-exclude.js'
import { Home } from '#core/home/home.js'
import { registerHome } from '#core/home/registry.js'
import type { EnvPlan } from '#core/init/env-plan.js'
import { realClock } from '#core/platform/clock.js'

/** The result of `init`. Settings are named; their values are not told. */
interface Initialized {
  readonly home: string
  readonly bot: { readonly from: string; readonly command: string } | null
  readonly settings: Pick<EnvPlan, 'added' | 'replaced' | 'kept'>
  readonly alert_channel: 'checked' | 'not_checked' | 'unchanged'
  /** The commands that were run for it, or would be. */
  readonly steps: readonly string[]
}

export default class Init extends ServiceCommand {
  static override summary = 'Lead from a bot in a folder to one that is watched: settings, alerts, service, version.'
  static override description =
    `It finds the command that runs the bot by the files that are there (package.json, pyproject.toml, requirements.txt, Dockerfile, Procfile, pm2's ecosystem file, a unit of systemd), and runs none of them. It proposes the proof for the bot's framework. All questions come first; then .env is written at once, and no value is replaced that you were not asked for. Run again, it asks only for what is missing.

Secrets are never printed. Without a terminal they come from .env or the environment: ADMIN_ALERT_WEBHOOK, BOT_TELEGRAM_TOKEN.

Exit codes: 0 done, or it was already; 1 a step failed, and running it again goes on; 2 it needs answers, and there is no terminal.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'In a script:', command: '<%= config.bin %> <%= command.id %> --yes' },
    { description: 'What it finds, and would do:', command: '<%= config.bin %> <%= command.id %> --yes --dry-run' },
    { description: 'From pm2:', command: '<%= config.bin %> <%= command.id %> --from-pm2 --app mybot' },
  ]
  static override flags = { ...scopeFlags, ...initFlags }

  async run(): Promise<Initialized> {
    const { flags } = await this.parse(Init)
    const dry = flags['dry-run']
    const { Asker } = await import('#cli/init/asker.js')
    const { carryOut, checkStart, refuseTwice } = await import('#cli/init/carry-out.js')
    const { findBot } = await import('#cli/init/find-bot.js')
    const { gatherFacts } = await import('#cli/init/gather-facts.js')
    const { askAlertChannel, askSettings, askSteps } = await import('#cli/init/interview.js')
    const { dryRunText, impossibleText, standingText, stepLines, writtenText } = await import('#cli/init/init-text.js')
    const { planEnv } = await import('#core/init/env-plan.js')
    const { standingOf } = await import('#core/init/standing.js')
    const { checkSettings, writeSettings } = await import('#core/init/write-settings.js')

    const home = Home.open(realClock, this.paths(flags, { mayBeNew: true }), {})
    const ask = new Asker(flags.yes)
    const standing = standingOf(home)
    this.tell(standingText(standing))
    const facts = await gatherFacts(home, standing, flags.system ? 'system' : flags.user ? 'user' : undefined)
    const { files } = facts
    const bot = await findBot(ask, { files, owner: home.owner, hasBot: standing.hasBot }, flags, this.tell)
    const { settings, asked } = await askSettings(ask, bot, flags, facts)
    checkSettings(settings)
    const send = (webhook: string) => this.sendTestAlert(home, webhook, !dry && flags['test-alert'])
    const webhook = await askAlertChannel(ask, flags, facts, send, this.tell)
    const steps = await askSteps(ask, flags, facts, bot?.isElsewhere ?? false)
    this.tell(impossibleText(facts, steps))

    const all = {
      settings: { ...settings, ...(webhook !== undefined && { ADMIN_ALERT_WEBHOOK: webhook }) },
      asked: new Set([...asked, ...(webhook === undefined ? [] : ['ADMIN_ALERT_WEBHOOK'])]),
    }
    const { added, replaced, kept } = planEnv(standing.text, all.settings, all.asked)
    const result: Initialized = {
      home: home.paths.home,
      bot: bot === undefined ? null : { from: bot.from, command: bot.line },
      settings: { added, replaced, kept },
      alert_channel: webhook === undefined ? 'unchanged' : flags['test-alert'] && !dry ? 'checked' : 'not_checked',
      steps: stepLines(steps),
    }
    if (dry) {
      this.say(dryRunText(standing, all, steps).join('\n') || 'Nothing to do.')
      return result
    }
    this.tell(writtenText(home.paths.env, writeSettings(home, all.settings, all.asked)))
    registerHome(home.paths.home)
    await excludeFromGit(home.paths.home, home.owner, ['.env'])
    if (bot !== undefined) await refuseTwice(bot)
    await checkStart(home, files, steps.deploy !== undefined || standing.release !== undefined)
    const words = [
      ...(flags.home === undefined ? [] : ['--home', flags.home]),
      ...(this.jsonEnabled() ? ['--json'] : []),
    ]
    const scope = flags.system ? ['--system'] : flags.user ? ['--user'] : []
    const runCommand = (id: string, more: readonly string[]) =>
      this.runOther(id, [...more, ...words, ...(id.startsWith('service:install') ? scope : [])])
    await carryOut(steps, { home, runCommand, onWait: this.onWait })
    this.say(
      steps.service || standing.hasService
        ? 'Done. See how it is: catalyst status'
        : 'Done. Run it and watch it: catalyst watchdog run',
    )
    return result
  }

  /** Says something that is not the result. */
  private readonly tell = (text: string): void => {
    if (text !== '') this.logToStderr(this.named(text))
  }

  private async sendTestAlert(home: Home, webhook: string, isSent: boolean): Promise<void> {
    if (!isSent) return
    const { sendTestAlert } = await import('#core/alerts/send-test-alert.js')
    this.tell('Sending a message to the alert channel …')
    const config = home.asOwner(() => readConfig(home.paths.home, process.env))
    await sendTestAlert(realClock, home.paths, {
      ...config,
      settings: { ...config.settings, ADMIN_ALERT_WEBHOOK: webhook },
    })
    this.tell('The message was sent and edited: check the channel.')
  }

  /** Runs another command of ours, in this process, with what it prints. */
  private async runOther(id: string, words: readonly string[]): Promise<unknown> {
    this.tell(`\ncatalyst ${[...id.split(':'), ...words].join(' ')}`)
    const Other = await this.config.findCommand(id, { must: true }).load()
    return new (Other as unknown as typeof Init)([...words], this.config).run()
  }
}
