import { Flags } from '@oclif/core'
import { readFullConfig } from '#bots/config.js'
import { demandYes } from '#cli/prompts.js'
import { uninstallText } from '#cli/service/service-text.js'
import { allFlag, SharedCommand } from '#cli/watchdog/shared-command.js'
import { refreshedText, unwatchedText } from '#cli/watchdog/shared-text.js'
import { isFolder } from '#core/platform/fs/files.js'
import type { Uninstalled } from '#core/service/operations/uninstall.js'
import { nameOf } from '#core/service/services.js'
import type { RefreshedBot } from '#core/watchdog/shared/refresh-bots.js'

export default class WatchdogUninstall extends SharedCommand {
  static override summary = 'Stop and remove the watchdog of all your homes, with the bots that are its children.'
  static override description =
    'Homes, their settings and services stay. For one home: catalyst service uninstall watchdog'
  static override examples = ['<%= config.bin %> <%= command.id %> --all']
  static override flags = {
    all: allFlag,
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be run, and do nothing.' }),
  }

  protected override readonly waitsFor = 'until it has stopped'

  async run(): Promise<(Uninstalled & { bots: readonly RefreshedBot[] }) | { actions: string[] }> {
    const { flags } = await this.parse(WatchdogUninstall)
    this.demandAll(flags.all, 'catalyst service uninstall watchdog')
    const paths = this.paths(flags)
    if (!isFolder(paths.home)) {
      this.say('Nothing to do: it is not installed.')
      return { removed: [], notes: [], bots: [] }
    }
    const { sharedConfig } = await import('#core/watchdog/shared/shared-config.js')
    const { surveyHomes } = await import('#core/watchdog/shared/survey.js')
    const { refreshBots } = await import('#core/watchdog/shared/refresh-bots.js')
    const { uninstallActions, uninstallAll } = await import('#core/service/operations/uninstall.js')
    const { lockServices } = await import('#core/service/services.js')
    const read = (home: string) => readFullConfig(home, { NSSM_PATH: process.env.NSSM_PATH })
    const services = await this.services(flags, {
      load: () => sharedConfig(paths, { NSSM_PATH: process.env.NSSM_PATH }),
    })
    if (flags['dry-run']) {
      const { shown } = await import('#core/service/action.js')
      const actions = (await uninstallActions(services, ['watchdog'])).map((action) => shown(action))
      this.say(actions.join('\n') || 'Nothing to do: it is not installed.')
      return { actions }
    }
    const homes = (await surveyHomes(paths, read)).filter(({ state }) => state === 'watched').map(({ home }) => home)
    await demandYes(flags.yes, 'Removing a service', `Stop and remove ${nameOf(services, 'watchdog')}?`, false)
    using _lock = await lockServices(services)
    const done = await uninstallAll(services, ['watchdog'], this.onWait)
    const bots = await refreshBots(services.clock, homes, read)
    this.say([uninstallText(done, paths.home), ...unwatchedText(homes), ...bots.map(refreshedText)].join('\n'))
    return { ...done, bots }
  }
}
