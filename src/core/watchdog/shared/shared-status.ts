import type { Config } from '#core/config/load.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { readHolderNow } from '#core/home/lock.js'
import { isRunning } from '#core/platform/process/process-id.js'
import type { Services } from '#core/service/services.js'
import { type ServiceStatus, serviceStatus } from '#core/service/status/status.js'
import { type WatchdogStatus, watchdogStatus } from '#core/watchdog/status.js'
import { type HomeStanding, readSharedFile } from './shared-file.js'
import type { Standing } from './standing.js'

/** The output of `watchdog status --all --json`. */
export interface SharedStatus {
  readonly running: boolean
  readonly pid: number | null
  /** Its service; null where none is installed. */
  readonly service: Pick<
    ServiceStatus,
    'name' | 'manager' | 'scope' | 'state' | 'since' | 'automatic' | 'warnings'
  > | null
  /** The homes as it sees them; empty where it does not run. */
  readonly homes: readonly SharedHomeStatus[]
}

/** A home of the shared watchdog; the figures are null where it doesn't watch it. */
export interface SharedHomeStatus extends Standing {
  readonly home: string
  /** The bot's status at the last observation; null for silence, too. */
  readonly bot: string | null
  readonly restarts_left: number | null
  readonly paused: WatchdogStatus['paused']
  readonly incident: WatchdogStatus['incident']
}

/** Reads the status of the shared watchdog. `services` are those of its folder; undefined where no manager can be asked. */
export async function sharedStatus(
  paths: HomePaths,
  services: Services | undefined,
  read: (home: string) => Config,
  wall: number,
): Promise<SharedStatus> {
  const holder = readHolderNow(paths.watchdogLock)
  const running = holder !== undefined && (await isRunning(holder))
  const file = running ? readSharedFile(paths) : undefined
  const isInstalled = services?.installed().watchdog !== undefined
  return {
    running,
    pid: running ? holder.pid : null,
    service: services && isInstalled ? serviceFacts(await serviceStatus(services, 'watchdog')) : null,
    homes: await Promise.all(sorted(file?.homes ?? []).map((one) => homeStatus(one, read, wall))),
  }
}

function sorted(homes: readonly HomeStanding[]): HomeStanding[] {
  return homes.toSorted((one, other) => one.home.localeCompare(other.home))
}

function serviceFacts({
  name,
  manager,
  scope,
  state,
  since,
  automatic,
  warnings,
}: ServiceStatus): SharedStatus['service'] {
  return { name, manager, scope, state, since, automatic, warnings }
}

async function homeStatus(
  { home, state, why }: HomeStanding,
  read: (home: string) => Config,
  wall: number,
): Promise<SharedHomeStatus> {
  const unknown = { home, state, why, bot: null, restarts_left: null, paused: null, incident: null }
  if (state !== 'watched') return unknown
  try {
    const { bot, restarts_left, paused, incident } = await watchdogStatus(homePaths(home), read(home).settings, wall)
    return { home, state, why, bot, restarts_left, paused, incident }
  } catch {
    return unknown // not permitted
  }
}
