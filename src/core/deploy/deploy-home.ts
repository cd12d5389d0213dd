import { type Config, readConfig } from '#core/config/load.js'
import { refuseForeignState } from '#core/home/foreign-state.js'
import { Home, type HomeFacts } from '#core/home/home.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { tell } from '#core/platform/process/stderr.js'
import { findSupervisor } from '#core/supervisor/find-supervisor.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'

/** A home whose version is to be changed. */
export class DeployHome extends Home {
  readonly supervisor: Supervisor

  constructor(facts: HomeFacts, supervisor: Supervisor) {
    super(facts)
    this.supervisor = supervisor
  }
}

/**
 * Opens a home for a deployment, with the settings as its bot sees them. `read` may throw their faults. `supervisor` is
 * looked for where it isn't given.
 * @throws CatalystError STATE_REFUSED; those of {@link findSupervisor}
 */
export async function openDeployHome(
  clock: Clock,
  paths: HomePaths,
  read: (home: string, environment: NodeJS.ProcessEnv) => Config = readConfig,
  supervisor?: Supervisor,
): Promise<DeployHome> {
  const home = Home.open(clock, paths, {})
  for (const warning of await refuseForeignState(home)) tell(`Warning: ${warning}.`)
  const found = supervisor ?? (await findSupervisor(home))
  const config = home.asOwner(() => read(paths.home, found.environment))
  return new DeployHome({ clock, paths, config, owner: home.owner }, found)
}
