import { Flags } from '@oclif/core'
import { readFullConfig } from '#bots/config.js'
import { BaseCommand } from '#cli/base-command.js'
import { sharedPaths } from '#cli/watchdog/shared-paths.js'
import { sharedStatusText } from '#cli/watchdog/shared-text.js'
import { inSharedWords } from '#cli/watchdog/shared-words.js'
import { watchdogText } from '#cli/watchdog/watchdog-text.js'
import { readConfig } from '#core/config/load.js'
import { realClock } from '#core/platform/clock.js'
import { becomeOwnerOf } from '#core/platform/process/users.js'
import type { SharedStatus } from '#core/watchdog/shared/shared-status.js'
import type { WatchdogStatus as Status } from '#core/watchdog/status.js'

export default class WatchdogStatus extends BaseCommand {
  static override summary = 'Show the state of the watchdog, and how much of its restart budget is left.'
  static override description = 'Exit codes: 0 it runs; 1 it does not.'
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
    '<%= config.bin %> <%= command.id %> --all',
  ]
  static override enableJsonFlag = true
  static override flags = {
    all: Flags.boolean({ summary: 'The watchdog that all of your homes share, and its homes.' }),
  }

  async run(): Promise<Status | SharedStatus> {
    const { flags } = await this.parse(WatchdogStatus)
    const status = flags.all ? await this.#ofAll(flags.home) : await this.#ofOne(flags)
    process.exitCode = status.running ? 0 : 1
    return status
  }

  async #ofOne(flags: { home?: string | undefined }): Promise<Status> {
    const paths = this.pathsToRead(flags)
    const { settings } = readConfig(paths.home, process.env)
    const { watchdogStatus } = await import('#core/watchdog/status.js')
    const status = await watchdogStatus(paths, settings, realClock.now())
    this.say(watchdogText(status))
    return status
  }

  async #ofAll(home: string | undefined): Promise<SharedStatus> {
    const paths = sharedPaths(home)
    const { isFolder } = await import('#core/platform/fs/files.js')
    const { servicesOfHome } = await import('#core/service/open-services.js')
    const { sharedConfig } = await import('#core/watchdog/shared/shared-config.js')
    const { sharedStatus } = await import('#core/watchdog/shared/shared-status.js')
    const isThere = isFolder(paths.home)
    const config = sharedConfig(paths, { NSSM_PATH: process.env.NSSM_PATH })
    const services = isThere ? await servicesOfHome(realClock, paths, config).catch(() => undefined) : undefined
    if (isThere) becomeOwnerOf(paths.home)
    const status = await sharedStatus(paths, services, (folder) => readFullConfig(folder, {}), realClock.now())
    this.say(inSharedWords(sharedStatusText(status)))
    return status
  }
}
