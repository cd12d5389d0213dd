import { type Config, readConfig } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { secretForms } from '#core/config/secrets.js'
import { type Journal, openJournal } from '#core/journal/journal.js'
import { redactor } from '#core/logging/redact.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import { actingAs, asker, ownerOf, type User } from '#core/system/users.js'
import { type BotKeeper, findKeeper } from './bot-keeper.js'

/** What changing the version of a home needs. What it writes into the home belongs to the home's owner. */
export interface DeployHome {
  readonly clock: Clock
  readonly paths: HomePaths
  readonly config: Config
  readonly settings: Settings
  readonly owner: User
  readonly keeper: BotKeeper
  readonly journal: Journal
  readonly redact: (text: string) => string
  /** Who asked. */
  readonly by: string
  asOwner<T>(work: () => T): T
}

/**
 * Opens a home for a deployment. `load` reads its settings: readConfig takes faults in its stride, loadConfig throws them.
 * `keeper` is found out where it isn't given.
 * @throws CatalystError of {@link findKeeper}
 */
export async function openDeployHome(
  clock: Clock,
  paths: HomePaths,
  load: (home: string, environment: NodeJS.ProcessEnv) => Config = readConfig,
  keeper?: BotKeeper,
): Promise<DeployHome> {
  const owner = ownerOf(paths.home)
  const asOwner = <T>(work: () => T) => actingAs(owner, work)
  const service = asOwner(() => readConfig(paths.home, {}))
  const found = keeper ?? (await findKeeper(clock, { paths, owner, service }))
  const config = asOwner(() => load(paths.home, found.environment))
  const redact = redactor(secretForms({ ...process.env, ...config.environment }))
  const plain = openJournal(clock, paths.journal, redact)
  const by = asker()
  return {
    clock,
    paths,
    config,
    settings: config.settings,
    owner,
    keeper: found,
    redact,
    by,
    asOwner,
    journal: {
      append: (kind, details = {}) => asOwner(() => plain.append(kind, { ...details, by })),
      note: (kind, details = {}) => asOwner(() => plain.note(kind, { ...details, by })),
    },
  }
}
