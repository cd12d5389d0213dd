import { dirname } from 'node:path'
import { Flags } from '@oclif/core'
import { ServiceCommand } from '#cli/service/service-command.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { isFolder } from '#core/platform/fs/files.js'
import { makeFolder, OWNER_FOLDER } from '#core/platform/fs/write-files.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { sharedPaths } from './shared-paths.js'
import { inSharedWords } from './shared-words.js'

export const allFlag = Flags.boolean({ summary: 'Required: the watchdog of all your homes.' })

/** The base of the commands on the service of the watchdog that all homes of a user share. Its folder stands for a home. */
export abstract class SharedCommand extends ServiceCommand {
  protected override paths(flags: { home?: string | undefined }): HomePaths {
    return sharedPaths(flags.home)
  }

  /**
   * Refuses a command line without `--all`; `other` is what to type for one home.
   * @throws CatalystError USAGE
   */
  protected demandAll(all: boolean, other: string): void {
    if (all) return
    throw new CatalystError('This is about the watchdog that all homes share: --all is missing.', {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: [
        `For all homes: catalyst ${this.id?.replaceAll(':', ' ')} --all`,
        `For one home: ${other} --home HOME`,
      ],
    })
  }

  /** Makes the folder of the shared watchdog, as the owner of the folder around it. */
  protected makeFolder({ own }: HomePaths): void {
    let around = own
    while (!isFolder(around)) around = dirname(around)
    actingAs(ownerOf(around), () => makeFolder(own, OWNER_FOLDER))
  }

  protected override say(text: string): void {
    super.say(inSharedWords(text))
  }

  protected override async catch(error: Parameters<ServiceCommand['catch']>[0]): Promise<unknown> {
    if (!(error instanceof CatalystError)) return super.catch(error)
    const { code, exit, details, message, suggestions } = error
    const words = { code, exit, details, suggestions: suggestions.map(inSharedWords), cause: error }
    return super.catch(new CatalystError(inSharedWords(message), words))
  }
}
