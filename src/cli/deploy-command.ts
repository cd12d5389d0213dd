import { type Config, readConfig } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { secretForms } from '#core/config/secrets.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Shipped } from '#core/deploy/ending.js'
import type { Plan } from '#core/deploy/plan.js'
import type { Version } from '#core/deploy/refs.js'
import type { SettingsHome } from '#core/deploy/settings-backup.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { openJournal } from '#core/journal/journal.js'
import { redactor } from '#core/logging/redact.js'
import { realClock } from '#core/system/clock.js'
import { actingAs, ownerOf, type User } from '#core/system/users.js'
import { BaseCommand } from './base-command.js'
import { shippedText } from './deploy-text.js'
import { withIsoTimes } from './json-times.js'
import { canAsk, typeWord } from './prompts.js'

/** What the commands on versions and settings share. */
export abstract class DeployCommand extends BaseCommand {
  static override enableJsonFlag = true

  /** The home with its settings, which may have faults: a restore is to mend them. */
  protected settingsHome(flags: {
    home?: string | undefined
  }): SettingsHome & { readonly owner: User; readonly settings: Settings } {
    const paths = this.paths(flags)
    const owner = ownerOf(paths.home)
    const config = actingAs(owner, () => readConfig(paths.home, process.env))
    const journal = openJournal(realClock, paths.journal, redactor(secretForms(config.environment)))
    return { clock: realClock, paths, settings: config.settings, journal, owner }
  }

  /** The home as a deployment needs it, which nobody else may be changing. */
  protected async deployHome(
    flags: { home?: string | undefined },
    load: (home: string, environment: NodeJS.ProcessEnv) => Config = readConfig,
  ): Promise<DeployHome> {
    const { openDeployHome } = await import('#core/deploy/deploy-home.js')
    const { refuseIfLocked } = await import('#core/deploy/deploy-lock.js')
    const home = await openDeployHome(realClock, this.paths(flags), load)
    await refuseIfLocked(home.paths, home.owner)
    return home
  }

  /** The version that was asked for; on a terminal without a word the newest one is offered. */
  protected async version(home: DeployHome, ref: string | undefined, fetches: boolean): Promise<Version> {
    const { openRepository } = await import('#core/deploy/repository.js')
    const { fetchVersions, newestVersion } = await import('#core/deploy/fetch.js')
    const { resolveVersion } = await import('#core/deploy/refs.js')
    if (ref === undefined && !canAsk()) throw needsRef('Which version? There is no terminal to ask on.')
    const { git } = await openRepository(home.paths, home.owner)
    if (fetches) await fetchVersions(git, ref)
    if (ref !== undefined) return resolveVersion(git, ref)
    const newest = await newestVersion(git)
    if (newest === undefined) throw needsRef('There is no version tag on this branch to offer.')
    return resolveVersion(git, await typeWord('Which version?', undefined, newest))
  }

  protected override toSuccessJson(result: unknown): unknown {
    return withIsoTimes(result)
  }

  /** Carries out a plan and shows how it goes on. */
  protected async ship(home: DeployHome, plan: Plan): Promise<Shipped> {
    const { ship } = await import('#core/deploy/ship.js')
    const { deployHooks } = await import('./deploy-hooks.js')
    const hooks = deployHooks()
    const shipped = await ship(home, plan, hooks).finally(hooks.close)
    this.say(shippedText(shipped))
    return shipped
  }
}

function needsRef(why: string): CatalystError {
  return new CatalystError(why, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      'Name a tag or a commit: catalyst deploy run v1.2.3',
      'See the tags there are: catalyst deploy list-tags',
    ],
  })
}
