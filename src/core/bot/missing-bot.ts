import { resolve } from 'node:path'
import { splitCommand } from '#core/config/command-words.js'
import type { Settings } from '#core/config/schema.js'
import { activeRelease } from '#core/state/active-release.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { exists } from '#core/system/files.js'
import { locateProgram } from './locate-program.js'

/** The bot that the settings name and that is not there, as a sentence. A name alone is left to PATH. */
export function missingBot(paths: HomePaths, settings: Pick<Settings, 'BOT_COMMAND' | 'BOT_MODULE'>): string[] {
  const folder = activeRelease(paths)?.folder ?? paths.home
  const { BOT_COMMAND, BOT_MODULE } = settings
  if (BOT_MODULE !== undefined) {
    const file = resolve(folder, BOT_MODULE)
    return exists(file) ? [] : [`BOT_MODULE: there is no file ${file}`]
  }
  const words = BOT_COMMAND === undefined ? [] : splitCommand(BOT_COMMAND)
  const [name] = Array.isArray(words) ? words : []
  if (name === undefined) return []
  const program = locateProgram(name, folder, process.platform)
  return !/[\\/]/.test(program) || exists(program) ? [] : [`BOT_COMMAND: there is no program ${program}`]
}
