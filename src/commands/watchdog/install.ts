import { Flags } from '@oclif/core'
import { readFullConfig } from '#bots/config.js'
import { canAsk, confirm } from '#cli/prompts.js'
import { installQuestions, mayGetNssm } from '#cli/service/install-questions.js'
import { scopeFlags } from '#cli/service/service-command.js'
import { installText } from '#cli/service/service-text.js'
import { allFlag, SharedCommand } from '#cli/watchdog/shared-command.js'
import { refreshedText, surveyText } from '#cli/watchdog/shared-text.js'
import { isFolder } from '#core/platform/fs/files.js'
import { removeFolder } from '#core/platform/fs/write-files.js'
import type { InstallResult } from '#core/service/operations/install-all.js'
import type { RefreshedBot } from '#core/watchdog/shared/refresh-bots.js'
import type { SurveyedHome } from '#core/watchdog/shared/survey.js'

interface Installed {
  readonly services: readonly InstallResult[]
  readonly homes: readonly SurveyedHome[]
  readonly bots: readonly RefreshedBot[]
}

export default class WatchdogInstall extends SharedCommand {
  static override summary = 'Install one watchdog for all of your homes, as a service that starts with the machine.'
  static override description =
    `It watches each home in which WATCHDOG_ENABLED=1, also those that are made later; a home with a watchdog of its own is left to that. Run again, it repairs what has changed.

For one home: catalyst service install --with-watchdog`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --all',
    { description: 'In a script:', command: '<%= config.bin %> <%= command.id %> --all --yes' },
    { description: 'See what it would do:', command: '<%= config.bin %> <%= command.id %> --all --dry-run' },
  ]
  static override flags = {
    all: allFlag,
    ...scopeFlags,
    name: Flags.string({ summary: "The service's name, before -watchdog. Default: catalyst.", helpValue: 'NAME' }),
    account: Flags.string({ summary: 'Windows: the account it runs as. Default: LocalSystem.', helpValue: 'ACCOUNT' }),
    'no-start': Flags.boolean({ summary: 'Do not start it.' }),
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be written and run, and do nothing.' }),
    yes: Flags.boolean({
      char: 'y',
      summary: 'Do not ask. Also sets WATCHDOG_ENABLED=1 in homes whose bot is a service or runs.',
    }),
  }

  protected override readonly waitsFor = 'until it works'

  async run(): Promise<Installed | { actions: string[] }> {
    const { flags } = await this.parse(WatchdogInstall)
    this.demandAll(flags.all, 'catalyst service install watchdog')
    const { 'dry-run': dry, 'no-start': noStart, yes } = flags
    const paths = this.paths(flags)
    const isNew = !isFolder(paths.home)
    this.makeFolder(paths)
    const { enableWatchdogs, surveyHomes } = await import('#core/watchdog/shared/survey.js')
    const { sharedConfig } = await import('#core/watchdog/shared/shared-config.js')
    const { refreshBots } = await import('#core/watchdog/shared/refresh-bots.js')
    const { lockServices } = await import('#core/service/services.js')
    const { thisRuntime } = await import('#core/service/runtime.js')
    const { accountFor } = await import('#core/service/operations/account.js')
    const { dryRun, installAll, planAll } = await import('#core/service/operations/install-all.js')
    const read = (home: string) => readFullConfig(home, { NSSM_PATH: process.env.NSSM_PATH })
    const password = await this.password(flags.account, dry)
    const found = await surveyHomes(paths, read)
    const longestStop = Math.max(0, ...found.map((one) => one.stop_timeout_seconds))
    const services = await this.services(flags, {
      load: () => sharedConfig(paths, { NSSM_PATH: process.env.NSSM_PATH }, longestStop),
      password,
      mayGetNssm: async () => !dry && mayGetNssm(yes),
    })
    const { account } = accountFor(services, flags.account)
    const runtime = thisRuntime()
    for (const warning of runtime.warnings) this.warn(warning)
    const plan = () =>
      planAll(services, ['watchdog'], { runtime, account, name: flags.name, withPassword: password !== undefined })
    if (dry) {
      const actions = await dryRun(services, await plan(), !noStart)
      this.say([actions.join('\n') || 'Nothing to do: it is installed, and up to date.', surveyText(found)].join('\n'))
      if (isNew) removeFolder(paths.home)
      return { actions }
    }
    const offered = found.filter((one) => one.can_be_enabled).map(({ home }) => home)
    if (
      offered.length > 0 &&
      (yes || (canAsk() && (await confirm(`Set WATCHDOG_ENABLED=1 in ${offered.join(', ')}?`, true))))
    )
      await enableWatchdogs(offered)
    using _lock = await lockServices(services)
    const results = await installAll(services, await plan(), installQuestions(services, { yes, noStart }), this.onWait)
    const homes = await surveyHomes(paths, read)
    const watched = homes.filter(({ state }) => state === 'watched').map(({ home }) => home)
    const bots = await refreshBots(services.clock, watched, read)
    for (const result of results) this.say(installText(result))
    this.say([surveyText(homes), ...bots.map(refreshedText)].join('\n'))
    return { services: results, homes, bots }
  }
}
