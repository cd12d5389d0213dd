import type { Config } from '#core/config/load.js'
import { messageOf } from '#core/errors.js'
import { readBotFile } from '#core/home/bot-file.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import { allRegistered } from '#core/home/registry.js'
import { registryBeside } from '#core/home/shared-watchdog.js'
import { exists } from '#core/platform/fs/files.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { carryOut } from '#core/service/action.js'
import { marksOf, readFacts, type Standing, standingOf } from './standing.js'

/** A registered home, and how it would stand with the shared watchdog. */
export interface SurveyedHome extends Standing {
  readonly home: string
  /** The service of a watchdog of its own. */
  readonly own_service: string | null
  /**
   * True where only WATCHDOG_ENABLED is missing, and its bot is a service or runs: a watchdog would start no bot that
   * nobody has started before.
   */
  readonly can_be_enabled: boolean
  /** BOT_STOP_TIMEOUT, in seconds. */
  readonly stop_timeout_seconds: number
}

/** Surveys the homes that are registered beside the folder of a shared watchdog. `read` reads the settings of one. */
export async function surveyHomes(
  { home: folder }: HomePaths,
  read: (home: string) => Config,
): Promise<SurveyedHome[]> {
  const owner = ownerOf(folder)
  const homes = actingAs(owner, () => (allRegistered(registryBeside(folder)) ?? []).filter(isThere))
  return Promise.all(homes.map((home) => survey(home, read)))
}

function isThere(home: string): boolean {
  return marksOf(homePaths(home)).some(exists)
}

async function survey(home: string, read: (home: string) => Config): Promise<SurveyedHome> {
  const paths = homePaths(home)
  const unknown = { own_service: null, can_be_enabled: false, stop_timeout_seconds: 0 }
  try {
    const { config, facts, installed, bot } = actingAs(ownerOf(home), () => {
      const config = read(home)
      return { config, facts: readFacts(paths, config), installed: readInstalled(paths), bot: readBotFile(paths.bot) }
    })
    const standing = standingOf(facts)
    const isOff = standing.state === 'left' && standingOf({ ...facts, isEnabled: true }).state === 'watched'
    const isUsed = installed.bot !== undefined || (bot !== undefined && (await isRunning(bot)))
    return {
      home,
      ...standing,
      own_service: facts.ownService ?? null,
      can_be_enabled: isOff && isUsed,
      stop_timeout_seconds: config.settings.BOT_STOP_TIMEOUT,
    }
  } catch (error) {
    return { home, state: 'failing', why: messageOf(error), ...unknown }
  }
}

/** Sets WATCHDOG_ENABLED=1 in these homes. */
export async function enableWatchdogs(homes: readonly string[]): Promise<void> {
  for (const home of homes) {
    const { env: path } = homePaths(home)
    await carryOut([{ do: 'set', path, name: 'WATCHDOG_ENABLED', value: '1' }], ownerOf(home))
  }
}
