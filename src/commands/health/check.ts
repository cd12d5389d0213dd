import { Flags } from '@oclif/core'
import { readFullConfig } from '#bots/config.js'
import { BaseCommand, type OclifError } from '#cli/base-command.js'
import { asNotTold } from '#cli/could-not-tell.js'
import { healthText } from '#cli/health/health-text.js'
import { WaitLine } from '#cli/wait-line.js'
import { ASK_TIMEOUT_MS, askHealth, askHealthAt, exitCodeOf, type Health } from '#core/health/client.js'
import { waitForHealthy } from '#core/health/wait.js'
import { realClock } from '#core/platform/clock.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'

export default class HealthCheck extends BaseCommand {
  static override summary = 'Ask whether the bot works; the exit code tells.'
  static override description =
    `Exit codes, as monitoring plug-ins have them: 0 healthy; 1 degraded or starting; 2 unhealthy, stopping or unreachable; 3 it could not tell (wrong usage or settings, endpoint switched off).`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'In a script, after a start:',
      command: '<%= config.bin %> <%= command.id %> --wait 60 && echo works',
    },
    {
      description: 'An endpoint elsewhere (no token is sent):',
      command: '<%= config.bin %> <%= command.id %> --url https://bot.example.com',
    },
  ]
  static override enableJsonFlag = true
  static override strict = false // else an extra word is taken for another command, whose exit code means something else
  static override flags = {
    wait: Flags.integer({
      summary: 'Ask until it is healthy, for this many seconds at most.',
      helpValue: 'SECONDS',
      min: 0,
      max: 86_400,
      default: 0,
    }),
    url: Flags.string({ summary: 'Ask this endpoint instead of the one of this home.', helpValue: 'URL' }),
  }

  async run(): Promise<Health> {
    const { argv, flags } = await this.parse(HealthCheck)
    if (argv.length > 0) this.error(`Unexpected argument${argv.length === 1 ? '' : 's'}: ${argv.join(', ')}`)
    const health = await this.ask(flags)
    process.exitCode = exitCodeOf(health.status)
    this.log(healthText(health))
    return health
  }

  private async ask(flags: { home?: string | undefined; wait: number; url?: string | undefined }): Promise<Health> {
    const { url } = flags
    if (url !== undefined && !(/^https?:\/\//.test(url) && URL.canParse(url))) {
      return { status: 'unknown', reasons: ['--url must be an http:// or https:// address'] }
    }
    const question = url === undefined ? this.questionToHome(flags) : (timeoutMs: number) => askHealthAt(url, timeoutMs)
    if (flags.wait === 0) return question(ASK_TIMEOUT_MS)
    const line = new WaitLine()
    return waitForHealthy(realClock, {
      ms: flags.wait * 1000,
      longestAnswerMs: ASK_TIMEOUT_MS,
      ask: question,
      onWait: ({ status }) => line.show(`Waiting until it is healthy; it is ${status}`),
    }).finally(() => line.hide())
  }

  private questionToHome(flags: { home?: string | undefined }): (timeoutMs: number) => Promise<Health> {
    const paths = this.paths(flags)
    const { settings, faults } = actingAs(ownerOf(paths.home), () => readFullConfig(paths.home, process.env))
    if (faults.length > 0) return async () => ({ status: 'unknown', reasons: faults })
    return (timeoutMs) => askHealth(paths, settings, timeoutMs)
  }

  protected override async catch(error: OclifError): Promise<unknown> {
    return super.catch(asNotTold(error))
  }
}
