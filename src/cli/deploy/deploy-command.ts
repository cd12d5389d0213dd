import { BaseCommand } from '#cli/base-command.js'
import { withIsoTimes } from '#cli/json-times.js'
import { canAsk, typeWord } from '#cli/prompts.js'
import { showWait } from '#cli/wait-line.js'
import { type Config, readConfig } from '#core/config/load.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import type { Version } from '#core/deploy/git/refs.js'
import type { Plan } from '#core/deploy/plan.js'
import type { Shipped } from '#core/deploy/run/result.js'
import type { ShipOptions } from '#core/deploy/ship.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { Home } from '#core/home/home.js'
import { realClock } from '#core/platform/clock.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { shippedText } from './deploy-text.js'

/** The base of the commands on versions and settings. */
export abstract class DeployCommand extends BaseCommand {
  static override enableJsonFlag = true

  /** Returns the home with its settings, which may have faults: a restore can repair them. */
  protected home(flags: { home?: string | undefined }): Home {
    return Home.open(realClock, this.paths(flags), process.env)
  }

  /** Opens the home for a deployment, and refuses where somebody else is changing it. */
  protected async deployHome(
    flags: { home?: string | undefined },
    load: (home: string, environment: NodeJS.ProcessEnv) => Config = readConfig,
  ): Promise<DeployHome> {
    const { openDeployHome } = await import('#core/deploy/deploy-home.js')
    const { refuseIfLocked } = await import('#core/deploy/deploy-lock.js')
    const home = await openDeployHome(realClock, this.paths(flags), load)
    await refuseIfLocked(home)
    useProxiesOf({ ...home.config.environment, ...process.env }) // for alerts to the admin
    return home
  }

  /** Returns the version that was asked for. Without a ref it asks on the terminal, and offers the newest one. */
  protected async version(home: DeployHome, ref: string | undefined, fetches: boolean): Promise<Version> {
    const { openRepository } = await import('#core/deploy/git/repository.js')
    const { fetchVersions, newestVersion } = await import('#core/deploy/git/fetch.js')
    const { resolveVersion } = await import('#core/deploy/git/refs.js')
    if (ref === undefined && !canAsk()) throw needsRef('Which version? There is no terminal to ask on.')
    const { git } = await openRepository(home)
    if (fetches) await showWait('Fetching the versions from the remote', () => fetchVersions(git, ref))
    if (ref !== undefined) return resolveVersion(git, ref)
    const newest = await newestVersion(git)
    if (newest === undefined) throw needsRef('There is no version tag on this branch to offer.')
    return resolveVersion(git, await typeWord('Which version?', undefined, newest))
  }

  protected override toSuccessJson(result: unknown): unknown {
    return withIsoTimes(result)
  }

  /** Carries out a plan, and shows its progress. */
  protected async ship(home: DeployHome, plan: Plan, options: ShipOptions = {}, text = shippedText): Promise<Shipped> {
    const { ship } = await import('#core/deploy/ship.js')
    const { deployHooks } = await import('./deploy-hooks.js')
    const hooks = deployHooks()
    const shipped = await ship(home, plan, hooks, options).finally(hooks.close)
    this.say(text(shipped))
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
