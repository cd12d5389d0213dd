import { BUILT_IN } from '#core/bot/built-in.js'
import { botEnvironment, pathOf } from '#core/bot/environment.js'
import { patternFaults } from '#core/bot/proof/pattern.js'
import { askRuntimeFault } from '#core/bot/runtime/read-runtime.js'
import { withRemedy } from '#core/bot/runtime/runtime-fault.js'
import { commandWords } from '#core/config/command-words.js'
import type { Config } from '#core/config/load.js'
import { activeRelease } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { ownerOf } from '#core/platform/process/users.js'
import { checkModule } from './check-module.js'
import { type CommandSetting, notStartedText, refusalOf, remedyOf, WHY_NOT_STARTED } from './find-program.js'
import { type Findings, NOTHING_FOUND, together } from './findings.js'
import { locateProgram } from './locate-program.js'
import { scriptOf } from './script-of.js'

/** The facts of a check that its caller knows. */
export interface CheckOptions {
  /** The PATH that the bot has as a service. */
  readonly servicePath: string | undefined
  /**
   * The time for BOT_MODULE to load; 0 where a bot that runs has loaded it already, so that nothing of it must be run
   * to know that it exports a bot.
   */
  readonly loadMs?: number
}

/**
 * Finds what would prevent the start of the bot that the settings name: a program, a script or a module that isn't
 * there, a module that exports no bot, a release whose runtime has changed.
 */
export async function checkBot(
  clock: Clock,
  paths: HomePaths,
  { settings, environment }: Pick<Config, 'settings' | 'environment'>,
  { servicePath, loadMs }: CheckOptions,
): Promise<Findings> {
  const release = activeRelease(paths)
  const folder = release?.folder ?? paths.home
  const { BOT_MODULE } = settings
  const seen = botEnvironment(environment, { CATALYST_HOME: paths.home })
  const fault = release && (await askRuntimeFault({ paths, release, settings, environment: seen }, ownerOf(paths.home)))
  if (fault?.isSure) return { faults: [withRemedy(fault)], hints: [] }
  const found = together([
    fault === undefined ? NOTHING_FOUND : { faults: [], hints: [withRemedy(fault)] },
    ...COMMANDS.map((setting) => checkCommand(setting, settings[setting], folder, seen, servicePath)),
    { faults: await patternFaults(settings), hints: [] },
    BOT_MODULE === undefined || BOT_MODULE === BUILT_IN
      ? NOTHING_FOUND
      : await checkModule(clock, BOT_MODULE, folder, seen, loadMs),
  ])
  const mayCome = found.faults.length > 0 && release === undefined && exists(`${paths.home}/.git`)
  return mayCome
    ? {
        ...found,
        hints: [...found.hints, 'No version is active yet: where one brings the bot, catalyst deploy run VERSION'],
      }
    : found
}

const COMMANDS = ['BOT_COMMAND', 'BOT_STOP_COMMAND', 'BOT_HEALTH_COMMAND'] as const satisfies CommandSetting[]

/** Checks that the program is there, and the script that it is to run. */
function checkCommand(
  setting: CommandSetting,
  command: string | undefined,
  folder: string,
  environment: Readonly<Record<string, string>>,
  servicePath: string | undefined,
): Findings {
  if (command === undefined) return NOTHING_FOUND
  const { platform } = process
  const words = commandWords(command)
  const [name] = words
  if (name === undefined) return NOTHING_FOUND
  const program = locateProgram(name, folder, platform)
  const refusal = (path: string | undefined) => refusalOf(program, { folder, path, platform })
  const code = refusal(pathOf(environment))
  if (code !== undefined) {
    const why = WHY_NOT_STARTED[code] ?? code
    return {
      faults: [`${notStartedText(program, folder, why, setting)} ${remedyOf(code, program, { setting })}`],
      hints: [],
    }
  }
  const script = scriptOf(words, folder, platform)
  const isMissing = script !== undefined && !script.paths.some(exists)
  return {
    faults: isMissing
      ? [`${setting}: there is no file ${script.paths[0]} for ${program} to run. Correct ${setting} in .env.`]
      : [],
    hints:
      servicePath !== undefined && refusal(servicePath) !== undefined
        ? [`${setting}: as a service ${program} would not be found in PATH (${servicePath}). Write its whole path.`]
        : [],
  }
}
