import { type Fields, isObject, objectIn } from '#core/json.js'
import type { BotFiles } from './bot-files.js'

/** Returns the fields of the bot's package.json; none where there is no such file, or it is damaged. */
export function npmPackage(files: BotFiles): Fields {
  return objectIn(files.text('package.json') ?? '') ?? {}
}

/** Returns the scripts of package.json, by their names. */
export function npmScripts(files: BotFiles): Fields {
  const { scripts } = npmPackage(files)
  return isObject(scripts) ? scripts : {}
}

/** Returns the names of the packages that package.json depends on, without those for development. */
export function npmDependencies(files: BotFiles): string[] {
  const { dependencies } = npmPackage(files)
  return isObject(dependencies) ? Object.keys(dependencies) : []
}
